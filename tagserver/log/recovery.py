"""Taking in what was published and is not in this database: the way on after a backup was restored.

The published files hold every entry. They are taken only if this database is their beginning, which the roots tell: its
own right edge, grown by the published entries, has to lead to the published root, which the log's key signed.
"""

from __future__ import annotations

from tagcore.entries import EventsEntry, parse_entry
from tagcore.errors import InputError
from tagcore.frontier import format_frontier, parse_frontier
from tagcore.merkle import leaf_hash
from tagcore.note import Note, VerifierKey, format_note, format_signature_line, parse_verifier_key
from tagserver.log.forks import published_checkpoint
from tagserver.log.tree import TileTree
from tagserver.ports import (
    Clock,
    Cosignature,
    EventBlock,
    KeyPurpose,
    Keystore,
    LogForkedError,
    LogState,
    NotStoredError,
    Store,
    StoredCheckpoint,
    TileStore,
    Transaction,
)
from tagserver.ports.entries import new_entry
from tagserver.ports.log_keys import log_keys, verifier_key


class Recovery:
    """Adopts published entries."""

    def __init__(
        self, *, store: Store, tiles: TileStore, tree: TileTree, keystore: Keystore, clock: Clock
    ) -> None:
        self._store = store
        self._tiles = tiles
        self._tree = tree
        self._keystore = keystore
        self._clock = clock

    def adopt(self) -> int:
        """How many entries were taken in.

        Raises LogForkedError, TileMissingError, NotStoredError; KeystoreError when the log's newest key is not here.
        """
        published = self._tiles.read("checkpoint")
        now = self._clock()
        with self._store.write() as transaction:
            state = transaction.log.hold()
            if state is None:
                raise NotStoredError("log", "of this workspace")
            if published is None:
                return 0
            keys = self._keys(transaction, state)
            checkpoint, note = published_checkpoint(keys, published)
            if checkpoint.size <= state.size:
                return 0
            entries = self._tree.entries(state.size, checkpoint.size, checkpoint.size)
            grown = parse_frontier(state.size, state.peaks).grown(map(leaf_hash, entries))
            if grown.root != checkpoint.root:
                raise LogForkedError("what is in this database is not the beginning of what was published")
            for index, data in enumerate(entries, start=state.size):
                _adopt(transaction, data, index, self._clock)
            own = tuple(line for line in note.signatures if any(map(line.claims, keys)))
            stored = StoredCheckpoint(
                size=checkpoint.size,
                root=checkpoint.root,
                note=format_note(Note(text=note.text, signatures=own)),
                at=now,
            )
            transaction.log.adopt_checkpoint(stored, format_frontier(grown))
            self._adopt_key(transaction, state)
            transaction.log.note_published(checkpoint.size)
            transaction.log.note_fork(None)
            _adopt_cosignatures(transaction, note, checkpoint.size, self._clock)
            return len(entries)

    def _keys(self, transaction: Transaction, state: LogState) -> tuple[VerifierKey, ...]:
        """Those of the database, and of the keystore: the log may have had a newer one than the backup knows."""
        sealed = self._keystore.keys()
        found = (key.public_key for key in sealed if key.purpose is KeyPurpose.LOG)
        newer = (verifier_key(state.origin, public_key) for public_key in found if public_key)
        return tuple(dict.fromkeys([*(one.key for one in log_keys(transaction.log, state)), *newer]))

    def _adopt_key(self, transaction: Transaction, state: LogState) -> None:
        """The newest key that the entries tell of."""
        newest = log_keys(transaction.log, state)[0].key.public_key
        if newest != state.public_key:
            transaction.log.set_key(self._keystore.signing_key_of(newest, KeyPurpose.LOG).id, newest)


def _adopt(transaction: Transaction, data: bytes, index: int, clock: Clock) -> None:
    try:
        entry = parse_entry(data)
    except InputError as error:
        raise LogForkedError(f"entry {index} is of a later release: {error}") from error
    transaction.log.adopt(new_entry(entry, clock()), index)
    if isinstance(entry, EventsEntry) and transaction.event_leaves.block(entry.block) is None:
        # Its events are lost with the newer database; its number must not be used again.
        block = EventBlock(number=entry.block, count=entry.count, root=entry.root, at=entry.at)
        transaction.event_leaves.close(block, [])


def _adopt_cosignatures(transaction: Transaction, note: Note, size: int, clock: Clock) -> None:
    for witness in transaction.witnesses.all():
        key = parse_verifier_key(witness.vkey)
        for line in note.signatures:
            if line.claims(key):
                transaction.witnesses.cosign(
                    Cosignature(size=size, witness=witness.name, line=format_signature_line(line), at=clock())
                )
