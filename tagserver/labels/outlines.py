"""Glyphs of a TrueType or OpenType file as outlines, for names that Helvetica cannot write.

Outlines print the same everywhere, ask nothing of the reader's fonts and need no subset embedded. Text is set
one glyph a character, left to right: right for Chinese, Japanese, Korean, Cyrillic and Greek. Scripts that
need shaping (Arabic, Hebrew, Devanagari, Thai) count as missing glyphs rather than be printed wrong.
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Protocol

from fontTools.pens.basePen import BasePen
from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont, TTLibError

from tagserver.labels.errors import FontError, MissingGlyphError

Stroke = tuple[str, tuple[float, ...]]
"""A path operator of PDF and its operands, in font sizes, y upwards: `m` x y, `l` x y, `c` six, `h` none."""


class _Glyph(Protocol):
    """What fontTools gives for a glyph; `width` in font units."""

    width: float

    def draw(self, pen: BasePen) -> None: ...


class _Glyphs(Protocol):
    def __getitem__(self, name: str) -> _Glyph: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FontFile:
    """A font on disk; `index` chooses a face of a collection (.ttc), from 0."""

    path: Path
    index: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlineFont:
    """The glyphs of one face. `name` is the file's name, for messages."""

    name: str
    units_per_em: int
    characters: dict[int, str]
    glyphs: _Glyphs

    def missing(self, text: str) -> str:
        """The characters, each once, that this face or this simple way of setting cannot write."""
        return "".join(dict.fromkeys(c for c in text if ord(c) not in self.characters or _needs_shaping(c)))

    def width_em(self, text: str) -> float:
        """Width in font sizes."""
        return sum(self._glyph(c).width for c in self._checked(text)) / self.units_per_em

    def top_em(self, text: str) -> float:
        """How far the ink of the text rises above the baseline, in font sizes."""
        pen = BoundsPen(self.glyphs)
        for character in self._checked(text):
            self._glyph(character).draw(pen)
        return float(pen.bounds[3]) / self.units_per_em if pen.bounds else 0.0

    def outline(self, text: str) -> tuple[Stroke, ...]:
        """The text as filled paths (nonzero winding), its origin at the left of the baseline."""
        pen = _StrokePen(self.glyphs, self.units_per_em)
        for character in self._checked(text):
            glyph = self._glyph(character)
            glyph.draw(pen)
            pen.x += glyph.width
        return tuple(pen.strokes)

    def _glyph(self, character: str) -> _Glyph:
        return self.glyphs[self.characters[ord(character)]]

    def _checked(self, text: str) -> str:
        if missing := self.missing(text):
            raise MissingGlyphError(missing, font=self.name)
        return text


@lru_cache(maxsize=2)
def load(font: FontFile) -> OutlineFont:
    """The face of a font file; kept with the file's bytes, since reading a large one takes half a second.

    Raises: FontError when the file cannot be read as a font, or has no such face.
    """
    try:
        opened = TTFont(BytesIO(font.path.read_bytes()), fontNumber=font.index, lazy=True)
        return OutlineFont(
            name=font.path.name,
            units_per_em=opened["head"].unitsPerEm,
            characters=opened.getBestCmap() or {},
            glyphs=opened.getGlyphSet(),
        )
    except (OSError, TTLibError, KeyError) as error:
        raise FontError(f"{font.path.name}, face {font.index}: {error}") from error


def _needs_shaping(character: str) -> bool:
    """Right-to-left letters and combining marks cannot be set one after the other."""
    right_to_left = unicodedata.bidirectional(character) in {"R", "AL"}
    return right_to_left or unicodedata.category(character).startswith("M")


class _StrokePen(BasePen):  # type: ignore[misc]  # fontTools has no types
    """Collects paths in font sizes; the base class takes composites and quadratic curves apart."""

    def __init__(self, glyphs: _Glyphs, units_per_em: int) -> None:
        super().__init__(glyphs)
        self.x, self.strokes = 0.0, list[Stroke]()
        self._scale = 1 / units_per_em

    def _add(self, operator: str, *points: tuple[float, float]) -> None:
        flat = tuple(v * self._scale for x, y in points for v in (x + self.x, y))
        self.strokes.append((operator, flat))

    def _moveTo(self, pt: tuple[float, float]) -> None:  # noqa: N802 (fontTools calls it)
        self._add("m", pt)

    def _lineTo(self, pt: tuple[float, float]) -> None:  # noqa: N802 (fontTools calls it)
        self._add("l", pt)

    def _curveToOne(  # noqa: N802 (fontTools calls it)
        self, pt1: tuple[float, float], pt2: tuple[float, float], pt3: tuple[float, float]
    ) -> None:
        self._add("c", pt1, pt2, pt3)

    def _closePath(self) -> None:  # noqa: N802 (fontTools calls it)
        self._add("h")
