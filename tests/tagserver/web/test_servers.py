"""Through a real server, over a real socket: what is sent is what is verified."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from waitress.server import create_server

from tests.tagserver.web.cast import Stage


@contextmanager
def served(stage: Stage) -> Iterator[int]:
    server = create_server(stage.app, host="127.0.0.1", port=0, threads=2)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server.effective_port  # type: ignore[union-attr] # one address, one server
    finally:
        server.close()
        thread.join(timeout=5)


def ask(port: int, target: str) -> str:
    """One request whose target is sent byte for byte."""
    request = f"GET {target} HTTP/1.1\r\nHost: id.example.com\r\nAccept: application/json\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request.encode("ascii"))
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    return answer.decode("utf-8")


def test_escapes_reach_the_verification_untouched(stage: Stage) -> None:
    stage.register()
    batch = stage.issue(lot="A/B", serials=("X/21/Y", "//"), count=2)
    with served(stage) as port:
        for path in stage.paths(batch):
            assert '"level":"match"' in ask(port, path)
            assert '"code":"MALFORMED"' in ask(port, path.replace("%2F", "/"))
            assert '"code":"MALFORMED"' in ask(port, path.replace("%2F", "%2f"))


def test_a_file_in_the_making_reaches_the_client(stage: Stage) -> None:
    stage.register()
    stage.issue()
    token = stage.tokens[next(iter(stage.tokens))]
    with served(stage) as port:
        request = (
            f"GET /v1/batches/1/labels.csv HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
            "Connection: close\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(request.encode("ascii"))
            answer = b""
            while piece := connection.recv(65536):
                answer += piece
    assert answer.count(b"HTTPS://ID.EXAMPLE.COM/01/") == 5
