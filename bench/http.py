"""Verify tags over HTTP against the real server, beside a bare Flask "hello" under the same server and threads.

`tagserver serve` and the peer each run as one process of their own, with eight threads of waitress; the load comes
from a third process. They take turns, so that what else the machine does falls on both.
"""

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from bench.figure import Figure
from bench.serving import addresses, free_port, program, server, workspace

TAGS = 10_000
THREADS = 8
CONNECTIONS = 8
ROUNDS = 4
SLICE_SECONDS = 1.0
STEADY_SECONDS = 4.0


class Ports(NamedTuple):
    """Where each of the three servers listens."""

    hello: int
    least: int
    ours: int


def figures() -> Iterator[Figure]:
    """Verifications a second, their ratio to hello, pages, and the wait at half load."""
    with TemporaryDirectory() as folder:
        environ = workspace(Path(folder) / "workspace", TAGS)
        tags = addresses(environ, Path(folder) / "addresses.csv")
        ports = Ports(hello=free_port(), least=free_port(), ours=free_port())
        serve_command = [program(), "serve", "--port", str(ports.ours), "--threads", str(THREADS)]
        with (
            server(_peer("hello", ports.hello), ports.hello, environ),
            server(_peer("least", ports.least), ports.least, environ),
            server(serve_command, ports.ours, environ),
        ):
            hello, least, verify, page = _taking_turns(ports, tags)
            steady = _load(ports.ours, _verifications(tags), seconds=STEADY_SECONDS, rate=verify / 2)
    alone = f"one process, {THREADS} threads, SQLite, {TAGS:,} tags"
    yield Figure(figure="http_verify_per_second", value=verify, unit="requests/s", against=alone)
    yield Figure(
        figure="http_verify_over_hello",
        value=verify / hello,
        unit="",
        against=f"Flask's hello, {hello:,.0f} requests/s",
    )
    yield Figure(
        figure="http_least_over_hello",
        value=least / hello,
        unit="",
        against="a signature, two rows read, one written durably, and nothing else",
    )
    yield Figure(figure="http_page_over_hello", value=page / hello, unit="", against="the page for browsers")
    p95 = statistics.quantiles(steady, n=20)[-1]
    yield Figure(figure="http_verify_p95_ms", value=p95, unit="ms", against=f"{verify / 2:,.0f} requests/s")


def _peer(name: str, port: int) -> list[str]:
    return [sys.executable, "-m", f"bench.peers.{name}", str(port), str(THREADS)]


def _taking_turns(ports: Ports, tags: Sequence[str]) -> list[float]:
    """Medians of requests a second: hello, the least that verifies, a verification as JSON, and as a page."""
    hello, least = [_post("/hello", {"text": tags[0]})], [_post("/least", {"text": tag}) for tag in tags]
    verify, pages = _verifications(tags), [_get(tag) for tag in tags]
    share = len(tags) // ROUNDS
    rates: list[list[float]] = [[], [], [], []]
    for turn in range(ROUNDS):
        part = slice(turn * share, (turn + 1) * share)
        loads = (
            (ports.hello, hello),
            (ports.least, least[part]),
            (ports.ours, verify[part]),
            (ports.ours, pages[part]),
        )
        for rate, (port, requests) in zip(rates, loads, strict=True):
            rate.append(len(_load(port, requests, seconds=SLICE_SECONDS)) / SLICE_SECONDS)
    return [statistics.median(rate) for rate in rates]


def _verifications(tags: Sequence[str]) -> list[bytes]:
    return [_post("/v1/verify", {"text": tag}) for tag in tags]


def _post(path: str, body: Mapping[str, str]) -> bytes:
    content = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: id.example.com\r\nUser-Agent: Bench/1.0\r\nAccept: application/json\r\n"
    return (
        f"{head}Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content
    )


def _get(address: str) -> bytes:
    path = "/" + address.split("/", 3)[3]
    return f"GET {path} HTTP/1.1\r\nHost: id.example.com\r\nUser-Agent: Bench/1.0\r\nAccept: text/html\r\n\r\n".encode()


def _load(port: int, requests: Sequence[bytes], *, seconds: float, rate: float = 0.0) -> list[float]:
    """Milliseconds that each request took, in a process apart."""
    prepared = b"".join(len(request).to_bytes(4) + request for request in requests)
    command = [sys.executable, "-m", "bench.peers.load", str(port), str(CONNECTIONS), str(seconds), str(rate)]
    done = subprocess.run(command, input=prepared, stdout=subprocess.PIPE, check=True, timeout=60)
    took: list[float] = json.loads(done.stdout)
    return took
