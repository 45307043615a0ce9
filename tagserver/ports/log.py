"""The transparency log: what waits for it, what it holds, its checkpoints, and the files that it is served as.

An entry is put into the database in the transaction that does the thing itself. It gets its place (`index`) in the
transaction that signs the checkpoint over it. What is written outside the database follows from that and can be
written again at any time.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tagcore.checkpoint import Checkpoint
from tagcore.entries import EntryKind
from tagserver.ports.keys import KeyId


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """An entry on its way: `data` are its leaf's bytes, `subject` what it is about (`batch 12`), to find it by."""

    kind: EntryKind
    subject: str
    data: bytes
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """An entry as stored. `index` (from 0) is its place in the log, None while it waits for one."""

    id: int
    kind: EntryKind
    subject: str
    data: bytes
    at: datetime
    index: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogState:
    """The log of this workspace: one row.

    `size` entries have their place; `peaks` are the roots of the complete trees that they fall into (32 bytes each,
    largest first). `published` is the size of the newest checkpoint whose files are written. `fork` says, once it
    was found, why this log must not go on. The key is the newest; `tagserver.ports.log_keys` knows the others.
    """

    origin: str
    key_id: KeyId
    public_key: bytes
    created_at: datetime
    size: int = 0
    peaks: bytes = b""
    published: int = 0
    fork: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCheckpoint:
    """A checkpoint as signed: `note` with the log's own signature alone."""

    size: int
    root: bytes
    note: bytes
    at: datetime


class LogBook(Protocol):
    """Entries and checkpoints within one transaction."""

    def add(self, entry: NewEntry) -> None:
        """Let it wait for its place."""
        ...

    def create(self, state: LogState) -> None:
        """Raises AlreadyExistsError: there is one log."""
        ...

    def state(self) -> LogState | None:
        """None before `create`."""
        ...

    def hold(self) -> LogState | None:
        """As `state`; nobody else holds it until this writing transaction ends."""
        ...

    def pending(self, limit: int) -> tuple[LogEntry, ...]:
        """Entries without a place, oldest first."""
        ...

    def pending_count(self) -> int: ...

    def place(self, ids: Sequence[int], checkpoint: StoredCheckpoint, peaks: bytes) -> None:
        """Give the entries the places up to `checkpoint.size`, in this order, and store the checkpoint over them.

        Raises StateConflictError when the log is not as long as that leaves it, or an entry has a place already.
        """
        ...

    def adopt(self, entry: NewEntry, index: int) -> None:
        """Take in an entry that was published at `index` and is not here; one that waits with the same data gets it."""
        ...

    def adopt_checkpoint(self, checkpoint: StoredCheckpoint, peaks: bytes) -> None:
        """The log is as long as this checkpoint, which was published. Entries have been adopted before."""
        ...

    def entries(self, first: int, stop: int) -> tuple[LogEntry, ...]:
        """Entries of the places `first` to `stop` - 1, in order; fewer where there are fewer."""
        ...

    def of_subject(self, kind: EntryKind, subject: str) -> tuple[LogEntry, ...]:
        """In the order in which they were added."""
        ...

    def of_kind(self, kind: EntryKind) -> tuple[LogEntry, ...]:
        """In the order in which they were added; for kinds of which there are few."""
        ...

    def checkpoint(self, size: int) -> StoredCheckpoint | None: ...

    def newest_checkpoint(self, *, at_most: int | None = None) -> StoredCheckpoint | None:
        """The largest, or the largest of at most so many entries."""
        ...

    def note_published(self, size: int) -> None:
        """The files of this checkpoint are written; never moves backwards."""
        ...

    def set_key(self, key_id: KeyId, public_key: bytes) -> None:
        """The newest key; the entries of all keys say the rest."""
        ...

    def note_fork(self, problem: str | None) -> None:
        """Stop the log for this reason, or (None) let it go on. The first reason stays."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLeaf:
    """A unit's event, or a range's, as it is committed to: `hash` is over `salt` (16 bytes) and the event.

    `subject` and `seq` name the event's own row. `block` and `place` (from 0) say where it stands, None while it
    waits.
    """

    id: int
    subject: str
    seq: int
    salt: bytes
    hash: bytes
    at: datetime
    block: int | None = None
    place: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventBlock:
    """A block of `count` events (numbered from 0) under `root`; its entry's subject is `block NUMBER`."""

    number: int
    count: int
    root: bytes
    at: datetime


class EventLeaves(Protocol):
    """What commits to unit events."""

    def add(self, *, subject: str, seq: int, salt: bytes, leaf: bytes, at: datetime) -> None:
        """In the transaction that stores the event. Raises AlreadyExistsError."""
        ...

    def waiting(self, limit: int) -> tuple[EventLeaf, ...]:
        """Those in no block, oldest first."""
        ...

    def close(self, block: EventBlock, ids: Sequence[int]) -> None:
        """Put these, in this order, into a new block. Raises AlreadyExistsError."""
        ...

    def newest_block(self) -> EventBlock | None: ...

    def block(self, number: int) -> EventBlock | None: ...

    def of_block(self, number: int) -> tuple[EventLeaf, ...]:
        """In order of place."""
        ...

    def of_subjects(self, subjects: Collection[str]) -> tuple[EventLeaf, ...]:
        """In order of subject and seq."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A witness that checkpoints are offered to: its vkey, and the address in front of `/add-checkpoint`.

    `size` is the newest checkpoint that it is known to have seen. After a failure it is asked again at `retry_at`.
    """

    name: str
    vkey: str
    url: str
    added_at: datetime
    size: int = 0
    retry_at: datetime | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosignature:
    """A witness's verified signature line (without its newline) of the checkpoint of `size`."""

    size: int
    witness: str
    line: str
    at: datetime


class Witnesses(Protocol):
    """Witnesses and what they signed."""

    def add(self, witness: Witness) -> None:
        """Raises AlreadyExistsError."""
        ...

    def remove(self, name: str) -> Witness:
        """Its cosignatures stay. Raises NotStoredError."""
        ...

    def all(self) -> tuple[Witness, ...]:
        """In order of name."""
        ...

    def note(self, name: str, *, size: int, retry_at: datetime | None = None, problem: str = "") -> None:
        """What came of asking it; a witness removed meanwhile is ignored."""
        ...

    def cosign(self, cosignature: Cosignature) -> None:
        """Keeps the first of a witness for a checkpoint."""
        ...

    def cosignatures(self, size: int) -> tuple[Cosignature, ...]:
        """In order of witness."""
        ...

    def newest_cosigned(self, *, threshold: int, names: Collection[str]) -> int | None:
        """The largest size that so many of these witnesses have signed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedLog:
    """Another's log that this workspace is a witness of: its vkey, and the newest checkpoint that was cosigned."""

    origin: str
    vkey: str
    added_at: datetime
    size: int = 0
    root: bytes = b""
    note: bytes = b""


class WatchedLogs(Protocol):
    """The logs that this workspace cosigns."""

    def add(self, log: WatchedLog) -> None:
        """Raises AlreadyExistsError."""
        ...

    def remove(self, origin: str) -> None:
        """Raises NotStoredError."""
        ...

    def all(self) -> tuple[WatchedLog, ...]:
        """In order of origin."""
        ...

    def hold(self, origin: str) -> WatchedLog | None:
        """The log; nobody else holds it until this writing transaction ends."""
        ...

    def rekey(self, origin: str, vkey: str) -> None:
        """The log signs with this key now; what was seen of it stays. Raises NotStoredError."""
        ...

    def advance(self, origin: str, *, size: int, root: bytes, note: bytes) -> None:
        """The newest checkpoint that is cosigned. Raises NotStoredError."""
        ...


class TileStore(Protocol):
    """The log as files: a folder, or a bucket. Paths are those of C2SP tlog-tiles, such as `tile/0/000`.

    Every method raises TileStoreError when the folder or the bucket does not answer.
    """

    def read(self, path: str) -> bytes | None:
        """None when there is no such file."""
        ...

    def write(self, path: str, data: bytes) -> None:
        """Durable when it returns. The same again is harmless; raises TileConflictError over other contents."""
        ...

    def replace_checkpoint(self, data: bytes, *, expected: bytes | None) -> None:
        """Put `checkpoint` in place of `expected` (None: there was none) at one stroke. Durable when it returns.

        Raises TileConflictError when something else stands there now.
        """
        ...


class Tree(Protocol):
    """The published log's Merkle tree, read from its files."""

    def inclusion(self, index: int, size: int) -> tuple[bytes, ...]:
        """The proof that entry `index` is in the tree of `size`. Raises TileStoreError, TileMissingError."""
        ...

    def consistency(self, old_size: int, size: int) -> tuple[bytes, ...]:
        """The proof that the tree of `old_size` is a prefix of that of `size`. Raises as `inclusion`."""
        ...

    def root(self, size: int) -> bytes: ...

    def leaf(self, index: int, size: int) -> bytes:
        """The leaf hash of entry `index`, read in the tree of `size`."""
        ...

    def entries(self, first: int, stop: int, size: int) -> tuple[bytes, ...]:
        """Entries `first` to `stop` - 1 of the tree of `size`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LogProgress:
    """What one run came to: `placed` entries got a place, `size` is published, `cosigned` signatures came in."""

    placed: int
    size: int | None
    cosigned: int


class LogKeeper(Protocol):
    """Takes the log on: places entries, writes its files, asks witnesses."""

    def run(self, *, close_blocks: bool = False) -> LogProgress:
        """All that there is to do now. Raises LogForkedError, TileStoreError, KeystoreError, StoreUnavailableError."""
        ...

    def adopt(self) -> int:
        """Take in what was published and this database does not have, as after restoring a backup; how many entries.

        Raises LogForkedError when what is here is not the beginning of what was published.
        """
        ...


class Checkpoints(Protocol):
    """What anchoring asks of the log."""

    def newest(self) -> Checkpoint | None:
        """The newest published one; None before the first, and for a log that must not go on."""
        ...
