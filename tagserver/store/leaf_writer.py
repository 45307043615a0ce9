"""Writing a batch's leaf hashes so that a kill at any moment loses nothing that was acknowledged."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from tagcore.merkle import HASH_BYTES, TILE_WIDTH, root_of_tree, tile_roots
from tagserver.ports import BatchNumber, LeafFileError
from tagserver.store.durable import sync_folder, write_whole

_READ_LEAVES = 256 * TILE_WIDTH
"""Leaves read at a time when the nodes are computed: 2 MiB."""


class CompleteWriter:
    """Implements `tagserver.ports.LeafWriter` for a batch that is already complete: there is nothing to
    write.
    """

    def __init__(self, batch: BatchNumber, *, count: int, root: bytes) -> None:
        self._batch = batch
        self._root = root
        self.written = count

    def append(self, hashes: bytes) -> int:
        """Raises LeafFileError unless `hashes` is empty."""
        _check_room(self._batch, hashes, self.written, self.written)
        return self.written

    def finish(self) -> bytes:
        """The root."""
        return self._root

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is open."""


class PartWriter:
    """Implements `tagserver.ports.LeafWriter` on `<n>.leaves.part`, locked against every other writer."""

    def __init__(
        self, leaves: Path, batch: BatchNumber, descriptor: int, *, count: int, written: int
    ) -> None:
        self._leaves = leaves
        self._batch = batch
        self._descriptor = descriptor
        self._count = count
        self.written = written

    @classmethod
    def open(cls, leaves: Path, batch: BatchNumber, *, count: int, acknowledged: int) -> Self | None:
        """None when another process has just completed the batch.

        What lies beyond the acknowledged leaves may be torn or not durable: it is cut off and written again.
        Raises LeafFileError when another process is writing.
        """
        part = _part(leaves)
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _lock(batch, descriptor)
            if leaves.exists() or not _is_still(part, descriptor):
                if _is_still(part, descriptor):
                    part.unlink()
                os.close(descriptor)
                return None
            written = min(os.fstat(descriptor).st_size // HASH_BYTES, acknowledged, count)
            os.ftruncate(descriptor, written * HASH_BYTES)
            os.fsync(descriptor)
            sync_folder(leaves.parent)
        except BaseException:
            os.close(descriptor)
            raise
        return cls(leaves, batch, descriptor, count=count, written=written)

    def append(self, hashes: bytes) -> int:
        """Raises LeafFileError."""
        _check_room(self._batch, hashes, self.written, self._count)
        rest, offset = memoryview(hashes), self.written * HASH_BYTES
        while rest:
            done = os.pwrite(self._descriptor, rest, offset)
            rest, offset = rest[done:], offset + done
        os.fsync(self._descriptor)
        self.written += len(hashes) // HASH_BYTES
        return self.written

    def finish(self) -> bytes:
        """Nodes first, leaves last: whoever sees the leaves sees both."""
        if self.written != self._count:
            raise LeafFileError(self._batch, f"got {self.written}, want {self._count}")
        levels = self._levels()
        write_whole(self._leaves.with_suffix(".nodes"), levels)
        _part(self._leaves).rename(self._leaves)
        sync_folder(self._leaves.parent)

        def read(level: int, start: int, stop: int) -> bytes:
            if level == 0:
                return self._read(start, stop)
            return levels[level - 1][start * HASH_BYTES : stop * HASH_BYTES]

        return root_of_tree(self._count, read)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close, which lets the lock go. What was written stays for the next writer."""
        os.close(self._descriptor)

    def _levels(self) -> list[bytes]:
        level = b"".join(tile_roots(chunk) for chunk in self._chunks())
        levels = []
        while level:
            levels.append(level)
            level = tile_roots(level)
        return levels

    def _chunks(self) -> Iterator[bytes]:
        for start in range(0, self._count, _READ_LEAVES):
            yield self._read(start, min(start + _READ_LEAVES, self._count))

    def _read(self, start: int, stop: int) -> bytes:
        return os.pread(self._descriptor, (stop - start) * HASH_BYTES, start * HASH_BYTES)


def _part(leaves: Path) -> Path:
    return leaves.with_suffix(".leaves.part")


def _lock(batch: BatchNumber, descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise LeafFileError(batch, "another process is writing them") from None


def _is_still(path: Path, descriptor: int) -> bool:
    """Whether `path` names the open file: a writer that ended meanwhile renamed it under our hands."""
    try:
        return path.stat().st_ino == os.fstat(descriptor).st_ino
    except FileNotFoundError:
        return False


def _check_room(batch: BatchNumber, hashes: bytes, written: int, count: int) -> None:
    added, rest = divmod(len(hashes), HASH_BYTES)
    if rest:
        raise ValueError(f"got {len(hashes)} bytes, want whole hashes of {HASH_BYTES}")
    if written + added > count:
        raise LeafFileError(batch, f"got {written + added}, want at most {count}")
