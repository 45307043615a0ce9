"""What the benches of the server share: a workspace with one active batch, and servers that run while a block lasts."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.issue import GTIN, PRODUCER

START_SECONDS = 120

UNLIMITED = {
    f"ORIGINTAG_{name}_PER_MINUTE": "1000000"
    for name in ("VERIFICATIONS", "REQUESTS", "TOKEN_REQUESTS", "LISTS")
}
"""One address stands for all visitors here. Requests are counted all the same."""


@contextmanager
def server(command: Sequence[str], port: int, environ: Mapping[str, str]) -> Iterator[None]:
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


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


def workspace(home: Path, tags: int) -> dict[str, str]:
    """A workspace with one batch of `tags`, active; the environment of commands on it."""
    names = ("PASSPHRASE", "ROOT_PASSPHRASE", "SECRET")
    secrets = {f"ORIGINTAG_{name}": "only for measuring" for name in names}
    environ = {**os.environ, **secrets, **UNLIMITED, "ORIGINTAG_HOME": str(home)}
    lot = ["--lot", "L26-0914", "--expiry", "271231", "--count", str(tags)]
    for command in (
        ["init", str(home), "--tag-host", "ID.EXAMPLE.COM"],
        ["org", "create", PRODUCER, "--name", "Bench", "--role", "producer", "--prefix", "9520001"],
        ["key", "create", PRODUCER],
        ["product", "create", GTIN, "--org", PRODUCER, "--name", "Baijiu"],
        ["issue", "--product", GTIN, *lot],
        ["event", "batch", "1", "activate"],
    ):
        subprocess.run([program(), *command], env=environ, stdout=subprocess.DEVNULL, check=True)
    return environ


def addresses(environ: Mapping[str, str], file: Path) -> list[str]:
    """The tags' addresses, in the order of their serials."""
    command = [program(), "labels", "1", "--out", str(file)]
    subprocess.run(command, env=dict(environ), stdout=subprocess.DEVNULL, check=True)
    lines = file.read_text(encoding="utf-8").splitlines()
    return [cell for line in lines for cell in line.split(",") if cell.startswith("HTTPS://")]


def program() -> str:
    """The command `tagserver` of this environment."""
    return str(Path(sys.executable).parent / "tagserver")
