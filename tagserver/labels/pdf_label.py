"""One label in the operators of a PDF page (ISO 32000-1:2008, 8 and 9): paths, text and a one-bit image.

Units are points, 1/72 inch, y upwards from the page's bottom.
"""

from tagserver.labels.geometry import POINTS_PER_MM, LabelSpec
from tagserver.labels.helvetica import REGULAR, Helvetica
from tagserver.labels.layout import Layout, PlacedLine
from tagserver.labels.outlines import OutlineFont, Stroke
from tagserver.labels.pdf_objects import literal_string, number, text_string
from tagserver.labels.qr import Symbol

FONT_RESOURCES = {"Helvetica": b"/R", "Helvetica-Bold": b"/B"}
"""Names of the two fonts in the resources of every page and form."""

INSET = 0.0005
"""Points by which a symbol is smaller on each side, 1/240 of a dot at 600 dpi. Without it, an edge that floating
point puts a trifle beyond its dot makes readers that round outwards stretch the symbol by a dot."""


def fixed_content(layout: Layout, spec: LabelSpec) -> bytes:
    """All lines that a batch shares, with the label's bottom left corner as origin."""
    return b"\n".join(text_content(line, 0.0, spec.height_mm * POINTS_PER_MM) for line in layout.lines)


def text_content(line: PlacedLine, left: float, top: float) -> bytes:
    """A line of a label whose top left corner is at `left`, `top` in points."""
    x = number(left + line.x_mm * POINTS_PER_MM)
    y = number(top - line.baseline_mm * POINTS_PER_MM)
    size = number(line.size_mm * POINTS_PER_MM)
    if isinstance(line.face, Helvetica):
        font = FONT_RESOURCES[line.face.pdf_name]
        return b"BT %b %b Tf %b %b Td %b Tj ET" % (font, size, x, y, literal_string(line.text))
    return _outlined(line.face, line.text, b"%b 0 0 %b %b %b cm" % (size, size, x, y))


def _outlined(face: OutlineFont, text: str, matrix: bytes) -> bytes:
    """Filled paths, marked with the text they show for search and for screen readers (14.9.4)."""
    paths = b"\n".join(map(_stroke, face.outline(text)))
    return b"/Span<</ActualText%b>>BDC q %b\n%b\nf Q EMC" % (text_string(text), matrix, paths)


def _stroke(stroke: Stroke) -> bytes:
    operator, operands = stroke
    return b" ".join([*map(number, operands), operator.encode()])


def symbol_content(symbol: Symbol, layout: Layout, spec: LabelSpec, left: float, top: float) -> bytes:
    """The symbol as an image of one bit a module, painted where the bit is 1 (8.9.6.2).

    Its corner lies on the printer's grid of dots as counted from the page's bottom left corner, and a module
    is whole dots, so that no module is rounded to another width than its neighbours.
    """
    place, dot = layout.symbol, spec.dot_mm * POINTS_PER_MM
    side = place.size * place.module_dots * dot
    x = round((left + place.x_mm * POINTS_PER_MM) / dot) * dot + INSET
    y = round((top - place.y_mm * POINTS_PER_MM - side) / dot) * dot + INSET
    scale = number(side - 2 * INSET)
    head = b"q %b 0 0 %b %b %b cm BI/W %d/H %d/IM true/D[1 0]"
    return head % (scale, scale, number(x), number(y), symbol.size, symbol.size) + _image_data(symbol.rows)


def _image_data(rows: bytes) -> bytes:
    """The rest of an inline image (8.9.7).

    Its end is the operator EI; readers search for it. Rows that chance to hold these two letters are written
    in hexadecimal, where they cannot occur.
    """
    if b"EI" in rows:
        return b"/F/AHx ID " + rows.hex().encode() + b">\nEI Q"
    return b" ID " + rows + b"\nEI Q"


def serial_content(layout: Layout, text: str, left: float, top: float) -> bytes:
    """The serial's line; see `text_content`."""
    line = layout.serial.line(text)
    assert line.face is REGULAR
    return text_content(line, left, top)
