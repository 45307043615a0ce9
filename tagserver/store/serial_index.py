"""Serials that a producer supplied, in a folder: `<n>.serials`, looked up by bisection in a mapped file.

The file: a header (magic, width, count; little-endian), `count` serials of `width` bytes in ascending order
(shorter ones filled up with NUL), then for each of them its index in the batch, then for each index the
place of its serial in that order (4 bytes each). At most 28 bytes a tag.
"""

from __future__ import annotations

import mmap
import os
import struct
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tagcore.gs1 import MAX_SERIAL_LENGTH
from tagserver.ports import BatchNumber, SerialIndexError
from tagserver.store.durable import write_whole

_MAGIC = b"origintag-serial"
_HEADER = struct.Struct("<16sIQ")
_PLACE = np.dtype("<u4")


class SerialDirectory:
    """Implements `tagserver.ports.SerialIndexes` in one folder, which must exist."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, batch: BatchNumber, serials: Iterable[str]) -> int:
        """Sorts in memory: about 60 bytes a serial. Raises SerialIndexError, ValueError (no possible
        serial).
        """
        given = np.array([_encode(serial) for serial in serials], dtype=np.bytes_)
        if not given.size:
            raise SerialIndexError(batch, "there are none")
        order = np.argsort(given, kind="stable")
        ascending = given[order]
        twice = np.flatnonzero(ascending[1:] == ascending[:-1])
        if twice.size:
            raise SerialIndexError(batch, f"{bytes(ascending[twice[0]]).decode('ascii')!r} comes twice")
        places = np.empty(given.size, dtype=_PLACE)
        places[order] = np.arange(given.size, dtype=_PLACE)
        header = _HEADER.pack(_MAGIC, given.itemsize, given.size)
        chunks = (header, ascending.tobytes(), order.astype(_PLACE).tobytes(), places.tobytes())
        write_whole(self._path(batch), chunks)
        return int(given.size)

    def index_of(self, batch: BatchNumber, serial: str) -> int | None:
        """None for a serial that the batch does not have."""
        with self._open(batch) as index:
            return index.index_of(serial)

    def serials(self, batch: BatchNumber, first: int, count: int) -> tuple[str, ...]:
        """Raises ValueError for indices outside the batch."""
        with self._open(batch) as index:
            return tuple(index.serial(position) for position in range(first, first + count))

    def _path(self, batch: BatchNumber) -> Path:
        return self._folder / f"{batch}.serials"

    @contextmanager
    def _open(self, batch: BatchNumber) -> Iterator[_MappedIndex]:
        try:
            with self._path(batch).open("rb") as file:
                if os.fstat(file.fileno()).st_size < _HEADER.size:  # nothing at all cannot even be mapped
                    raise SerialIndexError(batch, "the index is damaged: it has no header")
                with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                    yield _map(batch, data)
        except FileNotFoundError as error:
            raise SerialIndexError(batch, "there is no index") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class _MappedIndex:
    data: mmap.mmap
    width: int
    count: int

    def index_of(self, serial: str) -> int | None:
        try:
            wanted = _encode(serial).ljust(self.width, b"\0")
        except ValueError:
            return None
        place = bisect_left(range(self.count), wanted, key=self._padded)
        if place == self.count or self._padded(place) != wanted:
            return None
        return self._number(place)

    def serial(self, index: int) -> str:
        if not 0 <= index < self.count:
            raise ValueError(f"got index {index}, want 0 to {self.count - 1}")
        return self._padded(self._number(self.count + index)).rstrip(b"\0").decode("ascii")

    def _padded(self, place: int) -> bytes:
        start = _HEADER.size + place * self.width
        return self.data[start : start + self.width]

    def _number(self, position: int) -> int:
        """The number at `position` of the two tables behind the serials."""
        start = _HEADER.size + self.count * self.width + position * _PLACE.itemsize
        return int.from_bytes(self.data[start : start + _PLACE.itemsize], "little")


def _map(batch: BatchNumber, data: mmap.mmap) -> _MappedIndex:
    magic, width, count = _HEADER.unpack_from(data)
    if magic != _MAGIC or len(data) != _HEADER.size + count * (width + 2 * _PLACE.itemsize):
        raise SerialIndexError(batch, "the index is damaged: its size does not fit its header")
    return _MappedIndex(data=data, width=width, count=count)


def _encode(serial: str) -> bytes:
    if not 1 <= len(serial) <= MAX_SERIAL_LENGTH or "\0" in serial or not serial.isascii():
        raise ValueError(f"got {serial[:24]!r}, want 1 to {MAX_SERIAL_LENGTH} ASCII characters")
    return serial.encode("ascii")
