"""A QR symbol as it was read from a picture."""

from dataclasses import dataclass
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]
"""(x, y) in pixels of the upright picture; (0, 0) is the centre of the top-left pixel."""

Corners: TypeAlias = tuple[Point, Point, Point, Point]
"""From the symbol's own top-left, clockwise (in a mirrored picture: the other way round)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """How like a label on a picture is to the one that was expected there; both shares from 0.0 to 1.0."""

    seen: float
    """Of the modules that only this label has so, how many can be seen."""
    agreeing: float
    """Of those that can be seen, how many are as they should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """One symbol, with where and how it was read. Its text is untrusted: only `verify` gives it a meaning."""

    text: str
    """The payload as text: by its ECI where it names one, else by a guess of the character set."""
    payload: bytes
    """The payload as printed; from a stage that keeps no bytes, its text in UTF-8."""
    corners: Corners
    stage: str
    """Name of the stage that read it."""
    version: str | None = None
    """As ISO/IEC 18004 names it: "1" to "40", or "M1" to "M4"; None where the stage does not tell."""
    ec_level: str | None = None
    """Error correction: "L", "M", "Q" or "H"; None where the stage does not tell."""
    likeness: Likeness | None = None
    """Given for a symbol that was not read but recognised: `text` is then what it was expected under."""
