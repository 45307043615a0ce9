"""Error correction level and mask of a symbol, from 15 modules that say so twice: 7.9; and its version: 7.10."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Level = Literal["L", "M", "Q", "H"]

_LEVELS: tuple[Level, ...] = ("M", "L", "H", "Q")
"""In the order of their two bits: table 12."""
_XOR = 0b101010000010010
_FORMAT_GENERATOR = 0b10100110111
_VERSION_GENERATOR = 0b1111100100101


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """Level and mask, with how well the modules agree to them."""

    level: Level
    mask: int
    """0 to 7, table 10."""
    agreement: float
    """From -1.0 to 1.0; what random modules reach is about 0.4, a clean symbol gives 1.0."""


def format_bits(level: Level, mask: int) -> int:
    """The 15 bits that say `level` and `mask`."""
    data = _LEVELS.index(level) << 3 | mask
    return (data << 10 | _remainder(data << 10, _FORMAT_GENERATOR)) ^ _XOR


def version_bits(version: int) -> int:
    """The 18 bits that say `version`, 7 to 40."""
    return version << 12 | _remainder(version << 12, _VERSION_GENERATOR)


def _remainder(value: int, generator: int) -> int:
    while value.bit_length() >= generator.bit_length():
        value ^= generator << (value.bit_length() - generator.bit_length())
    return value


def format_places(side: int) -> NDArray[np.intp]:
    """Shape (2, 15, 2): row and column of each bit in both copies, the most significant bit first: figure 25."""
    first = [(8, c) for c in (0, 1, 2, 3, 4, 5, 7)] + [(8, 8), (7, 8)] + [(r, 8) for r in range(5, -1, -1)]
    second = [(side - 1 - k, 8) for k in range(7)] + [(8, side - 8 + k) for k in range(8)]
    return np.array([first, second], np.intp)


def version_places(side: int) -> NDArray[np.intp]:
    """Shape (2, 18, 2): row and column of each bit in both copies, the most significant bit first: figure 28."""
    order = [(bit // 3, side - 11 + bit % 3) for bit in range(17, -1, -1)]
    return np.array([order, [(c, r) for r, c in order]], np.intp)


@lru_cache(maxsize=1)
def _format_words() -> NDArray[np.float32]:
    """Shape (32, 15): each format's bits as 1.0 and -1.0, in the order of (level, mask)."""
    return _signs([format_bits(level, mask) for level in _LEVELS for mask in range(8)], 15)


@lru_cache(maxsize=1)
def _version_words() -> NDArray[np.float32]:
    return _signs([version_bits(version) for version in range(7, 41)], 18)


def _signs(words: list[int], bits: int) -> NDArray[np.float32]:
    return np.array([[2 * (w >> b & 1) - 1 for b in range(bits - 1, -1, -1)] for w in words], np.float32)


def read_format(soft: NDArray[np.float32], *, most: int = 2) -> tuple[Format, ...]:
    """The `most` likeliest formats, best first, by correlation with both copies together."""
    places = format_places(len(soft))
    scores = _correlation(soft[places[..., 0], places[..., 1]], _format_words())
    return tuple(
        Format(level=_LEVELS[k >> 3], mask=int(k & 7), agreement=float(scores[k]))
        for k in np.argsort(-scores)[:most]
    )


def read_version(soft: NDArray[np.float32]) -> tuple[int, float]:
    """The likeliest version, 7 to 40, by its version information, and how well the modules agree to it."""
    places = version_places(len(soft))
    scores = _correlation(soft[places[..., 0], places[..., 1]], _version_words())
    best = int(scores.argmax())
    return best + 7, float(scores[best])


def _correlation(copies: NDArray[np.float32], words: NDArray[np.float32]) -> NDArray[np.float32]:
    scores = words @ copies.sum(axis=0) / max(float(np.abs(copies).sum()), 1e-6)
    return np.asarray(scores, np.float32)
