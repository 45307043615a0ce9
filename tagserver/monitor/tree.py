"""The log's entries and hashes, from its tiles and bundles; none of it is believed before its root was computed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Protocol

from tagcore.errors import ProofError
from tagcore.merkle import HASH_BYTES, TILE_HEIGHT, TILE_WIDTH, NodeReader
from tagcore.tiles import entries_path, parse_entry_bundle, tile_path
from tagserver.monitor.files import LogUnreachableError

KEPT_TILES = 512


class LogFiles(Protocol):
    """Where the files come from."""

    def read(self, path: str, *, fresh: bool = False) -> bytes:
        """Raises: LogUnreachableError."""
        ...

    def find(self, path: str, *, fresh: bool = False) -> bytes | None:
        """None when there is no such file. Raises: LogUnreachableError."""
        ...


def bundles_of(files: LogFiles, first: int, stop: int, size: int) -> Iterator[tuple[int, tuple[bytes, ...]]]:
    """Entries `first` to `stop` - 1 of a log of `size`, bundle by bundle, each with its first entry's index.

    Raises: ProofError, LogUnreachableError.
    """
    while first < stop:
        index, offset = divmod(first, TILE_WIDTH)
        start = index * TILE_WIDTH
        width = min(TILE_WIDTH, size - start)
        data, held = _whole_or_part(files, entries_path(index, width), entries_path(index), width)
        yield first, parse_entry_bundle(data, held)[offset : min(width, stop - start)]
        first = start + TILE_WIDTH


def nodes_of(files: LogFiles, size: int) -> NodeReader:
    """What `tagcore.merkle` reads a log of `size` with. It raises ProofError and LogUnreachableError."""

    @lru_cache(maxsize=KEPT_TILES)
    def tile(level: int, index: int) -> bytes:
        width = min(TILE_WIDTH, (size >> (level * TILE_HEIGHT)) - index * TILE_WIDTH)
        part, whole = tile_path(level, index, width), tile_path(level, index)
        data, held = _whole_or_part(files, part, whole, width)
        if len(data) != held * HASH_BYTES:
            raise ProofError(f"{part}: got {len(data)} bytes, want {held * HASH_BYTES}")
        return data[: width * HASH_BYTES]

    def read(level: int, start: int, stop: int) -> bytes:
        index = start // TILE_WIDTH
        offset = index * TILE_WIDTH
        return tile(level, index)[(start - offset) * HASH_BYTES : (stop - offset) * HASH_BYTES]

    return read


def _whole_or_part(files: LogFiles, part: str, whole: str, width: int) -> tuple[bytes, int]:
    """The partial file, or the full one that may have taken its place (C2SP tlog-tiles); and how much it holds."""
    found = files.find(part)
    if found is not None:
        return found, width
    if part == whole:
        raise LogUnreachableError(f"{part}: there is no such file")
    return files.read(whole), TILE_WIDTH
