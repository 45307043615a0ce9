"""Whether a batch is in the log: asked at every verification, looked up and checked once a batch.

What is in the log stays there, so the answer is kept for as long as the batch's row says the same. A row that does not
say what its entry says, or an issued batch without an entry, was not written by this program.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from tagcore.entries import EntryKind, format_entry
from tagcore.errors import ProofError, Step
from tagcore.evidence import Failed, Pending, Proven
from tagcore.merkle import leaf_hash, verify_inclusion
from tagserver.ports import (
    Batch,
    LogForkedError,
    StoredCheckpoint,
    TileMissingError,
    TileStoreError,
    Transaction,
    Tree,
)
from tagserver.ports.entries import batch_subject
from tagserver.services.log_entries import batch_entry

KEPT = 10_000
"""Batches remembered: some 5 MB."""

ASK_AGAIN = timedelta(seconds=1)
"""How long it is believed that a batch still waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogStanding:
    """What became of looking for a batch in the log. `finding` None: there is no log here, or it cannot be read.

    `index` is its entry's place; `steps` the length of the proof that was checked, in the tree of `size`.
    """

    finding: Pending | Proven | Failed | None
    index: int | None = None
    size: int = 0
    steps: int = 0


NO_LOG = LogStanding(finding=None)


class LogStandings:
    """Remembers where batches stand. Safe to share between threads."""

    def __init__(self, *, tree: Tree) -> None:
        self._tree = tree
        self._lock = Lock()
        self._known: OrderedDict[int, tuple[Batch, datetime, LogStanding]] = OrderedDict()

    def of(self, transaction: Transaction, batch: Batch, now: datetime) -> LogStanding:
        """Where an issued batch stands."""
        with self._lock:
            known = self._known.get(batch.number)
        if known is not None and _is_same(known[0], batch) and _still_holds(known[1], known[2], now):
            return known[2]
        standing = self._look(transaction, batch)
        with self._lock:
            self._known[batch.number] = (batch, now, standing)
            self._known.move_to_end(batch.number)
            if len(self._known) > KEPT:
                self._known.popitem(last=False)
        return standing

    def _look(self, transaction: Transaction, batch: Batch) -> LogStanding:
        state = transaction.log.state()
        if state is None:
            return NO_LOG
        entries = transaction.log.of_subject(EntryKind.BATCH, batch_subject(batch.number))
        if not entries:
            return LogStanding(finding=Failed(step=Step.LOG_INCLUSION))
        entry = entries[0]
        if len(entries) > 1 or entry.data != format_entry(batch_entry(batch)):
            return LogStanding(finding=Failed(step=Step.BATCH_INCLUSION), index=entry.index)
        checkpoint = transaction.log.checkpoint(state.published)
        if entry.index is None or checkpoint is None or entry.index >= checkpoint.size:
            return LogStanding(finding=Pending(), index=entry.index)
        return self._check(entry.data, entry.index, checkpoint)

    def _check(self, data: bytes, index: int, checkpoint: StoredCheckpoint) -> LogStanding:
        """The entry's way to the signed root, through the published files."""
        try:
            path = self._tree.inclusion(index, checkpoint.size)
            verify_inclusion(leaf_hash(data), index, checkpoint.size, path, checkpoint.root)
        except (TileStoreError, TileMissingError, LogForkedError):
            return LogStanding(finding=None, index=index)
        except ProofError:
            return LogStanding(finding=Failed(step=Step.LOG_INCLUSION), index=index)
        return LogStanding(finding=Proven(), index=index, size=checkpoint.size, steps=len(path))


def _is_same(known: Batch, batch: Batch) -> bool:
    """In all that its entry says."""
    return known is batch or batch_entry(known) == batch_entry(batch)


def _still_holds(at: datetime, standing: LogStanding, now: datetime) -> bool:
    """A place in the log is for ever; anything else is asked again soon. A clock set back asks at once."""
    return isinstance(standing.finding, Proven) or timedelta(0) <= now - at < ASK_AGAIN
