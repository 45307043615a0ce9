"""The cheapest split of a text into QR segments, found exactly (ISO/IEC 18004:2015, 7.4).

A symbol may switch between numeric, alphanumeric and byte mode; each switch costs a header. Dynamic
programming over the characters finds the split with the fewest bits, which decides the symbol's version.
What is split is a *shape*, one letter a character, never the text: all tags of a batch have one shape, so
they have one version and one structure whatever their serials happen to be. Kanji mode is not used.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import groupby

from qrcode.util import BIT_LIMIT_TABLE

from tagserver.labels.errors import SymbolTextError


class Mode(StrEnum):
    """How a segment's characters are written; the value is the letter of a shape."""

    NUMERIC = "0"
    ALPHANUMERIC = "A"
    BYTE = "b"


class Level(StrEnum):
    """Error correction: about 7, 15, 25 and 30 % of the codewords can be restored (Table 8)."""

    L = "L"
    M = "M"
    Q = "Q"
    H = "H"


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A run of `count` characters in one mode."""

    mode: Mode
    count: int


ALPHANUMERIC_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
"""In the order of their values 0 to 44 (Table 5)."""

LEVEL_INDICATOR = {Level.L: 1, Level.M: 0, Level.Q: 3, Level.H: 2}
"""The two bits of the format information that name a level (Table 12)."""

MODE_INDICATOR = {Mode.NUMERIC: 1, Mode.ALPHANUMERIC: 2, Mode.BYTE: 4}
"""The four bits that begin a segment (Table 2)."""

MODE_INDICATOR_BITS = 4

COUNT_BITS = {Mode.NUMERIC: (10, 12, 14), Mode.ALPHANUMERIC: (9, 11, 13), Mode.BYTE: (8, 16, 16)}
"""Width of the character count by group of versions: 1-9, 10-26, 27-40 (Table 3)."""

GROUPS = (range(1, 10), range(10, 27), range(27, 41))

_SIXTHS = {Mode.NUMERIC: 20, Mode.ALPHANUMERIC: 33, Mode.BYTE: 48}
"""Cost of a character in sixths of a bit (7.4.3 to 7.4.5): 10/3, 11/2 and 8 bits. A segment's length in bits
is the sum rounded up: 1, 2, 3 digits are 4, 7, 10 bits, 1 and 2 alphanumerics are 6 and 11."""

_CAN_WRITE = {Mode.NUMERIC: "0", Mode.ALPHANUMERIC: "0A", Mode.BYTE: "0Ab"}


def _narrowest(character: str) -> Mode:
    if character in "0123456789":
        return Mode.NUMERIC
    return Mode.ALPHANUMERIC if character in ALPHANUMERIC_CHARACTERS else Mode.BYTE


_LETTERS = str.maketrans({chr(code): _narrowest(chr(code)).value for code in range(128)})


def shape_of(text: str) -> str:
    """The narrowest mode of every character, as a string of the letters of `Mode`.

    Raises: SymbolTextError when the text is empty or not ASCII (URLs are; byte mode means Latin-1 without an
    ECI).
    """
    if not text or not text.isascii():
        raise SymbolTextError(f"got {text[:80]!r}, want a URL in ASCII")
    return text.translate(_LETTERS)


def version_group(version: int) -> int:
    """0, 1 or 2: which widths of character counts a version (1 to 40) uses."""
    return (version >= 10) + (version >= 27)


def capacity_bits(version: int, level: Level) -> int:
    """Data bits of a symbol of this version (1 to 40), segment headers included (Table 7)."""
    return BIT_LIMIT_TABLE[LEVEL_INDICATOR[level]][version]


def bits_for(segments: tuple[Segment, ...], version: int) -> int:
    """Bits of the segments with their headers, without terminator and padding."""
    group = version_group(version)
    return sum(_header_bits(s.mode, group) - (-_SIXTHS[s.mode] * s.count // 6) for s in segments)


def _header_bits(mode: Mode, group: int) -> int:
    return MODE_INDICATOR_BITS + COUNT_BITS[mode][group]


@lru_cache(maxsize=256)
def split(shape: str, group: int) -> tuple[Segment, ...]:
    """The cheapest segments for a shape in a group of versions (0, 1 or 2); deterministic.

    `best[mode]` is the cheapest way to write the characters so far with the last of them in `mode`: sixths
    of a bit, and the mode of every character. Rounding up where a segment ends is monotone, so a dearer
    prefix in the same mode can never become part of a cheaper whole.
    """
    best: dict[Mode, tuple[int, str]] = {}
    for letter in shape:
        closed = _close(best)
        opened = {mode: (closed[0] + 6 * _header_bits(mode, group), closed[1]) for mode in Mode}
        before = {mode: min(opened[mode], best.get(mode, opened[mode])) for mode in Mode}
        best = {
            mode: (cost + _SIXTHS[mode], path + mode)
            for mode, (cost, path) in before.items()
            if letter in _CAN_WRITE[mode]
        }
    return tuple(Segment(mode=Mode(mode), count=len(list(run))) for mode, run in groupby(_close(best)[1]))


def _close(best: dict[Mode, tuple[int, str]]) -> tuple[int, str]:
    """The cheapest way so far, its last segment ended: rounded up to whole bits."""
    return min(((-(-cost // 6) * 6, path) for cost, path in best.values()), default=(0, ""))


@lru_cache(maxsize=256)
def fit(shape: str, level: Level) -> tuple[int, tuple[Segment, ...]]:
    """The smallest version (1 to 40) that holds the shape, and the segments to use there.

    Raises: SymbolTextError when not even version 40 holds it.
    """
    for group, versions in enumerate(GROUPS):
        segments = split(shape, group)
        for version in versions:
            if bits_for(segments, version) <= capacity_bits(version, level):
                return version, segments
    raise SymbolTextError(f"{len(shape)} characters do not fit the largest symbol at level {level}")


def smallest_version(text: str, level: Level = Level.M) -> int:
    """The smallest version (1 to 40) that holds the text with an exactly optimal split."""
    return fit(shape_of(text), level)[0]
