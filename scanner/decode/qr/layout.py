"""Where each module of a QR symbol belongs: function patterns, and the order of the codewords' bits."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

UNKNOWN = 0
"""In `Layout.known`: a module that carries data, format or version information."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """All that is known of a symbol from its version alone. The arrays are shared: do not write to them."""

    version: int
    known: NDArray[np.int8]
    """Shape (side, side): 1 a dark module of a function pattern, -1 a light one, 0 `UNKNOWN`."""
    is_data: NDArray[np.bool_]
    """Shape (side, side): modules that carry codewords or remainder bits."""
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    """Shape (bits,): the place of each bit in the order of 7.7.3, remainder bits left out."""

    @property
    def side(self) -> int:
        return side_of(self.version)

    @property
    def codewords(self) -> int:
        """Number of codewords, data and error correction together."""
        return len(self.rows) // 8


def side_of(version: int) -> int:
    """Modules on a side of a symbol of `version`, 1 to 40."""
    return 17 + 4 * version


def version_of(side: int) -> int:
    """The version with `side` modules on a side. Raises: ValueError when there is none."""
    version, rest = divmod(side - 17, 4)
    if rest or not 1 <= version <= 40:
        raise ValueError(f"got {side} modules on a side, want 21 to 177 in steps of 4")
    return version


def alignment_centres(version: int) -> tuple[int, ...]:
    """Rows, which are the columns too, of the alignment patterns' centres: Annex E, table E.1."""
    if version == 1:
        return ()
    count = version // 7 + 2
    step = 26 if version == 32 else (version * 4 + count * 2 + 1) // (count * 2 - 2) * 2
    last = side_of(version) - 7
    return (6, *sorted(last - step * k for k in range(count - 1)))


def alignment_places(version: int) -> tuple[tuple[int, int], ...]:
    """(row, column) of the centre of each alignment pattern: all pairs but the three under finder patterns."""
    centres = alignment_centres(version)
    if not centres:
        return ()
    taken = {(6, 6), (6, centres[-1]), (centres[-1], 6)}
    return tuple((r, c) for r in centres for c in centres if (r, c) not in taken)


@lru_cache(maxsize=40)
def layout_of(version: int) -> Layout:
    """The layout of a symbol of `version`. Raises: ValueError unless it is 1 to 40."""
    if not 1 <= version <= 40:
        raise ValueError(f"got version {version}, want 1 to 40")
    known = _function_patterns(version)
    is_data = known == UNKNOWN
    _reserve_information(is_data, version)
    rows, columns = _bit_order(is_data)
    return Layout(version=version, known=known, is_data=is_data, rows=rows, columns=columns)


def _function_patterns(version: int) -> NDArray[np.int8]:
    side = side_of(version)
    known = np.zeros((side, side), np.int8)
    stripes = np.where(np.arange(side) % 2 == 0, 1, -1)
    known[6, :], known[:, 6] = stripes, stripes
    for row, column in ((0, 0), (0, side - 7), (side - 7, 0)):
        _draw_finder(known, row, column)
    for row, column in alignment_places(version):
        known[row - 2 : row + 3, column - 2 : column + 3] = 1
        known[row - 1 : row + 2, column - 1 : column + 2] = -1
        known[row, column] = 1
    known[side - 8, 8] = 1  # the dark module, 7.9.1
    return known


def _draw_finder(known: NDArray[np.int8], row: int, column: int) -> None:
    top, left = max(row - 1, 0), max(column - 1, 0)
    known[top : row + 8, left : column + 8] = -1
    known[row : row + 7, column : column + 7] = 1
    known[row + 1 : row + 6, column + 1 : column + 6] = -1
    known[row + 2 : row + 5, column + 2 : column + 5] = 1


def _reserve_information(is_data: NDArray[np.bool_], version: int) -> None:
    """Format information beside the finder patterns; from version 7 on, two blocks of version information."""
    is_data[8, :9] = is_data[:9, 8] = False
    is_data[8, -8:] = is_data[-8:, 8] = False
    if version >= 7:
        is_data[:6, -11:-8] = is_data[-11:-8, :6] = False


def _bit_order(is_data: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """In pairs of columns from the right, up and down in turn, leaving out column 6: 7.7.3."""
    side = len(is_data)
    rows, columns = [], []
    for turn, right in enumerate([*range(side - 1, 6, -2), *range(5, 0, -2)]):
        down = np.arange(side) if turn % 2 else np.arange(side - 1, -1, -1)
        row, column = np.repeat(down, 2), np.tile([right, right - 1], side)
        free = is_data[row, column]
        rows.append(row[free])
        columns.append(column[free])
    bits = int(is_data.sum()) // 8 * 8
    return np.concatenate(rows)[:bits].astype(np.intp), np.concatenate(columns)[:bits].astype(np.intp)
