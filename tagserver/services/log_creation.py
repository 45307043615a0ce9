"""Beginning a workspace's log: its key, its first entry, and everything that was there before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from tagcore.entries import EntryKind, KeyChange, KeyRole, RecallChange
from tagcore.keys import KeyStatus
from tagserver.ports import (
    BatchStatus,
    Clock,
    KeyId,
    KeyPurpose,
    Keystore,
    KeystoreCode,
    KeystoreError,
    LogState,
    RangeState,
    SigningKey,
    Store,
    Transaction,
    UnitEvent,
)
from tagserver.ports.entries import batch_subject, key_subject, recall_subject
from tagserver.services.access import RandomBytes, audit
from tagserver.services.event_facts import commit_range, commit_unit, range_subject, unit_subject
from tagserver.services.log_entries import log_batch, log_issuer_key, log_other_key, log_recall

LOG_KEY = KeyId("log-1")
AT_ONCE = 1_000
"""Events committed to in one transaction: other writers may wait for it."""

_Row = TypeVar("_Row")


class LogCreation:
    """Makes the log of a workspace."""

    def __init__(
        self, *, store: Store, keystore: Keystore, clock: Clock, random_bytes: RandomBytes, origin: str
    ) -> None:
        self._store = store
        self._keystore = keystore
        self._clock = clock
        self._random_bytes = random_bytes
        self._origin = origin

    def create(self) -> LogState:
        """Make the key and the log, and let whatever has no entry yet have one. Harmless to repeat: killed in the
        middle, it goes on. Raises KeystoreError.
        """
        now = self._clock()
        self._fill_in_events(now)
        with self._store.write() as transaction:
            _fill_in_keys(transaction, now)
            _fill_in_batches(transaction)
            _fill_in_recalls(transaction)
        with self._store.read() as transaction:
            state = transaction.log.state()
        # Last: once there is a log, an issued batch without an entry is one that nobody issued.
        return self._begin(now) if state is None else state

    def _begin(self, now: datetime) -> LogState:
        """The private half is durable before the log names it."""
        key = self._key(now)
        state = LogState(origin=self._origin, key_id=LOG_KEY, public_key=key.public_key, created_at=now)
        with self._store.write() as transaction:
            transaction.log.create(state)
            log_other_key(transaction, KeyRole.LOG, KeyChange.ADDED, self._origin, key.public_key, now)
            audit(transaction, None, now, "log.create", self._origin, key=LOG_KEY)
        return state

    def _key(self, now: datetime) -> SigningKey:
        """A key that an attempt which was cut short has left is taken."""
        try:
            return self._keystore.signing_key(LOG_KEY, KeyPurpose.LOG)
        except KeystoreError as error:
            if error.code is not KeystoreCode.KEY_MISSING:
                raise
            return self._keystore.create_signing_key(LOG_KEY, KeyPurpose.LOG, at=now)

    def _fill_in_events(self, now: datetime) -> None:
        """Events from before the log, in transactions of a bounded size."""
        unit: UnitEvent | None = None
        while True:
            after = None if unit is None else (unit.unit.gtin, unit.unit.serial, unit.seq)
            with self._store.write() as transaction:
                events = transaction.walks.unit_events(after=after, limit=AT_ONCE)
                done = _committed(transaction, {unit_subject(event.unit) for event in events})
                for event in events:
                    if (unit_subject(event.unit), event.seq) not in done:
                        commit_unit(transaction, event, self._random_bytes, now)
            if len(events) < AT_ONCE:
                break
            unit = events[-1]
        ranged: RangeState | None = None
        while True:
            behind = None if ranged is None else (ranged.batch, ranged.seq)
            with self._store.write() as transaction:
                ranges = transaction.walks.range_events(after=behind, limit=AT_ONCE)
                done = _committed(transaction, {range_subject(event.batch) for event in ranges})
                for found in ranges:
                    if (range_subject(found.batch), found.seq) not in done:
                        commit_range(transaction, found, self._random_bytes, now)
            if len(ranges) < AT_ONCE:
                break
            ranged = ranges[-1]


def _committed(transaction: Transaction, subjects: set[str]) -> set[tuple[str, int]]:
    return {(leaf.subject, leaf.seq) for leaf in transaction.event_leaves.of_subjects(subjects)}


def _fill_in_keys(transaction: Transaction, now: datetime) -> None:
    for record in transaction.keys.all():
        if transaction.log.of_subject(EntryKind.KEY, key_subject(record.public_key)):
            continue
        log_issuer_key(transaction, record, KeyChange.ADDED, record.created_at)
        match record.status:
            case KeyStatus.ACTIVE:
                pass
            case KeyStatus.RETIRED:
                log_issuer_key(transaction, record, KeyChange.RETIRED, now)
            case KeyStatus.REVOKED:
                log_issuer_key(transaction, record, KeyChange.REVOKED, record.revoked_at or now)


def _fill_in_batches(transaction: Transaction) -> None:
    pages = _pages(lambda last: transaction.walks.batches(after=last.number if last else None, limit=AT_ONCE))
    for batch in pages:
        is_logged = transaction.log.of_subject(EntryKind.BATCH, batch_subject(batch.number))
        if batch.status is BatchStatus.ISSUED and batch.issued_at is not None and not is_logged:
            log_batch(transaction, batch, batch.issued_at)


def _fill_in_recalls(transaction: Transaction) -> None:
    for recall in _pages(
        lambda last: transaction.walks.recalls(after=last.id if last else None, limit=AT_ONCE)
    ):
        if transaction.log.of_subject(EntryKind.RECALL, recall_subject(recall.id)):
            continue
        log_recall(transaction, recall, RecallChange.ORDERED, recall.at)
        if recall.lifted_at is not None:
            log_recall(transaction, recall, RecallChange.LIFTED, recall.lifted_at)


def _pages(page: Callable[[_Row | None], Sequence[_Row]]) -> Iterator[_Row]:
    """All rows of a table, page by page; `page` takes the last row of the one before."""
    last: _Row | None = None
    while rows := page(last):
        yield from rows
        last = rows[-1]
