"""Holding the whole record against the log: an operator who edits the database is caught by whoever runs this.

Nothing here believes the database where the published files say something: the checkpoint is read from them, and its
signature checked with the log's key. Whoever holds that key too could rewrite both; what witnesses have signed, or a
checkpoint kept elsewhere and given here, finds that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tagcore.checkpoint import Checkpoint
from tagcore.errors import ProofError
from tagcore.merkle import verify_inclusion
from tagcore.note import VerifierKey
from tagserver.ports import (
    BatchNumber,
    BatchStatus,
    LeafFileError,
    LeafStore,
    LogState,
    Store,
    TileMissingError,
    TileStore,
    Transaction,
    Tree,
)
from tagserver.ports.log_keys import LogKey, log_keys, open_with_any
from tagserver.services.audit_events import audit_events, audit_states
from tagserver.services.audit_findings import Difference, DifferenceError, Tally
from tagserver.services.audit_log import (
    PAGE,
    Told,
    audit_batches,
    audit_entries,
    audit_keys,
    audit_pending,
    audit_recalls,
)
from tagserver.services.errors import Refusal, ServiceError


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """What was compared with the log's tree of `size`, and the first difference if there is one."""

    size: int
    entries: int
    rows: int
    difference: Difference | None


class Auditing:
    """Audits one workspace."""

    def __init__(self, *, store: Store, tiles: TileStore, tree: Tree, leaves: LeafStore) -> None:
        self._store = store
        self._tiles = tiles
        self._tree = tree
        self._leaves = leaves

    def audit(self, pinned: bytes | None = None) -> AuditReport:
        """Compare everything, up to the first difference. `pinned` is a checkpoint that was kept elsewhere.

        Raises: ServiceError NOT_FOUND without a published log; TileStoreError.
        """
        published = self._tiles.read("checkpoint")
        tally = Tally()
        with self._store.read() as transaction:  # after the files were read: it cannot be behind them
            state = transaction.log.state()
            if state is None or published is None:
                raise ServiceError(Refusal.NOT_FOUND, "there is no published log to audit against")
            size, difference = 0, None
            try:
                keys = log_keys(transaction.log, state)
                checkpoint = _opened(published, [one.key for one in keys if one.is_believed], "checkpoint")
                size = checkpoint.size
                self._audit(transaction, state, keys, checkpoint, pinned, tally)
            except DifferenceError as error:
                difference = error.difference
            except TileMissingError as error:
                difference = Difference(table="file", key=error.path, problem=str(error))
        return AuditReport(size=size, entries=tally.entries, rows=tally.rows, difference=difference)

    def _audit(
        self,
        transaction: Transaction,
        state: LogState,
        keys: Sequence[LogKey],
        checkpoint: Checkpoint,
        pinned: bytes | None,
        tally: Tally,
    ) -> None:
        told = Told()
        _audit_checkpoint(transaction, state, checkpoint)
        if pinned is not None:
            # Of a key that was revoked since, too: what counts is that somebody kept it elsewhere.
            kept = _opened(pinned, [one.key for one in keys], "given checkpoint")
            self._audit_pinned(kept, checkpoint)
        audit_entries(transaction, self._tree, checkpoint, told, tally)
        audit_pending(transaction, told, tally)
        audit_keys(transaction, told, tally)
        audit_batches(transaction, told, tally)
        audit_recalls(transaction, told, tally)
        audit_events(transaction, tally)
        audit_states(transaction, tally)
        self._audit_leaf_files(transaction)

    def _audit_pinned(self, pinned: Checkpoint, checkpoint: Checkpoint) -> None:
        """The log has only grown since. Raises DifferenceError."""
        if pinned.size > checkpoint.size:
            raise DifferenceError(
                "file", "checkpoint", f"has {checkpoint.size} entries, and the one given had {pinned.size}"
            )
        if pinned.size and self._tree.root(pinned.size) != pinned.root:
            raise DifferenceError("file", "checkpoint", f"its first {pinned.size} entries were others")

    def _audit_leaf_files(self, transaction: Transaction) -> None:
        """The first and the last tag of each batch lead to its root. Raises DifferenceError."""
        last: BatchNumber | None = None
        while rows := transaction.walks.batches(after=last, limit=PAGE):
            for batch in rows:
                if batch.status is not BatchStatus.ISSUED:
                    continue
                for index in {0, batch.count - 1}:
                    try:
                        leaf, path = (
                            self._leaves.leaf(batch.number, index),
                            self._leaves.path(batch.number, index),
                        )
                        verify_inclusion(leaf, index, batch.count, path, batch.root or b"")
                    except (LeafFileError, ProofError) as error:
                        raise DifferenceError("file", f"batches/{batch.number}.leaves", str(error)) from error
            last = rows[-1].number


def _opened(data: bytes, keys: Sequence[VerifierKey], name: str) -> Checkpoint:
    try:
        return open_with_any(data, keys)[0]
    except ProofError as error:
        raise DifferenceError("file", name, f"is not signed by this log's key: {error}") from error


def _audit_checkpoint(transaction: Transaction, state: LogState, checkpoint: Checkpoint) -> None:
    row = transaction.log.checkpoint(checkpoint.size)
    if row is None or row.root != checkpoint.root:
        raise DifferenceError("log_checkpoint", checkpoint.size, "is not the one that was published")
    if state.size < checkpoint.size:
        raise DifferenceError(
            "log", state.origin, f"has {state.size} entries, and {checkpoint.size} are published"
        )
