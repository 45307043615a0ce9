"""Leaf hashes of batches in a folder: `<n>.leaves`, 32 bytes a tag, and `<n>.nodes`, the hashes above them.

The nodes are the roots of complete runs of 256 leaves, then of 256 of those, and so on, as C2SP tlog-tiles
has them: with them any Merkle path takes a few reads of 8 KiB, at 0.13 bytes a tag. While a batch is being
issued its leaves stand in `<n>.leaves.part`; `<n>.leaves` exists exactly when the batch's files are complete.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from tagcore.merkle import (
    HASH_BYTES,
    TILE_WIDTH,
    NodeReader,
    SubtreeRoot,
    inclusion_proof,
    root_of_range,
    root_of_tree,
)
from tagserver.ports import BatchNumber, LeafFileError, LeafWriter
from tagserver.store.leaf_writer import CompleteWriter, PartWriter

ROOTS_KEPT = 32_768
"""Roots of large subtrees that are remembered: some 7 MB. The largest ones cost most, and nearly every path of their
batch has them.
"""


class LeafDirectory:
    """Implements `tagserver.ports.LeafStore` in one folder, which must exist."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._roots = SubtreeRoots()

    def writer(self, batch: BatchNumber, *, count: int, acknowledged: int) -> LeafWriter:
        """Raises LeafFileError when another process is writing, or the complete batch has another count."""
        leaves = self._leaves(batch)
        part = (
            None
            if leaves.exists() and acknowledged
            else PartWriter.open(leaves, batch, count=count, acknowledged=acknowledged)
        )
        if part is not None:
            return part
        with self._tree(batch) as (size, read):
            if size != count:
                raise LeafFileError(batch, f"got {size}, want {count}")
            return CompleteWriter(batch, count=count, root=root_of_tree(size, read))

    def leaf(self, batch: BatchNumber, index: int) -> bytes:
        """One read."""
        with self._tree(batch) as (size, read):
            _check_index(batch, index, size)
            return read(0, index, index + 1)

    def path(self, batch: BatchNumber, index: int) -> tuple[bytes, ...]:
        """At most 256 hashes of each stored level are read for each stored level."""
        with self._tree(batch) as (size, read):
            _check_index(batch, index, size)
            return inclusion_proof(index, size, read, root_of=self._roots.of(batch, size))

    def discard(self, batch: BatchNumber) -> None:
        """Harmless when there is nothing."""
        leaves = self._leaves(batch)
        for path in (leaves, leaves.with_suffix(".leaves.part"), leaves.with_suffix(".nodes")):
            path.unlink(missing_ok=True)
        self._roots.forget()

    def _leaves(self, batch: BatchNumber) -> Path:
        return self._folder / f"{batch}.leaves"

    @contextmanager
    def _tree(self, batch: BatchNumber) -> Iterator[tuple[int, NodeReader]]:
        leaves = self._leaves(batch)
        try:
            with leaves.open("rb") as leaf_file, leaves.with_suffix(".nodes").open("rb") as node_file:
                yield _tree_in(batch, leaf_file.fileno(), node_file.fileno())
        except FileNotFoundError as error:
            raise LeafFileError(batch, "there are none, or they are not complete") from error


class SubtreeRoots:
    """Remembers the roots of subtrees of 256 leaves and more. Safe to share by threads.

    The files of a complete batch never change. Whoever makes a proof checks it against the signed root, so what was
    remembered of a batch that is gone could refuse a proof, and never make a wrong one.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: OrderedDict[tuple[int, int, int, int], bytes] = OrderedDict()

    def of(self, batch: BatchNumber, count: int) -> SubtreeRoot:
        """`root_of_range` for a batch of `count` tags."""

        def root_of(start: int, stop: int, read: NodeReader) -> bytes:
            if stop - start < TILE_WIDTH:
                return root_of_range(start, stop, read)
            key = (batch, count, start, stop)
            with self._lock:
                known = self._known.get(key)
            if known is None:
                known = root_of_range(start, stop, read)
                self._keep(key, known)
            return known

        return root_of

    def forget(self) -> None:
        """All of it."""
        with self._lock:
            self._known.clear()

    def _keep(self, key: tuple[int, int, int, int], root: bytes) -> None:
        with self._lock:
            self._known[key] = root
            if len(self._known) > ROOTS_KEPT:
                self._known.popitem(last=False)


def _tree_in(batch: BatchNumber, leaf_file: int, node_file: int) -> tuple[int, NodeReader]:
    """The number of leaves, and the reader of every stored level (see `tagcore.merkle.NodeReader`)."""
    size, rest = divmod(os.fstat(leaf_file).st_size, HASH_BYTES)
    level_starts = _level_starts(size)
    if rest or os.fstat(node_file).st_size != level_starts[-1] * HASH_BYTES:
        raise LeafFileError(batch, "the files are damaged: their sizes do not fit")

    def read(level: int, start: int, stop: int) -> bytes:
        length = (stop - start) * HASH_BYTES
        if level == 0:
            return os.pread(leaf_file, length, start * HASH_BYTES)
        return os.pread(node_file, length, (level_starts[level - 1] + start) * HASH_BYTES)

    return size, read


def _level_starts(size: int) -> list[int]:
    """Where each level above the leaves begins in the nodes file, in hashes, and at last where the file
    ends.
    """
    starts = [0]
    while size := size // TILE_WIDTH:
        starts.append(starts[-1] + size)
    return starts


def _check_index(batch: BatchNumber, index: int, size: int) -> None:
    if not 0 <= index < size:
        raise LeafFileError(batch, f"got index {index}, want 0 to {size - 1}")
