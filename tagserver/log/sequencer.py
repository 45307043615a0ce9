"""Giving entries their places: one transaction takes what waits, signs the checkpoint over it and stores both.

The database arbitrates. Whoever sequences holds the log's row, so any number of processes on any number of machines
make one log. Nothing is written outside before that transaction is durable, and what is written then follows from it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from tagcore.checkpoint import Checkpoint, sign_checkpoint
from tagcore.frontier import format_frontier, parse_frontier
from tagcore.keys import KeyStatus
from tagcore.merkle import leaf_hash
from tagcore.note import Note, format_note
from tagserver.log.event_blocks import close_block, due_events
from tagserver.log.forks import fork_of
from tagserver.ports import (
    Clock,
    KeyPurpose,
    Keystore,
    LogForkedError,
    LogState,
    Store,
    StoredCheckpoint,
    TileStore,
    Transaction,
)
from tagserver.ports.log_keys import log_keys

MOST_ENTRIES = 4_096
"""Entries that one transaction places: a quarter of a second at most, for which other writers may wait."""


class Sequencer:
    """Sequences one workspace's log; an event waits for `block_age` at most for others to fill its block."""

    def __init__(
        self,
        *,
        store: Store,
        tiles: TileStore,
        keystore: Keystore,
        clock: Clock,
        block_age: timedelta,
    ) -> None:
        self._store = store
        self._tiles = tiles
        self._keystore = keystore
        self._clock = clock
        self._block_age = block_age

    def sequence(self, *, close_blocks: bool = False) -> int:
        """Place what waits; how many entries got a place. With `close_blocks` no event waits for its block to fill.

        Raises LogForkedError; TileStoreError, KeystoreError, before anything was done.
        """
        placed = 0
        while batch := self._sequence_some(close_blocks=close_blocks):
            placed += batch
        return placed

    def _sequence_some(self, *, close_blocks: bool) -> int:
        now, age = self._clock(), timedelta(0) if close_blocks else self._block_age
        with self._store.read() as transaction:
            if not (transaction.log.state() and _has_work(transaction, now, age)):
                return 0
        published = self._tiles.read("checkpoint")
        with self._store.write() as transaction:
            state = transaction.log.hold()
            assert state is not None, "a log is never deleted"
            problem = state.fork or fork_of(transaction.log, state, published)
            if problem is None:
                while close_block(transaction, now, age):
                    pass
                return self._place(transaction, state, now)
            transaction.log.note_fork(problem)
        raise LogForkedError(problem)

    def _place(self, transaction: Transaction, state: LogState, now: datetime) -> int:
        entries = transaction.log.pending(MOST_ENTRIES)
        if not entries:
            return 0
        before = parse_frontier(state.size, state.peaks)
        frontier = before.grown(leaf_hash(entry.data) for entry in entries)
        checkpoint = Checkpoint(origin=state.origin, size=frontier.size, root=frontier.root)
        note = self._sign(transaction, state, checkpoint)
        stored = StoredCheckpoint(size=checkpoint.size, root=checkpoint.root, note=format_note(note), at=now)
        transaction.log.place([entry.id for entry in entries], stored, format_frontier(frontier))
        return len(entries)

    def _sign(self, transaction: Transaction, state: LogState, checkpoint: Checkpoint) -> Note:
        """By every key that is in use, the newest first."""
        notes = [
            sign_checkpoint(checkpoint, self._keystore.signing_key_of(one.key.public_key, KeyPurpose.LOG))
            for one in log_keys(transaction.log, state)
            if one.status is KeyStatus.ACTIVE
        ]
        return replace(notes[0], signatures=tuple(line for note in notes for line in note.signatures))


def _has_work(transaction: Transaction, now: datetime, age: timedelta) -> bool:
    return bool(transaction.log.pending(1) or due_events(transaction, now, age))
