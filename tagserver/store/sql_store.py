"""The store: transactions over one engine, each with every group of operations in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Generic, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from tagserver.ports import ScanRecord, StoreError, StoreUnavailableError
from tagserver.store.accounts import SqlAccounts
from tagserver.store.anchors import SqlAnchors
from tagserver.store.audit import SqlAudit
from tagserver.store.batches import SqlBatches
from tagserver.store.event_leaves import SqlEventLeaves
from tagserver.store.group_commit import GroupCommit
from tagserver.store.issuer_keys import SqlIssuerKeys
from tagserver.store.link import Link
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


_REFUSALS = (DBAPIError, PoolTimeoutError)


class _Group(Generic[Operations]):
    """A group of operations, made when a transaction first asks for it: most need a few of them."""

    def __init__(self, kind: Callable[[Link], Operations]) -> None:
        self._kind = kind

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name

    def __get__(self, transaction: SqlTransaction, _owner: type) -> Operations:
        """Found under its name in the transaction itself from then on."""
        made = transaction.__dict__[self._name] = self._kind(transaction.link)
        return made


class SqlTransaction:
    """Implements `tagserver.ports.Transaction` on one connection."""

    def __init__(self, link: Link) -> None:
        self.link = link

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


class _Block:
    """The `with` block of a transaction: what goes wrong in the database is named, and nothing is left half done."""

    def __init__(self, engine: Engine, *, writes: bool) -> None:
        self._engine = engine
        self._writes = writes

    def __enter__(self) -> SqlTransaction:
        try:
            self._link = Link(self._engine, writes=self._writes)
        except _REFUSALS as error:
            _raise_outage(error)
            raise
        return SqlTransaction(self._link)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._writes and error is None:
                self._link.commit()
        except _REFUSALS as refused:
            _raise_outage(refused)
            raise
        finally:
            self._link.close()
        if isinstance(error, _REFUSALS):
            _raise_outage(error)


class SqlStore:
    """Implements `tagserver.ports.Store`. Safe to share between threads; not over a fork."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._scans = GroupCommit(self._write_scans)

    def read(self) -> _Block:
        """One moment's picture; PostgreSQL refuses a change in it. Raises StoreUnavailableError."""
        return _Block(self._engine, writes=False)

    def write(self) -> _Block:
        """Durable when the block has ended. Raises StoreUnavailableError."""
        return _Block(self._engine, writes=True)

    def record(self, scans: Sequence[ScanRecord]) -> None:
        """Durable when it returns, in one transaction with those of other threads. Raises StoreUnavailableError."""
        self._scans.record(scans)

    def is_healthy(self) -> bool:
        """Asks the database itself, each time."""
        try:
            require_current(self._engine)
        except (StoreError, *_REFUSALS):
            return False
        return True

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def _write_scans(self, scans: Sequence[ScanRecord]) -> None:
        with self.write() as transaction:
            for scan in scans:
                transaction.scans.add(scan)


def _raise_outage(error: Exception) -> None:
    """One error that says to try again, for "locked", "deadlock", "connection refused" and their like."""
    is_lost = isinstance(error, DBAPIError) and error.connection_invalidated
    if is_lost or isinstance(error, OperationalError | PoolTimeoutError):
        raise StoreUnavailableError from error
