"""The published log as a Merkle tree: proofs and entries, read from its tiles.

`size` is always that of a published checkpoint, whose partial tiles therefore exist or were replaced by full ones.
Files never change, so what was read is kept.
"""

from __future__ import annotations

from functools import lru_cache

from tagcore.errors import ProofError
from tagcore.merkle import (
    HASH_BYTES,
    TILE_HEIGHT,
    TILE_WIDTH,
    NodeReader,
    consistency_proof,
    inclusion_proof,
    root_of_tree,
)
from tagcore.tiles import entries_path, parse_entry_bundle, tile_path
from tagserver.ports import TileMissingError, TileStore

KEPT_TILES = 1_024
"""8 MiB of full ones."""

KEPT_BUNDLES = 64

KEPT_PROOFS = 4_096
"""A kilobyte each."""


class TileTree:
    """Implements `tagserver.ports.Tree` over a tile store."""

    def __init__(self, tiles: TileStore) -> None:
        self._tiles = tiles
        self._tile = lru_cache(maxsize=KEPT_TILES)(self._read_tile)
        self._bundle = lru_cache(maxsize=KEPT_BUNDLES)(self._read_bundle)
        self._inclusion = lru_cache(maxsize=KEPT_PROOFS)(self._read_inclusion)

    def inclusion(self, index: int, size: int) -> tuple[bytes, ...]:
        """All tags of a batch share the proof of its entry, so it is kept."""
        return self._inclusion(index, size)

    def consistency(self, old_size: int, size: int) -> tuple[bytes, ...]:
        """From nothing, the proof is empty (C2SP tlog-witness)."""
        return consistency_proof(old_size, size, self.reader(size)) if old_size else ()

    def root(self, size: int) -> bytes:
        """From the right edge."""
        return root_of_tree(size, self.reader(size))

    def leaf(self, index: int, size: int) -> bytes:
        """One read."""
        return self.reader(size)(0, index, index + 1)

    def entries(self, first: int, stop: int, size: int) -> tuple[bytes, ...]:
        """Bundle by bundle."""
        found: list[bytes] = []
        while first < stop:
            index, offset = divmod(first, TILE_WIDTH)
            end = min(stop, (index + 1) * TILE_WIDTH)
            bundle = self._bundle(index, min(TILE_WIDTH, size - index * TILE_WIDTH))
            found += bundle[offset : offset + end - first]
            first = end
        return tuple(found)

    def reader(self, size: int) -> NodeReader:
        """What `tagcore.merkle` reads nodes with. A range lies in one tile, since it is a whole subtree."""

        def read(level: int, start: int, stop: int) -> bytes:
            index = start // TILE_WIDTH
            width = min(TILE_WIDTH, (size >> (level * TILE_HEIGHT)) - index * TILE_WIDTH)
            tile = self._tile(level, index, width)
            offset = index * TILE_WIDTH
            return tile[(start - offset) * HASH_BYTES : (stop - offset) * HASH_BYTES]

        return read

    def _read_inclusion(self, index: int, size: int) -> tuple[bytes, ...]:
        """A few tiles of each level are read."""
        return inclusion_proof(index, size, self.reader(size))

    def _read_tile(self, level: int, index: int, width: int) -> bytes:
        path = tile_path(level, index, width)
        found = self._tiles.read(path)
        if found is None and width < TILE_WIDTH:
            full = self._tiles.read(tile_path(level, index))
            found = None if full is None else full[: width * HASH_BYTES]
        if found is None:
            raise TileMissingError(path)
        if len(found) != width * HASH_BYTES:
            raise TileMissingError(path, f"has {len(found)} bytes")
        return found

    def _read_bundle(self, index: int, width: int) -> tuple[bytes, ...]:
        path = entries_path(index, width)
        found, held = self._tiles.read(path), width
        if found is None and width < TILE_WIDTH:
            found, held = self._tiles.read(entries_path(index)), TILE_WIDTH
        if found is None:
            raise TileMissingError(path)
        try:
            return parse_entry_bundle(found, held)[:width]
        except ProofError as error:
            raise TileMissingError(path, "is damaged") from error
