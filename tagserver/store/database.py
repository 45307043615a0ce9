"""Opening the database: what SQLite and PostgreSQL each need before they keep the same promises.

The promises: a transaction is all or nothing and durable when it ends; a reader sees one moment; a writer
never fails because another is at work, it waits.
"""

from __future__ import annotations

import sqlite3

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url

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
    """The same database and pool, for transactions that write: they take SQLite's write lock at once.

    A transaction that reads first and asks for the lock later may be refused it for ever
    (SQLITE_BUSY_SNAPSHOT).
    """
    return engine.execution_options(**{_WRITES: True})


def for_reading(engine: Engine) -> Engine:
    """The same database and pool, for transactions that only read, all of it at one moment."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(**{_WRITES: False})
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


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
    if connection.get_execution_options().get(_WRITES, False):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return
    # A plain BEGIN touches no file and cannot fail. Naming errors costs SQLAlchemy as much as a query.
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.execute("BEGIN")
