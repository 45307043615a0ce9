"""The least that a durable verification is made of, in Flask: read the body, check one Ed25519 signature, read two rows
by their keys, write one row that survives a power cut, answer in JSON.

No tag is decoded, no verdict weighed, nothing refused, no history read: what the real server does beside this is what
its answer is worth. No server of one Python process that keeps its promises is faster.

`python -m bench.peers.least PORT THREADS`
"""

import sqlite3
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import waitress
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask, Response, jsonify, request

from tagserver.store.group_commit import GroupCommit

ROWS = 10_000
MESSAGE = bytes(64)

app = Flask(__name__)
_key = Ed25519PrivateKey.generate()
_public, _signature = _key.public_key(), _key.sign(MESSAGE)
_local = threading.local()
_database = ""


class Scan(NamedTuple):
    """What the order of a group's scans is made from."""

    gtin: int
    serial: int
    at: int


def _connection() -> sqlite3.Connection:
    """One a thread."""
    if not hasattr(_local, "connection"):
        _local.connection = sqlite3.connect(_database, isolation_level=None)
        _local.connection.execute("PRAGMA journal_mode = WAL")
        _local.connection.execute("PRAGMA synchronous = FULL")
    found: sqlite3.Connection = _local.connection
    return found


def _write(scans: Sequence[Scan]) -> None:
    connection = _connection()
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany("INSERT INTO scan (unit) VALUES (?)", [(scan.gtin,) for scan in scans])
    connection.execute("COMMIT")


_group = GroupCommit(_write)  # type: ignore[arg-type] # short ones stand for scans here


@app.post("/least")
def least() -> Response:
    """One verification that verifies a signature, and nothing else."""
    text = request.get_json()["text"]
    unit = hash(text) % ROWS
    _public.verify(_signature, MESSAGE)
    connection = _connection()
    rows = [connection.execute("SELECT * FROM unit WHERE id = ?", (key,)).fetchone() for key in (unit, 0)]
    _group.record([Scan(unit, 0, 0)])  # type: ignore[list-item] # as above
    return jsonify(unit=rows[0][1], product=rows[1][1])


def main(port: int, threads: int) -> None:
    """Serve until the process ends."""
    global _database  # noqa: PLW0603 - a program of one file
    with TemporaryDirectory() as folder:
        _database = str(Path(folder) / "least.db")
        connection = _connection()
        connection.execute("CREATE TABLE unit (id INTEGER PRIMARY KEY, name TEXT)")
        connection.execute("CREATE TABLE scan (id INTEGER PRIMARY KEY, unit INTEGER)")
        connection.execute("BEGIN")
        connection.executemany(
            "INSERT INTO unit VALUES (?, ?)", [(key, f"unit {key}") for key in range(ROWS)]
        )
        connection.execute("COMMIT")
        waitress.serve(app, host="127.0.0.1", port=port, threads=threads)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
