import socket
import sys

import pytest

from tests.network import OutsideNetworkError

ELSEWHERE = "192.0.2.1"  # TEST-NET-1, RFC 5737: nobody's address


def test_a_test_may_talk_to_its_own_machine() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()


# The event is raised by hand, as `socket` raises it, so that a broken guard sends nothing.
@pytest.mark.parametrize(
    ("event", "arguments"),
    [
        ("socket.connect", (None, (ELSEWHERE, 443))),
        ("socket.sendto", (None, (ELSEWHERE, 53))),
        ("socket.getaddrinfo", ("example.invalid", 443, 0, 0, 0)),
        ("socket.getaddrinfo", (b"example.invalid", 443, 0, 0, 0)),
        ("socket.gethostbyname", ("example.invalid",)),
    ],
)
def test_a_test_may_not_reach_another_machine(event: str, arguments: tuple[object, ...]) -> None:
    with pytest.raises(OutsideNetworkError, match="another machine"):
        sys.audit(event, *arguments)


def test_a_socket_of_the_file_system_is_not_another_machine() -> None:
    sys.audit("socket.connect", None, "/run/some.socket")
