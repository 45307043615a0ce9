"""The store: transactions over one engine, each with every group of operations in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Generic, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from tagserver.ports import ScanRecord, StoreError, StoreUnavailableError
from tagserver.store.accounts import SqlAccounts
from tagserver.store.anchors import SqlAnchors
from tagserver.store.audit import SqlAudit
from tagserver.store.batches import SqlBatches
from tagserver.store.database import for_reading, for_writing
from tagserver.store.event_leaves import SqlEventLeaves
from tagserver.store.group_commit import GroupCommit
from tagserver.store.issuer_keys import SqlIssuerKeys
from tagserver.store.log_book import SqlLogBook
from tagserver.store.migrate import require_current
from tagserver.store.organisations import SqlOrganisations
from tagserver.store.products import SqlProducts
from tagserver.store.recalls import SqlRecalls
from tagserver.store.reports import SqlReports
from tagserver.store.requests import SqlRequests
from tagserver.store.scans import SqlScans
from tagserver.store.second_factors import SqlSecondFactors
from tagserver.store.sessions import SqlSessions
from tagserver.store.tokens import SqlTokens
from tagserver.store.tries import SqlTries
from tagserver.store.units import SqlUnits
from tagserver.store.walks import SqlWalks
from tagserver.store.witnesses import SqlWatchedLogs, SqlWitnesses

Operations = TypeVar("Operations")


class _Group(Generic[Operations]):
    """A group of operations, made when a transaction first asks for it: most need a few of them."""

    def __init__(self, kind: Callable[[Connection], Operations]) -> None:
        self._kind = kind

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name

    def __get__(self, transaction: SqlTransaction, _owner: type) -> Operations:
        """Found under its name in the transaction itself from then on."""
        made = transaction.__dict__[self._name] = self._kind(transaction.connection)
        return made


class SqlTransaction:
    """Implements `tagserver.ports.Transaction` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    organisations = _Group(SqlOrganisations)
    tokens = _Group(SqlTokens)
    products = _Group(SqlProducts)
    keys = _Group(SqlIssuerKeys)
    batches = _Group(SqlBatches)
    units = _Group(SqlUnits)
    recalls = _Group(SqlRecalls)
    scans = _Group(SqlScans)
    requests = _Group(SqlRequests)
    audit = _Group(SqlAudit)
    accounts = _Group(SqlAccounts)
    second_factors = _Group(SqlSecondFactors)
    sessions = _Group(SqlSessions)
    tries = _Group(SqlTries)
    reports = _Group(SqlReports)
    log = _Group(SqlLogBook)
    event_leaves = _Group(SqlEventLeaves)
    witnesses = _Group(SqlWitnesses)
    watched_logs = _Group(SqlWatchedLogs)
    walks = _Group(SqlWalks)
    anchors = _Group(SqlAnchors)


class SqlStore:
    """Implements `tagserver.ports.Store`. Safe to share between threads; not over a fork."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._for_reading = for_reading(engine)
        self._for_writing = for_writing(engine)
        self._scans = GroupCommit(self._write_scans)

    @contextmanager
    def read(self) -> Iterator[SqlTransaction]:
        """One moment's picture; PostgreSQL refuses a change in it. Raises StoreUnavailableError."""
        with _outages_named(), self._for_reading.connect() as connection:
            connection.begin()
            yield SqlTransaction(connection)  # giving the connection back ends what it began

    @contextmanager
    def write(self) -> Iterator[SqlTransaction]:
        """Durable when the block has ended. Raises StoreUnavailableError."""
        with _outages_named(), self._for_writing.begin() as connection:
            yield SqlTransaction(connection)

    def record(self, scans: Sequence[ScanRecord]) -> None:
        """Durable when it returns, in one transaction with those of other threads. Raises StoreUnavailableError."""
        self._scans.record(scans)

    def is_healthy(self) -> bool:
        """Asks the database itself, each time."""
        try:
            with _outages_named():
                require_current(self._engine)
        except StoreError:
            return False
        return True

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def _write_scans(self, scans: Sequence[ScanRecord]) -> None:
        with self.write() as transaction:
            for scan in scans:
                transaction.scans.add(scan)


@contextmanager
def _outages_named() -> Iterator[None]:
    """Turn "locked", "deadlock", "connection refused" and their like into one error that says to try
    again.
    """
    try:
        yield
    except (OperationalError, PoolTimeoutError) as error:
        raise StoreUnavailableError from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise StoreUnavailableError from error
        raise
