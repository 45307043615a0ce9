"""Tiles: a log as static files that never change once they are full.

C2SP tlog-tiles. A tile of level L holds up to 256 hashes: leaf hashes at level 0, above them the root of one full
tile each. Entry bundles hold the entries of one tile of level 0, each with its length in front.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tagcore.errors import ProofError
from tagcore.merkle import TILE_HEIGHT, TILE_WIDTH

MAX_ENTRY_BYTES = 65_535
"""The length prefix has 16 bits."""
MAX_LEVEL = 63

_LENGTH_BYTES = 2


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Tile:
    """Which tile: level (0-63), index (from 0), width (1-256; fewer than 256 is a partial tile)."""

    level: int
    index: int
    width: int = TILE_WIDTH

    @property
    def start(self) -> int:
        """The number, within its level, of the tile's first hash."""
        return self.index * TILE_WIDTH

    @property
    def stop(self) -> int:
        """The number behind its last hash."""
        return self.start + self.width


def tile_path(level: int, index: int, width: int = TILE_WIDTH) -> str:
    """`tile/LEVEL/INDEX[.p/WIDTH]`. Raises: ValueError outside level 0-63, index from 0, width 1-256."""
    if not 0 <= level <= MAX_LEVEL:
        raise ValueError(f"got level {level}, want 0 to {MAX_LEVEL}")
    return f"tile/{level}/{_place(index, width)}"


def entries_path(index: int, width: int = TILE_WIDTH) -> str:
    """`tile/entries/INDEX[.p/WIDTH]`. Raises: ValueError outside index from 0, width 1-256."""
    return f"tile/entries/{_place(index, width)}"


def tiles_of_size(size: int) -> Iterator[Tile]:
    """Every tile of a log of `size` entries, full and partial, level by level."""
    return tiles_of_growth(0, size)


def tiles_of_growth(old_size: int, new_size: int) -> Iterator[Tile]:
    """The tiles that a log of `new_size` entries has and one of `old_size` had not, level by level.

    Raises: ValueError unless 0 <= old_size <= new_size.
    """
    if not 0 <= old_size <= new_size:
        raise ValueError(f"got growth from {old_size} to {new_size}")
    level = 0
    while new_size >> (level * TILE_HEIGHT):
        old, new = old_size >> (level * TILE_HEIGHT), new_size >> (level * TILE_HEIGHT)
        for index in range(old // TILE_WIDTH, (new + TILE_WIDTH - 1) // TILE_WIDTH):
            width = min(TILE_WIDTH, new - index * TILE_WIDTH)
            if old < index * TILE_WIDTH + width:
                yield Tile(level=level, index=index, width=width)
        level += 1


def format_entry_bundle(entries: Sequence[bytes]) -> bytes:
    """The bundle of 1 to 256 entries in order, each of at most 65,535 bytes. Raises: ValueError."""
    if not 1 <= len(entries) <= TILE_WIDTH:
        raise ValueError(f"got {len(entries)} entries, want 1 to {TILE_WIDTH}")
    for entry in entries:
        if len(entry) > MAX_ENTRY_BYTES:
            raise ValueError(f"got an entry of {len(entry)} bytes, want at most {MAX_ENTRY_BYTES}")
    return b"".join(len(entry).to_bytes(_LENGTH_BYTES, "big") + entry for entry in entries)


def parse_entry_bundle(data: bytes, width: int) -> tuple[bytes, ...]:
    """The `width` entries of a bundle. Raises: ProofError when there are more, fewer, or a part of one."""
    entries: list[bytes] = []
    position = 0
    while position < len(data) and len(entries) < width:
        start = position + _LENGTH_BYTES
        position = start + int.from_bytes(data[position:start], "big")
        entries.append(data[start:position])
    if len(entries) != width or position != len(data):
        raise ProofError(f"the bundle of {len(data)} bytes does not hold exactly {width} entries")
    return tuple(entries)


def _place(index: int, width: int) -> str:
    """The index in groups of three digits, all but the last marked with `x`; `.p/WIDTH` for a partial tile."""
    if index < 0 or not 1 <= width <= TILE_WIDTH:
        raise ValueError(f"got index {index} and width {width}, want 0 or more, and 1 to {TILE_WIDTH}")
    groups = [f"{index % 1000:03}"]
    while index := index // 1000:
        groups.insert(0, f"x{index % 1000:03}")
    return "/".join(groups) + ("" if width == TILE_WIDTH else f".p/{width}")
