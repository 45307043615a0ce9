"""Texts of one structure to data codewords, a whole chunk at once (ISO/IEC 18004:2015, 7.4)."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tagserver.labels.segments import (
    ALPHANUMERIC_CHARACTERS,
    COUNT_BITS,
    MODE_INDICATOR,
    MODE_INDICATOR_BITS,
    Level,
    Mode,
    Segment,
    capacity_bits,
    version_group,
)

Bits = NDArray[np.uint8]
"""One bit a byte, 0 or 1; shape (symbols, bits)."""

TERMINATOR_BITS = 4
PAD_CODEWORDS = (0xEC, 0x11)
"""What follows the data until the symbol is full (7.4.9, 7.4.10)."""

_GROUP_CHARACTERS = {Mode.NUMERIC: 3, Mode.ALPHANUMERIC: 2, Mode.BYTE: 1}
_GROUP_BITS = {Mode.NUMERIC: (0, 4, 7, 10), Mode.ALPHANUMERIC: (0, 6, 11), Mode.BYTE: (0, 8)}
"""How many characters are written together, and in how many bits (7.4.3 to 7.4.5)."""

_RADIX = {Mode.NUMERIC: 10, Mode.ALPHANUMERIC: 45, Mode.BYTE: 256}


def _values(alphabet: bytes) -> NDArray[np.uint16]:
    """Value of each of 256 byte values in an alphabet; 999 stands for none."""
    values = np.full(256, 999, dtype=np.uint16)
    values[np.frombuffer(alphabet, dtype=np.uint8)] = np.arange(len(alphabet))
    return values


_VALUES = {
    Mode.NUMERIC: _values(b"0123456789"),
    Mode.ALPHANUMERIC: _values(ALPHANUMERIC_CHARACTERS.encode()),
    Mode.BYTE: _values(bytes(range(256))),
}


@lru_cache(maxsize=16)
def _bit_table(width: int) -> Bits:
    """Row n holds the `width` bits of n, most significant first."""
    numbers = np.arange(1 << width, dtype=np.uint16)
    return (numbers[:, None] >> np.arange(width - 1, -1, -1, dtype=np.uint16) & 1).astype(np.uint8)


def data_bits(texts: list[str], segments: tuple[Segment, ...], version: int, level: Level) -> Bits:
    """The data bits of each text, terminator and padding included; shape (texts, capacity).

    Raises: ValueError when a text is not what the segments say: its length, or a character outside its mode.
    """
    length = sum(segment.count for segment in segments)
    if any(len(text) != length for text in texts):
        raise ValueError(f"got a text whose length is not {length}, want texts of one shape")
    characters = np.frombuffer("".join(texts).encode("ascii"), dtype=np.uint8).reshape(len(texts), length)
    group = version_group(version)
    parts, start = [], 0
    for segment in segments:
        header = MODE_INDICATOR[segment.mode] << COUNT_BITS[segment.mode][group] | segment.count
        parts.append(_constant(header, MODE_INDICATOR_BITS + COUNT_BITS[segment.mode][group], len(texts)))
        parts += _payload(characters[:, start : start + segment.count], segment.mode)
        start += segment.count
    parts.append(_padding(sum(part.shape[1] for part in parts), capacity_bits(version, level), len(texts)))
    return np.concatenate(parts, axis=1)


def _payload(characters: NDArray[np.uint8], mode: Mode) -> list[Bits]:
    """The bits of a segment: whole groups of characters, then the shorter last group if there is one."""
    values = _VALUES[mode][characters]
    if values.size and int(values.max()) >= _RADIX[mode]:
        raise ValueError(f"got a character outside {mode.name.lower()} mode, want texts of one shape")
    in_group = _GROUP_CHARACTERS[mode]
    whole = values.shape[1] // in_group * in_group
    groups = values[:, :whole].reshape(len(values), -1, in_group)
    return [_written(groups, mode), _written(values[:, None, whole:], mode)]


def _written(groups: NDArray[np.uint16], mode: Mode) -> Bits:
    """Groups of characters (texts, groups, characters) as bits (texts, bits)."""
    size = groups.shape[2]
    number = np.zeros(groups.shape[:2], dtype=np.uint16)
    for position in range(size):
        number = number * _RADIX[mode] + groups[:, :, position]
    return _bit_table(_GROUP_BITS[mode][size])[number].reshape(len(groups), -1)


def _constant(value: int, width: int, count: int) -> Bits:
    bits = np.array([value >> shift & 1 for shift in range(width - 1, -1, -1)], dtype=np.uint8)
    return np.broadcast_to(bits, (count, width))


def _padding(used: int, capacity: int, count: int) -> Bits:
    terminator = min(TERMINATOR_BITS, capacity - used)
    to_byte = -(used + terminator) % 8
    codewords = (capacity - used - terminator - to_byte) // 8
    fill = np.resize(np.array(PAD_CODEWORDS, dtype=np.uint8), codewords)
    bits = np.concatenate([np.zeros(terminator + to_byte, dtype=np.uint8), np.unpackbits(fill)])
    return np.broadcast_to(bits, (count, len(bits)))
