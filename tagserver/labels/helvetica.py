"""Widths of the standard Helvetica, which every PDF reader brings along (ISO 32000-1, 9.6.2.2).

From Adobe's metrics of the 14 standard fonts (Core14_AFMs, Helvetica.afm and Helvetica-Bold.afm, version
002.000): thousandths of the font size. Encoded as WinAnsi, which is Windows code page 1252.
"""

import unicodedata
from dataclasses import dataclass

CAP_EM = 0.718
X_HEIGHT_EM = 0.523
DESCENT_EM = 0.207
"""`CapHeight`, `XHeight` and `Descender` of Helvetica, in font sizes."""

_ASCII_REGULAR = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)  # fmt: skip

_ASCII_BOLD = (
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611,
    975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556,
    333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611,
    611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
)  # fmt: skip

_OTHERS = {
    "regular": {"Æ": 1000, "Ø": 778, "ß": 611, "æ": 889, "ø": 611, "–": 556, "—": 1000, "…": 1000, "’": 222},
    "bold": {"Æ": 1000, "Ø": 778, "ß": 611, "æ": 889, "ø": 611, "–": 556, "—": 1000, "…": 1000, "’": 278},
}
_DOTTED_I = dict.fromkeys("ìíîï", 278)


def _widths(ascii_widths: tuple[int, ...], others: dict[str, int]) -> dict[str, int]:
    """A width for every character we print; a letter with an accent is as wide as without, except i."""
    widths = {chr(32 + index): width for index, width in enumerate(ascii_widths)}
    for code in range(0xC0, 0x100):
        plain = unicodedata.normalize("NFD", chr(code))[0]
        if plain != chr(code):
            widths[chr(code)] = widths[plain]
    return widths | _DOTTED_I | others


@dataclass(frozen=True, slots=True, kw_only=True)
class Helvetica:
    """One of the two standard faces; `pdf_name` is the BaseFont."""

    pdf_name: str
    widths: dict[str, int]

    def missing(self, text: str) -> str:
        """The characters, each once, that have no width here."""
        return "".join(dict.fromkeys(c for c in text if c not in self.widths))

    def width_em(self, text: str) -> float:
        """Width in font sizes; the text has no missing characters."""
        return sum(map(self.widths.__getitem__, text)) / 1000

    def top_em(self, text: str) -> float:
        """How far text rises above the baseline, in font sizes."""
        return CAP_EM


REGULAR = Helvetica(pdf_name="Helvetica", widths=_widths(_ASCII_REGULAR, _OTHERS["regular"]))
BOLD = Helvetica(pdf_name="Helvetica-Bold", widths=_widths(_ASCII_BOLD, _OTHERS["bold"]))
