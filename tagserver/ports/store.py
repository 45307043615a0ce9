"""The store as services see it: everything happens in a transaction, and a transaction is all or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from tagserver.ports.accounts import Accounts, SecondFactors, Sessions, TryCounts
from tagserver.ports.anchors import Anchors
from tagserver.ports.batches import Batches
from tagserver.ports.keys import IssuerKeys
from tagserver.ports.log import EventLeaves, LogBook, WatchedLogs, Witnesses
from tagserver.ports.parties import Audit, Organisations, OrgId, Tokens
from tagserver.ports.products import Products
from tagserver.ports.reports import Reports
from tagserver.ports.scans import ScanRecord, Scans
from tagserver.ports.units import Recalls, Units
from tagserver.ports.walks import Walks


class Clock(Protocol):
    """Gives the time: aware, UTC. Only the composition root names the real one."""

    def __call__(self) -> datetime: ...


class Requests(Protocol):
    """Idempotency: what came of a request that may be sent again. Keys belong to an organisation."""

    def begin(self, org_id: OrgId, key: str, request_hash: bytes, *, at: datetime) -> str | None:
        """Claim the key for this request, whose hash (32 bytes) covers its kind and its content.

        None: it is new, go on, then `complete` in the same transaction.
        Text: the outcome of the first time, to be given again. A request at work elsewhere is waited for.
        Raises IdempotencyConflictError when the key stands for a request with another hash, NotStoredError
        without such an organisation.
        """
        ...

    def complete(self, org_id: OrgId, key: str, outcome: str) -> None:
        """Note the outcome for the next time. Raises NotStoredError when the key was not begun."""
        ...


class Transaction(Protocol):
    """One unit of work. Usable only inside its `with` block."""

    @property
    def organisations(self) -> Organisations: ...
    @property
    def tokens(self) -> Tokens: ...
    @property
    def products(self) -> Products: ...
    @property
    def keys(self) -> IssuerKeys: ...
    @property
    def batches(self) -> Batches: ...
    @property
    def units(self) -> Units: ...
    @property
    def recalls(self) -> Recalls: ...
    @property
    def scans(self) -> Scans: ...
    @property
    def requests(self) -> Requests: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def accounts(self) -> Accounts: ...
    @property
    def second_factors(self) -> SecondFactors: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def tries(self) -> TryCounts: ...
    @property
    def reports(self) -> Reports: ...
    @property
    def log(self) -> LogBook: ...
    @property
    def event_leaves(self) -> EventLeaves: ...
    @property
    def witnesses(self) -> Witnesses: ...
    @property
    def watched_logs(self) -> WatchedLogs: ...
    @property
    def walks(self) -> Walks: ...
    @property
    def anchors(self) -> Anchors: ...


class Store(Protocol):
    """Where the evidence is kept: SQLite on one machine, PostgreSQL beyond."""

    def read(self) -> AbstractContextManager[Transaction]:
        """A consistent picture of one moment; nothing may be changed in it."""
        ...

    def write(self) -> AbstractContextManager[Transaction]:
        """Commits when the block ends, rolls back when it raises. After an error from the store inside,
        leave the block.

        When the block has ended without an exception, the changes are durable.
        """
        ...

    def record(self, scans: Sequence[ScanRecord]) -> None:
        """Add scans: durable when it returns, perhaps in one transaction with what other threads add.

        All of these or none. Raises StoreUnavailableError.
        """
        ...

    def is_healthy(self) -> bool:
        """Whether the database answers and is at this program's revision. Never raises."""
        ...
