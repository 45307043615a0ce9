"""One label as SVG 1.1, its unit one dot of the printer, so that every module has whole coordinates."""

import re
from xml.sax.saxutils import escape, quoteattr

from tagserver.labels.geometry import LabelSpec
from tagserver.labels.helvetica import BOLD, Helvetica
from tagserver.labels.layout import PlacedLine
from tagserver.labels.outlines import OutlineFont, Stroke
from tagserver.labels.preparing import Label
from tagserver.labels.qr import Symbol

FONT_FAMILY = "Helvetica, Arial, 'Liberation Sans', sans-serif"
"""Faces with one set of widths; `textLength` keeps any other within its box."""

_DARK_RUN = re.compile("1+")


def label_svg(label: Label, spec: LabelSpec) -> str:
    """The label at its size in millimetres, on white."""
    width, height = _number(spec.width_mm / spec.dot_mm), _number(spec.height_mm / spec.dot_mm)
    size = f'width="{_number(spec.width_mm)}mm" height="{_number(spec.height_mm)}mm"'
    lines = "".join(_line(line, spec) for line in (*label.layout.lines, label.serial_line))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {width} {height}">'
        f'<rect width="{width}" height="{height}" fill="#fff"/>{_symbol(label, spec)}{lines}</svg>\n'
    )


def _symbol(label: Label, spec: LabelSpec) -> str:
    place = label.layout.symbol
    x, y = round(place.x_mm / spec.dot_mm), round(place.y_mm / spec.dot_mm)
    matrix = f"translate({x} {y}) scale({place.module_dots})"
    return f'<path transform="{matrix}" shape-rendering="crispEdges" d="{_rows(label.symbol)}"/>'


def _rows(symbol: Symbol) -> str:
    """Each run of dark modules in a row as a rectangle, in modules."""
    rows = ("".join("1" if dark else "0" for dark in row) for row in symbol.modules.tolist())
    runs = ((run.start(), y, len(run[0])) for y, row in enumerate(rows) for run in _DARK_RUN.finditer(row))
    return "".join(f"M{x} {y}h{length}v1h-{length}z" for x, y, length in runs)


def _line(line: PlacedLine, spec: LabelSpec) -> str:
    x, y, size = (value / spec.dot_mm for value in (line.x_mm, line.baseline_mm, line.size_mm))
    if isinstance(line.face, OutlineFont):
        return _outlined(line.face, line.text, x, y, size)
    return _text(line.face, line.text, x, y, size)


def _text(face: Helvetica, text: str, x: float, y: float, size: float) -> str:
    weight = ' font-weight="bold"' if face is BOLD else ""
    length = f'textLength="{_number(face.width_em(text) * size)}" lengthAdjust="spacingAndGlyphs"'
    place = f'x="{_number(x)}" y="{_number(y)}" font-size="{_number(size)}" {length}{weight}'
    return f'<text font-family="{FONT_FAMILY}" {place} xml:space="preserve">{escape(text)}</text>'


def _outlined(face: OutlineFont, text: str, x: float, y: float, size: float) -> str:
    path = "".join(map(_stroke, face.outline(text)))
    scale = _number(size)
    matrix = f"translate({_number(x)} {_number(y)}) scale({scale} -{scale})"
    return f'<path role="img" aria-label={quoteattr(text)} transform="{matrix}" d="{path}"/>'


def _stroke(stroke: Stroke) -> str:
    operator, operands = stroke
    return ("Z" if operator == "h" else operator.upper()) + " ".join(map(_number, operands))


def _number(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")
