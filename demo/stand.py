"""A producer's stand for one occasion: a workspace made by the real commands, and its site on a free port.

What the tests, the benches and the screenshots look at; `demo.shop` is the one that stays.
"""

from __future__ import annotations

import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from demo.commands import DemoError
from demo.shop import BOTTLE, COUNT, LOT, PREFIX, PRODUCER

BIN = Path(sys.executable).parent
START_SECONDS = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """A workspace with an activated batch of bottles; its sheets of labels and its trust bundle."""

    home: Path
    environ: Mapping[str, str]

    @property
    def labels(self) -> Path:
        """The sheets, A4, 24 labels each."""
        return self.home / "labels.pdf"

    @property
    def trust(self) -> Path:
        """The signed trust bundle."""
        return self.home / "trust.json"

    def copied(self, home: Path, settings: Mapping[str, str] | None = None) -> Stand:
        """The same in the new folder `home`, to go on from by itself; with more `settings`, if given."""
        shutil.copytree(self.home, home)
        return Stand(home=home, environ={**self.environ, "ORIGINTAG_HOME": str(home), **(settings or {})})

    def run(self, *command: str) -> str:
        """Run `tagserver`; what it printed. Raises: DemoError."""
        done = subprocess.run(
            [BIN / "tagserver", *command],
            env={**os.environ, **self.environ},
            text=True,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise DemoError(done.stderr)
        return done.stdout


def set_up(
    home: Path,
    *,
    site_name: str = "Jade River Origin Check",
    settings: Mapping[str, str] | None = None,
    count: int = COUNT,
) -> Stand:
    """Make it in the folder `home`, which may exist. `settings` are variables of its commands' environment; the batch
    has `count` bottles.

    Raises: DemoError.
    """
    secrets = home / "secrets.env"
    bare = Stand(home=home, environ={"ORIGINTAG_HOME": str(home)})
    bare.run("init", "--tag-host", "ID.EXAMPLE.COM", "--site-name", site_name, "--secrets-file", str(secrets))
    words = (word for line in secrets.read_text().splitlines() for word in shlex.split(line))
    variables = dict(word.split("=", 1) for word in words if "=" in word)
    made = Stand(home=home, environ={"ORIGINTAG_HOME": str(home), **variables, **(settings or {})})
    producer = ["--name", "Jade River", "--role", "producer", "--prefix", PREFIX]
    made.run("org", "create", PRODUCER, *producer)
    made.run("key", "create", PRODUCER)
    about = ["--org", PRODUCER, "--name", "Red Sorghum Baijiu 52 %", "--size", "500 ml"]
    made.run("product", "create", BOTTLE, *about)
    order = ["--product", BOTTLE, "--lot", LOT, "--count", str(count)]
    made.run("issue", *order, "--out", str(made.labels))
    made.run("event", "batch", "1", "activate")
    made.run("trust", "show", "--out", str(made.trust))
    return made


@contextmanager
def served(stand: Stand) -> Iterator[str]:
    """The address of its site, served by the real command until the block ends. Raises: DemoError."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = stand.home / "server.log"
    command = [str(BIN / "tagserver"), "serve", "--port", str(port)]
    with log.open("w") as out:
        server = subprocess.Popen(command, env={**os.environ, **stand.environ}, stdout=out, stderr=out)
        try:
            yield _ready(f"http://127.0.0.1:{port}", server, log)
        finally:
            server.terminate()
            server.wait(timeout=20)


def _ready(address: str, server: subprocess.Popen[bytes], log: Path) -> str:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            if httpx.get(f"{address}/readyz").status_code == 200:
                return address
        except httpx.TransportError:
            time.sleep(0.1)
    raise DemoError(log.read_text())
