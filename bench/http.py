"""Verify tags over HTTP against the real server, beside a bare Flask "hello" under the same server and threads.

`tagserver serve` and the peer each run as one process of their own, with eight threads of waitress; the load comes
from a third process. They take turns, so that what else the machine does falls on both.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figure import Figure
from bench.issue import GTIN, PRODUCER

TAGS = 10_000
THREADS = 8
CONNECTIONS = 8
ROUNDS = 4
SLICE_SECONDS = 1.0
STEADY_SECONDS = 4.0
START_SECONDS = 30

UNLIMITED = {
    f"ORIGINTAG_{name}_PER_MINUTE": "1000000"
    for name in ("VERIFICATIONS", "REQUESTS", "TOKEN_REQUESTS", "LISTS")
}
"""One address stands for all visitors here. Requests are counted all the same."""


def figures() -> Iterator[Figure]:
    """Verifications a second, their ratio to hello, pages, and the wait at half load."""
    with TemporaryDirectory() as folder:
        environ = _workspace(Path(folder) / "workspace")
        addresses = _addresses(environ, Path(folder) / "addresses.csv")
        ports = _free_port(), _free_port()
        hello_command = [sys.executable, "-m", "bench.peers.hello", str(ports[0]), str(THREADS)]
        serve_command = [_program(), "serve", "--port", str(ports[1]), "--threads", str(THREADS)]
        with _server(hello_command, ports[0], environ), _server(serve_command, ports[1], environ):
            hello, verify, page = _taking_turns(ports, addresses)
            steady = _load(ports[1], _verifications(addresses), seconds=STEADY_SECONDS, rate=verify / 2)
    alone = f"one process, {THREADS} threads, SQLite, {TAGS:,} tags"
    yield Figure(figure="http_verify_per_second", value=verify, unit="requests/s", against=alone)
    yield Figure(
        figure="http_verify_over_hello",
        value=verify / hello,
        unit="",
        against=f"Flask's hello, {hello:,.0f} requests/s",
    )
    yield Figure(figure="http_page_over_hello", value=page / hello, unit="", against="the page for browsers")
    p95 = statistics.quantiles(steady, n=20)[-1]
    yield Figure(figure="http_verify_p95_ms", value=p95, unit="ms", against=f"{verify / 2:,.0f} requests/s")


def _taking_turns(ports: tuple[int, int], addresses: Sequence[str]) -> tuple[float, float, float]:
    """Medians of requests a second: hello, a verification as JSON, and as a page."""
    hello, verify = [_post("/hello", {"text": addresses[0]})], _verifications(addresses)
    pages = [_get(address) for address in addresses]
    share = len(addresses) // ROUNDS
    rates: tuple[list[float], list[float], list[float]] = ([], [], [])
    for turn in range(ROUNDS):
        part = slice(turn * share, (turn + 1) * share)
        loads = ((ports[0], hello), (ports[1], verify[part]), (ports[1], pages[part]))
        for rate, (port, requests) in zip(rates, loads, strict=True):
            rate.append(len(_load(port, requests, seconds=SLICE_SECONDS)) / SLICE_SECONDS)
    hello_rate, verify_rate, page_rate = map(statistics.median, rates)
    return hello_rate, verify_rate, page_rate


def _verifications(addresses: Sequence[str]) -> list[bytes]:
    return [_post("/v1/verify", {"text": address}) for address in addresses]


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


@contextmanager
def _server(command: Sequence[str], port: int, environ: Mapping[str, str]) -> Iterator[None]:
    """Running, from when it answers until the block ends."""
    with subprocess.Popen(command, env=dict(environ), stdout=subprocess.DEVNULL) as process:
        try:
            _wait_for(port, process)
            yield
        finally:
            process.terminate()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"no server on port {port}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


def _workspace(home: Path) -> dict[str, str]:
    """A workspace with one batch, active; the environment of commands on it."""
    names = ("PASSPHRASE", "ROOT_PASSPHRASE", "SECRET")
    secrets = {f"ORIGINTAG_{name}": "only for measuring" for name in names}
    environ = {**os.environ, **secrets, **UNLIMITED, "ORIGINTAG_HOME": str(home)}
    lot = ["--lot", "L26-0914", "--expiry", "271231", "--count", str(TAGS)]
    for command in (
        ["init", str(home), "--tag-host", "ID.EXAMPLE.COM"],
        ["org", "create", PRODUCER, "--name", "Bench", "--role", "producer", "--prefix", "9520001"],
        ["key", "create", PRODUCER],
        ["product", "create", GTIN, "--org", PRODUCER, "--name", "Baijiu"],
        ["issue", "--product", GTIN, *lot],
        ["event", "batch", "1", "activate"],
    ):
        subprocess.run([_program(), *command], env=environ, stdout=subprocess.DEVNULL, check=True)
    return environ


def _addresses(environ: Mapping[str, str], file: Path) -> list[str]:
    """The tags' addresses, in the order of their serials."""
    command = [_program(), "labels", "1", "--out", str(file)]
    subprocess.run(command, env=dict(environ), stdout=subprocess.DEVNULL, check=True)
    lines = file.read_text(encoding="utf-8").splitlines()
    return [cell for line in lines for cell in line.split(",") if cell.startswith("HTTPS://")]


def _program() -> str:
    return str(Path(sys.executable).parent / "tagserver")
