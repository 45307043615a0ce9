"""A real witness of somebody else's making: torchwood's litewitness, with its key in a real ssh-agent."""

from __future__ import annotations

import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tagcore.note import VerifierKey, format_verifier_key, parse_verifier_key
from tests.built import require_built
from tests.parts import require_part

NAME = "witness.example.org/lite"
START_SECONDS = 60

_VKEY = re.compile(r"vkey=(\S+)")


class Litewitness:
    """A witness with its database in `folder`; it can be stopped and started again, and killed."""

    def __init__(self, folder: Path, agent: Path, fingerprint: str) -> None:
        self._folder = folder
        self._agent = agent
        self._fingerprint = fingerprint
        self._port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"http://127.0.0.1:{self._port}"

    @property
    def key(self) -> VerifierKey:
        """As the witness itself prints it."""
        found = _VKEY.search(self._log.read_text())
        assert found is not None, self._log.read_text()
        return parse_verifier_key(found[1])

    @property
    def _log(self) -> Path:
        return self._folder / "log"

    def watch(self, log: VerifierKey) -> None:
        """Have it witness `log`, as its own witnessctl does: two rows. It begins knowing nothing of the tree."""
        nothing = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
        with closing(sqlite3.connect(self._folder / "litewitness.db")) as database, database:
            database.execute("INSERT INTO log VALUES (?, 0, ?)", (log.name, nothing))
            database.execute("INSERT INTO key VALUES (?, ?)", (log.name, format_verifier_key(log)))

    def start(self) -> None:
        """Returns once it answers."""
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    require_built("litewitness"),
                    f"-name={NAME}",
                    f"-db={self._folder / 'litewitness.db'}",
                    f"-ssh-agent={self._agent}",
                    f"-key={self._fingerprint}",
                    f"-listen=127.0.0.1:{self._port}",
                ],
                stdout=log,
                stderr=log,
                cwd=self._folder,
            )
        deadline = time.monotonic() + START_SECONDS
        while not _answers(self._port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(self._log.read_text())
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it, or kill it."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(START_SECONDS)
            self._process = None


@contextmanager
def running_litewitness() -> Iterator[Litewitness]:
    """A witness that answers, in a folder of its own."""
    require_built("litewitness")
    require_part(shutil.which("ssh-agent") is not None, "ssh-agent", "apt-get install openssh-client")
    with tempfile.TemporaryDirectory(prefix="witness-") as name, _agent(Path(name)) as (agent, fingerprint):
        witness = Litewitness(Path(name), agent, fingerprint)
        witness.start()
        try:
            yield witness
        finally:
            witness.stop()


@contextmanager
def _agent(folder: Path) -> Iterator[tuple[Path, str]]:
    """A key agent that holds one new key: its socket, and the key's fingerprint."""
    agent, key = folder / "agent", folder / "key"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", agent], stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not agent.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key))
        _run("ssh-add", "-q", str(key), environ={"SSH_AUTH_SOCK": str(agent), "PATH": "/usr/bin:/bin"})
        yield agent, _run("ssh-keygen", "-l", "-f", str(key)).split()[1]
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def _run(*command: str, environ: dict[str, str] | None = None) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environ).stdout


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
