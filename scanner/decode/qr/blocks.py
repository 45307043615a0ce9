"""How the codewords of a symbol are spread over Reed-Solomon blocks: table 9 and 7.6."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from scanner.decode.qr.format_info import Level
from scanner.decode.qr.layout import layout_of

# fmt: off
_PARITY: dict[Level, tuple[int, ...]] = {
    "L": (7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28,
          28, 28, 30, 30, 26, 28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30),
    "M": (10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26,
          26, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28),
    "Q": (13, 22, 18, 26, 18, 24, 18, 22, 20, 24, 28, 26, 24, 20, 30, 24, 28, 28, 26, 30,
          28, 30, 30, 30, 30, 28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30),
    "H": (17, 28, 22, 16, 22, 28, 26, 26, 24, 28, 24, 28, 22, 24, 24, 30, 28, 28, 26, 28,
          30, 24, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30),
}
_BLOCKS: dict[Level, tuple[int, ...]] = {
    "L": (1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8,
          8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16, 17, 18, 19, 19, 20, 21, 22, 24, 25),
    "M": (1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16,
          17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49),
    "Q": (1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10, 12, 16, 12, 17, 16, 18, 21, 20,
          23, 23, 25, 27, 29, 34, 34, 35, 38, 40, 43, 45, 48, 51, 53, 56, 59, 62, 65, 68),
    "H": (1, 1, 2, 4, 4, 4, 5, 6, 8, 8, 11, 11, 16, 16, 18, 16, 19, 21, 25, 25,
          25, 34, 30, 32, 35, 37, 40, 42, 45, 48, 51, 54, 57, 60, 63, 66, 70, 74, 77, 81),
}
# fmt: on


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One Reed-Solomon block."""

    places: NDArray[np.intp]
    """Where its symbols stand among the symbol's codewords, data first, then check symbols."""
    parity: int
    """How many of them are check symbols, at the end."""


@lru_cache(maxsize=160)
def blocks_of(version: int, level: Level) -> tuple[Block, ...]:
    """The blocks of a symbol; the later ones may hold one data codeword more."""
    count, parity = _BLOCKS[level][version - 1], _PARITY[level][version - 1]
    total = layout_of(version).codewords
    short, longer = divmod(total - count * parity, count)
    places: list[list[int]] = [[] for _ in range(count)]
    at = 0
    for column in range(short + 1):
        for block in range(count if column < short else 0):
            places[block].append(at + block)
        if column < short:
            at += count
    for block in range(count - longer, count):
        places[block].append(at)
        at += 1
    for _ in range(parity):
        for block in range(count):
            places[block].append(at + block)
        at += count
    return tuple(Block(places=np.array(row, np.intp), parity=parity) for row in places)
