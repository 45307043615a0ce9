"""Keeps the tests on this machine: every other address is refused before a packet leaves."""

import ipaddress
import sys


class OutsideNetworkError(BaseException):
    """A test tried to reach another machine.

    No `Exception`: code under test that treats a failed connection as an answer must not swallow it.
    """


def _is_here(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host in {None, "", "localhost"}:
        return True
    try:
        address = ipaddress.ip_address(str(host))
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _refuse_other_hosts(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        address = arguments[1]
        if not isinstance(address, tuple) or not address:  # a Unix socket, or one already connected
            return
        host = address[0]
    elif event in {"socket.gethostbyname", "socket.gethostbyaddr"}:
        host = arguments[0]
    else:
        return
    if not _is_here(host):
        raise OutsideNetworkError(f"{event}: {host!r} is another machine")


def forbid_other_hosts() -> None:
    """Refuse all but loopback for the rest of this process; it cannot be undone (an audit hook, PEP 578)."""
    sys.addaudithook(_refuse_other_hosts)
