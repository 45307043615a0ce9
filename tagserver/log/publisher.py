"""Writing the log's files: bundles and tiles first, then the checkpoint that says that they are there.

Everything follows from the database, so a publisher that is killed anywhere is followed by one that writes the same
again. Several may be at work: tiles are the same whoever writes them, and `checkpoint` is replaced by compare and set.
"""

from __future__ import annotations

from collections.abc import Sequence

from tagcore.merkle import (
    HASH_BYTES,
    TILE_HEIGHT,
    TILE_WIDTH,
    leaf_hash,
    root_from_leaf_hashes,
    root_of_tree,
)
from tagcore.tiles import Tile, entries_path, format_entry_bundle, tile_path, tiles_of_growth
from tagserver.log.forks import check_beginning
from tagserver.log.tree import TileTree
from tagserver.ports import (
    Cosignature,
    LogForkedError,
    Store,
    StoredCheckpoint,
    TileConflictError,
    TileMissingError,
    TileStore,
)
from tagserver.ports.cosigned import cosigned

MOST_AT_ONCE = 65_536
"""Entries whose files are made in memory before they are written: some 40 MB."""

TRIES = 100
"""Each one that is overtaken means that another publisher got on. A store that always says so is out of order."""


class Publisher:
    """Publishes one workspace's log into its tile store."""

    def __init__(self, *, store: Store, tiles: TileStore, tree: TileTree) -> None:
        self._store = store
        self._tiles = tiles
        self._tree = tree

    def publish(self) -> int | None:
        """Write whatever the newest checkpoint needs; its size, None before the first.

        Harmless to repeat. Raises LogForkedError, TileStoreError, TileConflictError.
        """
        tries = TRIES
        while True:
            published = self._tiles.read("checkpoint")
            with self._store.read() as transaction:
                state = transaction.log.state()
                newest = transaction.log.newest_checkpoint()
                if state is None or newest is None:
                    return None
                if state.fork is not None:
                    raise LogForkedError(state.fork)
                old = check_beginning(transaction.log, state, published)
                target = transaction.log.newest_checkpoint(at_most=old + MOST_AT_ONCE)
                if target is None or target.size < min(old + 1, newest.size):
                    target = newest
                cosignatures = transaction.witnesses.cosignatures(target.size)
            try:
                self._publish(old, target, cosignatures, published)
            except TileConflictError as error:
                tries -= 1
                if error.path != "checkpoint" or not tries:
                    raise
                continue
            if target.size == newest.size:
                return newest.size

    def _publish(
        self,
        old: int,
        target: StoredCheckpoint,
        cosignatures: Sequence[Cosignature],
        published: bytes | None,
    ) -> None:
        if target.size > old:
            for path, data in self._files(old, target).items():
                self._tiles.write(path, data)
        note = cosigned(target.note, cosignatures)
        if note != published:
            self._tiles.replace_checkpoint(note, expected=published)
        with self._store.read() as transaction:
            state = transaction.log.state()
        if state is not None and state.published < target.size:
            with self._store.write() as transaction:
                transaction.log.note_published(target.size)

    def _files(self, old: int, target: StoredCheckpoint) -> dict[str, bytes]:
        """What is to be written, in order, once it is known to lead to the signed root. Raises TileMissingError."""
        files: dict[str, bytes] = {}
        made: dict[tuple[int, int], bytes] = {}
        for tile in tiles_of_growth(old, target.size):
            if tile.level == 0:
                entries = self._entries(tile)
                files[entries_path(tile.index, tile.width)] = format_entry_bundle(entries)
                made[0, tile.index] = b"".join(map(leaf_hash, entries))
            else:
                made[tile.level, tile.index] = self._upper(tile, old, made)
            files[tile_path(tile.level, tile.index, tile.width)] = made[tile.level, tile.index]
        self._check_root(target, made)
        return files

    def _entries(self, tile: Tile) -> list[bytes]:
        with self._store.read() as transaction:
            entries = transaction.log.entries(tile.start, tile.stop)
        if len(entries) != tile.width:
            message = f"cannot be written: the database holds {len(entries)} of {tile.width} entries"
            raise TileMissingError(entries_path(tile.index, tile.width), message)
        return [entry.data for entry in entries]

    def _upper(self, tile: Tile, old: int, made: dict[tuple[int, int], bytes]) -> bytes:
        """What the tile held before, and the roots of the tiles below that have become full."""
        held = max(0, min(tile.width, (old >> (tile.level * TILE_HEIGHT)) - tile.start))
        hashes = [self._tree.reader(old)(tile.level, tile.start, tile.start + held)] if held else []
        for below in range(tile.start + held, tile.stop):
            full = made.get((tile.level - 1, below))
            if full is None:
                full = self._tree.reader(old)(tile.level - 1, below * TILE_WIDTH, (below + 1) * TILE_WIDTH)
            hashes.append(root_from_leaf_hashes(full))
        return b"".join(hashes)

    def _check_root(self, target: StoredCheckpoint, made: dict[tuple[int, int], bytes]) -> None:
        """Nothing is published that does not lead to what was signed."""
        stored = self._tree.reader(target.size)

        def read(level: int, start: int, stop: int) -> bytes:
            index = start // TILE_WIDTH
            tile, offset = made.get((level, index)), index * TILE_WIDTH
            if tile is None:
                return stored(level, start, stop)
            return tile[(start - offset) * HASH_BYTES : (stop - offset) * HASH_BYTES]

        if root_of_tree(target.size, read) != target.root:
            raise TileMissingError(
                f"checkpoint of size {target.size}", "cannot be written: entries differ from those signed"
            )
