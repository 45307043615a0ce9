"""Opening the database: what SQLite and PostgreSQL each need before they keep the same promises.

The promises: a transaction is all or nothing and durable when it ends; a reader sees one moment; a writer
never fails because another is at work, it waits.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url

if TYPE_CHECKING:
    import psycopg

    PostgresConnection: TypeAlias = psycopg.Connection[Any]

BUSY_TIMEOUT_SECONDS = 30
"""How long a writer waits for another. Writes take milliseconds; only a bulk load comes near a second."""

POOL_SIZE = 5
POOL_OVERFLOW = 15

_WRITES = "origintag_writes"


def open_engine(database_url: str) -> Engine:
    """An engine for `sqlite:///PATH` or `postgresql://…` (psycopg 3). Connects only when first used.

    Not for sharing over a fork: open it in each process. Raises: ValueError for another kind of database.
    """
    url = _with_driver(make_url(database_url))
    if url.get_backend_name() == "sqlite":
        return _open_sqlite(url)
    return create_engine(
        url,
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        pool_pre_ping=True,
        connect_args={"options": "-c timezone=UTC"},
    )


def for_writing(engine: Engine) -> Engine:
    """The same database and pool, for transactions of SQLAlchemy's own that write: SQLite's lock is taken at once.

    A transaction that reads first and asks for the lock later may be refused it for ever
    (SQLITE_BUSY_SNAPSHOT).
    """
    return engine.execution_options(**{_WRITES: True})


def begin(driver: object, *, writes: bool) -> None:
    """Begin a transaction on the driver's connection. Raises: the driver's errors."""
    if isinstance(driver, sqlite3.Connection):
        driver.execute("BEGIN IMMEDIATE" if writes else "BEGIN")  # a plain BEGIN touches no file
    elif not writes:
        from psycopg import IsolationLevel  # loaded by SQLAlchemy when this database is PostgreSQL

        connection = cast("PostgresConnection", driver)
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        connection.read_only = True


def end(driver: object) -> None:
    """Undo what was not committed, and leave the connection as `begin` found it. Raises: the driver's errors."""
    if isinstance(driver, sqlite3.Connection):
        driver.rollback()
        return
    connection = cast("PostgresConnection", driver)
    connection.rollback()
    if connection.read_only:
        connection.isolation_level = connection.read_only = None


def _with_driver(url: URL) -> URL:
    match url.drivername:
        case "sqlite" | "sqlite+pysqlite" | "postgresql+psycopg":
            return url
        case "postgresql" | "postgres":
            return url.set(drivername="postgresql+psycopg")
        case other:
            raise ValueError(f"got a database of kind {other!r}, want sqlite or postgresql")


def _open_sqlite(url: URL) -> Engine:
    if url.database in (None, "", ":memory:"):
        raise ValueError("got an SQLite database in memory, want a file: each connection would have its own")
    engine = create_engine(url, pool_size=POOL_SIZE, max_overflow=POOL_OVERFLOW)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # Python's module would begin transactions by itself, at its own moments: `_begin_sqlite` does it instead.
    connection.isolation_level = None
    # busy_timeout first: switching to WAL takes a lock that another process may hold.
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_SECONDS * 1000}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    if not driver.in_transaction:
        begin(driver, writes=connection.get_execution_options().get(_WRITES, False))
