"""Labels as ZPL II, for thermal printers (Zebra, ZPL II Programming Guide).

The symbol is sent as a bitmap (^GF), dot for dot: told to encode by itself (^BQ), a printer may choose other
segments, another version and another mask. Identifiers are set in the printer's font 0; a name that Helvetica
cannot write is sent as a bitmap too, because the printer would leave such characters out without a word.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from tagserver.labels.geometry import LabelSpec
from tagserver.labels.helvetica import Helvetica
from tagserver.labels.layout import PlacedLine
from tagserver.labels.outlines import FontFile
from tagserver.labels.png import dots_of
from tagserver.labels.preparing import Label

_HEX_INDICATOR = "_"
_ESCAPED = str.maketrans({c: f"{_HEX_INDICATOR}{ord(c):02X}" for c in "^~\\" + _HEX_INDICATOR})
"""Prefixes of commands, and what ^FH itself takes for an escape."""

_UTF_8 = 28
"""Of ^CI."""


def label_zpl(label: Label, spec: LabelSpec, *, font: FontFile | None = None) -> bytes:
    """One label in one format, in UTF-8; `font` is the one the layout was made with."""
    lines = "".join(_line(line, spec, font) for line in (*label.layout.lines, label.serial_line))
    head = f"^XA^CI{_UTF_8}^PW{spec.width_dots}^LL{spec.height_dots}^LH0,0\n"
    return f"{head}{_symbol(label, spec)}{lines}^PQ1^XZ\n".encode()


def _symbol(label: Label, spec: LabelSpec) -> str:
    place = label.layout.symbol
    x, y = round(place.x_mm / spec.dot_mm), round(place.y_mm / spec.dot_mm)
    return _bitmap(x, y, dots_of(label.symbol, place))


def _bitmap(x: int, y: int, dark: NDArray[np.bool_]) -> str:
    """^GF at a top left corner; a row equal to the one above is a colon (alternative compression, ~DG)."""
    packed = np.packbits(dark, axis=1)
    stride, total = packed.shape[1], packed.size
    rows = [bytes(row).hex().upper() for row in packed]
    sent = [":" if at and row == rows[at - 1] else row for at, row in enumerate(rows)]
    return f"^FO{x},{y}^GFA,{total},{total},{stride},{''.join(sent)}^FS\n"


def _line(line: PlacedLine, spec: LabelSpec, font: FontFile | None) -> str:
    x, baseline, size = (round(mm / spec.dot_mm) for mm in (line.x_mm, line.baseline_mm, line.size_mm))
    if isinstance(line.face, Helvetica):
        return (
            f"^FT{x},{baseline}^A0N,{size},{size}^FH{_HEX_INDICATOR}^FD{line.text.translate(_ESCAPED)}^FS\n"
        )
    if font is None:
        raise ValueError("got a name in outlines and no font, want the font of the layout")
    dark, rise = _name_dots(line.text, size, font)
    return _bitmap(x, baseline - rise, dark)


@lru_cache(maxsize=32)
def _name_dots(text: str, size: int, font: FontFile) -> tuple[NDArray[np.bool_], int]:
    """A name in dots, and how many of its rows stand above the baseline."""
    face = ImageFont.truetype(font.path, size, index=font.index)
    _, top, right, bottom = face.getbbox(text, anchor="ls")
    image = Image.new("1", (max(round(right), 1), max(round(bottom - top), 1)))
    ImageDraw.Draw(image).text((0, -top), text, font=face, fill=1, anchor="ls")
    return np.array(image, dtype=np.bool_), round(-top)
