"""A real PostgreSQL server of the tests' own, and a fresh database in it for each test that asks.

The server keeps its files in a temporary folder and listens on a Unix socket there, on no port.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import psycopg
import pytest

from tests.parts import require_part

START_SECONDS = 30
SUPERUSER = "origintag"

# Durability is of no use to a folder that is deleted afterwards.
FAST_SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresServer:
    """A running server, reached by the socket in `folder`."""

    folder: Path

    def url(self, database: str) -> str:
        """Return the SQLAlchemy URL of `database`."""
        return f"postgresql+psycopg://{SUPERUSER}@/{database}?host={quote(str(self.folder), safe='')}"

    def execute(self, statement: str) -> None:
        """Run one statement in the maintenance database, outside a transaction."""
        with psycopg.connect(
            host=str(self.folder), user=SUPERUSER, dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement.encode())

    def create_database(self) -> str:
        """Make an empty database and return its SQLAlchemy URL."""
        name = f"test_{uuid4().hex}"
        self.execute(f"CREATE DATABASE {name}")
        return self.url(name)


def _find_programs() -> Path | None:
    """Return the folder of the newest server's programs (Debian keeps them out of PATH)."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if debian:
        return debian[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def _account() -> str | None:
    """Return whom to run the server as: PostgreSQL refuses to be root, so then its own account."""
    return "postgres" if os.geteuid() == 0 else None


@contextmanager
def _temporary_folder(owner: str | None) -> Iterator[Path]:
    """Make a folder that `owner` may write; its name is short, a socket's path has about 100 bytes."""
    folder = Path(tempfile.mkdtemp(prefix="origintag-pg-"))
    try:
        if owner:
            shutil.chown(folder, owner)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _initialise(programs: Path, folder: Path, owner: str | None) -> None:
    subprocess.run(
        [
            programs / "initdb",
            f"--pgdata={folder / 'data'}",
            f"--username={SUPERUSER}",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ],
        check=True,
        capture_output=True,
        cwd=folder,
        user=owner,
    )


def _start(programs: Path, folder: Path, owner: str | None) -> subprocess.Popen[bytes]:
    settings = [f"unix_socket_directories={folder}", "listen_addresses=", *FAST_SETTINGS]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [programs / "postgres", "-D", folder / "data", *(f"--{setting}" for setting in settings)],
            stdout=log,
            stderr=log,
            cwd=folder,
            user=owner,
        )


def _wait_until_it_answers(server: PostgresServer, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            server.execute("SELECT 1")
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((server.folder / "log").read_text()) from None
            time.sleep(0.05)
        else:
            return


@contextmanager
def _running(programs: Path, owner: str | None) -> Iterator[PostgresServer]:
    with _temporary_folder(owner) as folder:
        _initialise(programs, folder, owner)
        process = _start(programs, folder, owner)
        try:
            server = PostgresServer(folder=folder)
            _wait_until_it_answers(server, process)
            yield server
        finally:
            process.send_signal(signal.SIGINT)  # PostgreSQL's "fast" shutdown: connections are cut
            process.wait(START_SECONDS)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A server for the whole run; each worker process has its own."""
    programs = _find_programs()
    require_part(programs is not None, "a PostgreSQL server", "apt-get install postgresql")
    assert programs is not None
    with _running(programs, _account()) as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> str:
    """The SQLAlchemy URL of an empty database of this test's own; it goes with the server."""
    return postgres_server.create_database()
