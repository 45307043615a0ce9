"""Load for an HTTP server on this machine: prepared requests over connections that stay open, and how long each took.

One thread and as little work a request as can be, so that the server is what is measured:
`python -m bench.peers.load PORT CONNECTIONS SECONDS RATE < REQUESTS` (rate 0: as fast as answers come). Requests are
read from standard input, each with its length in four bytes before it; the milliseconds that each answer took, in
order, go to standard output as JSON.
"""

import json
import selectors
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle

_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = b"content-length: "
PATIENCE_SECONDS = 10


@dataclass(slots=True)
class Connection:
    """One request at a time; `due` is when the present one was to be sent, 0 while none is under way."""

    socket: socket.socket
    due: float = 0.0
    answer: bytearray = field(default_factory=bytearray)

    def send(self, request: bytes, due: float) -> None:
        """Begin a request."""
        self.due = due
        self.answer.clear()
        self.socket.sendall(request)

    def receive(self) -> bool:
        """Take what came; whether the answer is whole. Raises: RuntimeError for any status but 200."""
        piece = self.socket.recv(65536)
        if not piece:
            raise RuntimeError("the server closed a connection")
        self.answer += piece
        head = self.answer.find(_END_OF_HEAD)
        if head < 0:
            return False
        if not self.answer.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"got {bytes(self.answer[:400])!r}, want status 200")
        start = bytes(self.answer[:head]).lower().find(_LENGTH) + len(_LENGTH)
        length = int(self.answer[start : self.answer.find(b"\r", start)])
        return len(self.answer) >= head + len(_END_OF_HEAD) + length


def run(port: int, connections: int, seconds: float, rate: float, requests: list[bytes]) -> list[float]:
    """Milliseconds of each request, in the order of their answers.

    With a rate, a request that finds no free connection waits for one, and its time counts from when it was due.
    """
    idle = [_connect(port) for _ in range(connections)]
    selector = selectors.DefaultSelector()
    for connection in idle:
        selector.register(connection.socket, selectors.EVENT_READ, connection)
    took: list[float] = []
    started = time.perf_counter()
    due = _due(started, seconds, rate)
    following = next(due, None)
    source = cycle(requests)
    while following is not None or len(idle) < connections:
        now = time.perf_counter()
        while idle and following is not None and following <= now:
            idle.pop().send(next(source), following if rate else now)
            following = next(due, None)
        wait = max(0.0, following - now) if idle and following is not None else PATIENCE_SECONDS
        for key, _ in selector.select(wait):
            answered: Connection = key.data
            if answered.receive():
                took.append((time.perf_counter() - answered.due) * 1000)
                idle.append(answered)
    return took


def _due(started: float, seconds: float, rate: float) -> Iterator[float]:
    """When requests are to be sent: at an even pace, or at once until the time is over."""
    number = 0
    while rate and number < seconds * rate:
        yield started + number / rate
        number += 1
    while not rate and time.perf_counter() < started + seconds:
        yield started


def _connect(port: int) -> Connection:
    connected = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Connection(connected)


def _read_requests(data: bytes) -> list[bytes]:
    requests, at = [], 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 4])
        requests.append(data[at + 4 : at + 4 + length])
        at += 4 + length
    return requests


def main() -> None:
    """As the module says."""
    port, connections, seconds, rate = sys.argv[1:5]
    requests = _read_requests(sys.stdin.buffer.read())
    sys.stdout.write(json.dumps(run(int(port), int(connections), float(seconds), float(rate), requests)))


if __name__ == "__main__":
    main()
