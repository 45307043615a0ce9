"""Which face writes a text, and how a product name is fitted to its box."""

from collections.abc import Iterator

from tagserver.labels.errors import MissingGlyphError
from tagserver.labels.helvetica import BOLD, Helvetica
from tagserver.labels.outlines import FontFile, OutlineFont, load

Face = Helvetica | OutlineFont

_FIRST_IDEOGRAPHIC = "\u2e80"
"""From here on (CJK Radicals Supplement) a line may break between any two characters (UAX 14, class ID)."""

_ROUNDING_EM = 1e-9
"""A line as wide as its box fits, whatever floating point makes of the quotient."""


def name_face(name: str, font: FontFile | None) -> Face:
    """Bold Helvetica where it has every character, else the configured font.

    Raises: MissingGlyphError when neither can write the name; FontError when the font cannot be read.
    """
    face: Face = BOLD
    missing = BOLD.missing(name)
    if missing and font is not None:
        face = load(font)
        missing = face.missing(name)
    if missing:
        raise MissingGlyphError(missing, font=face.pdf_name if isinstance(face, Helvetica) else face.name)
    return face


def two_lines(name: str, face: Face) -> tuple[str, ...]:
    """The name broken where both lines come out most alike in width; one line if it cannot be broken."""
    return min(_breaks(name), key=lambda lines: max(map(face.width_em, lines)), default=(name,))


def _breaks(name: str) -> Iterator[tuple[str, str]]:
    for at in range(1, len(name)):
        if name[at] == " " or min(name[at - 1], name[at]) >= _FIRST_IDEOGRAPHIC:
            yield name[:at].rstrip(), name[at:].lstrip()


def fitted(name: str, lines: tuple[str, ...], face: Face, width_em: float) -> tuple[str, ...]:
    """The name's lines if they fit; else as many lines again, filled, of which the last is shortened."""
    if all(face.width_em(line) <= width_em + _ROUNDING_EM for line in lines):
        return lines
    filled = [pair for pair in _breaks(name) if face.width_em(pair[0]) <= width_em]
    if len(lines) > 1 and filled:
        return filled[-1][0], shortened(filled[-1][1], face, width_em)
    return tuple(shortened(line, face, width_em) for line in lines)


def shortened(text: str, face: Face, width_em: float) -> str:
    """The text, or as much of its beginning as fits with an ellipsis after it."""
    if face.width_em(text) <= width_em + _ROUNDING_EM:
        return text
    ellipsis = "..." if face.missing("…") else "…"
    kept = next(
        (end for end in range(len(text) - 1, 0, -1) if face.width_em(text[:end] + ellipsis) <= width_em), 0
    )
    return text[:kept].rstrip() + ellipsis
