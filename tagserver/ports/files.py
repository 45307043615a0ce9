"""Files beside the database: a batch's leaf hashes, and the serials that a producer supplied."""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType
from typing import Protocol, Self

from tagserver.ports.batches import BatchNumber


class LeafWriter(Protocol):
    """Writes one batch's leaf hashes in order. Several writers of one batch do no harm: the bytes are
    determined.
    """

    @property
    def written(self) -> int:
        """Leaves that are durable: where to go on from."""
        ...

    def append(self, hashes: bytes) -> int:
        """Add whole 32-byte hashes. Durable when it returns the new `written`. Raises LeafFileError past the
        count.
        """
        ...

    def finish(self) -> bytes:
        """Complete the batch: compute the nodes, put the files in place at one stroke, return the root.

        Raises LeafFileError when leaves are missing.
        """
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class LeafStore(Protocol):
    """32 bytes a tag, and few reads for any tag's Merkle path (RFC 6962)."""

    def writer(self, batch: BatchNumber, *, count: int, acknowledged: int) -> LeafWriter:
        """Begin, or go on from at most `acknowledged` leaves; what was written beyond is thrown away.

        A batch whose files are already complete gives a writer with `written == count`; `finish` returns its
        root.
        """
        ...

    def leaf(self, batch: BatchNumber, index: int) -> bytes:
        """Raises LeafFileError."""
        ...

    def path(self, batch: BatchNumber, index: int) -> tuple[bytes, ...]:
        """The inclusion proof of leaf `index` in the whole batch, as `tagcore.merkle` takes it. Raises
        LeafFileError.
        """
        ...

    def discard(self, batch: BatchNumber) -> None:
        """Remove whatever a failed batch left."""
        ...


class SerialIndexes(Protocol):
    """One sorted file a batch: serial to index and back, without reading it all."""

    def write(self, batch: BatchNumber, serials: Iterable[str]) -> int:
        """Store the serials in their order, durably, at one stroke; how many. Raises SerialIndexError
        (duplicates).
        """
        ...

    def index_of(self, batch: BatchNumber, serial: str) -> int | None:
        """Raises SerialIndexError (no such file, damaged)."""
        ...

    def serials(self, batch: BatchNumber, first: int, count: int) -> tuple[str, ...]:
        """Serials of the indices `first` to `first + count - 1`. Raises SerialIndexError."""
        ...


class TrustFile(Protocol):
    """The signed trust bundle as it is served: one file, replaced at one stroke."""

    def read(self) -> bytes | None:
        """None before the first."""
        ...

    def write(self, data: bytes) -> None:
        """Durable when it returns."""
        ...
