"""Sheets of labels as PDF, page after page, in flat memory however many there are.

What a batch's labels share is written once as a form and drawn by name; a label then costs its symbol's bits,
its serial and two positions. The catalogue asks viewers not to scale when they print.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice
from typing import BinaryIO

from tagserver.labels.content import LabelContent
from tagserver.labels.geometry import POINTS_PER_MM, SheetSpec
from tagserver.labels.helvetica import BOLD, REGULAR
from tagserver.labels.layout import Layout
from tagserver.labels.outlines import FontFile
from tagserver.labels.pdf_label import FONT_RESOURCES, fixed_content, serial_content, symbol_content
from tagserver.labels.pdf_objects import PdfObjects, name_object, number, text_string
from tagserver.labels.preparing import Label, prepared

PAGES_A_NODE = 64
"""Pages under one node of the page tree: a viewer finds any page in a few steps."""

CUT_MARK_MM, CUT_GAP_MM, CUT_LINE_MM = 4.0, 1.0, 0.1
"""Length of a cut mark, its distance from the labels, and its width."""

PRODUCER = "origintag"
"""Written into every file as the program that made it."""


def write_sheets(
    contents: Iterable[LabelContent],
    sheet: SheetSpec,
    out: BinaryIO,
    *,
    title: str,
    font: FontFile | None = None,
) -> int:
    """Writes one PDF with all labels and returns how many there were.

    `out` need not be seekable; nothing in it is valid before this returns. `font` writes product names that
    Helvetica cannot.

    Raises: LabelError when a label cannot be printed; ValueError when there are no labels.
    """
    return write_prepared(prepared(contents, sheet.label, font=font), sheet, out, title=title)


def write_prepared(labels: Iterable[Label], sheet: SheetSpec, out: BinaryIO, *, title: str) -> int:
    """As `write_sheets`, for labels made by `preparing.prepared` with the sheet's label.

    Raises: LabelError when a serial cannot be printed; ValueError when there are no labels.
    """
    document, remaining = _Document(out, sheet), iter(labels)
    count, first = 0, sheet.start - 1
    while page := list(islice(remaining, sheet.per_page - first)):
        document.add_page(page, first)
        count, first = count + len(page), 0
    if not count:
        raise ValueError("got no labels, want at least one")
    document.close(title)
    return count


class _Document:
    """A document in the making: the objects written so far and the page tree's open node."""

    def __init__(self, out: BinaryIO, sheet: SheetSpec) -> None:
        self._sheet, self._objects = sheet, PdfObjects(out)
        self._fonts = b"".join(_font(self._objects, face.pdf_name) for face in (REGULAR, BOLD))
        self._tree = _PageTree(self._objects, sheet)
        self._forms: dict[int, tuple[int, Layout]] = {}

    def add_page(self, labels: list[Label], first: int) -> None:
        """Writes a page whose first label stands at position `first` (from 0)."""
        forms: dict[int, None] = {}
        content = [self._cut_marks] if self._sheet.cut_marks else []
        for position, label in enumerate(labels, first):
            form = self._form(label.layout)
            forms[form] = None
            content.append(self._label(label, position, form))
        stream = self._objects.reserve()
        self._objects.write_stream(stream, b"", b"\n".join(content))
        shared = b"".join(b"/F%d %d 0 R" % (form, form) for form in forms)
        self._tree.add(
            b"/Contents %d 0 R/Resources<</Font<<%b>>/XObject<<%b>>>>" % (stream, self._fonts, shared)
        )

    def close(self, title: str) -> None:
        info = b"<</Title %b/Producer %b>>" % (text_string(title), text_string(PRODUCER))
        view = b"/ViewerPreferences<</PrintScaling/None/DisplayDocTitle true>>"
        root = self._objects.add(b"<</Type/Catalog/Pages %d 0 R%b>>" % (self._tree.close(), view))
        self._objects.close(root=root, info=self._objects.add(info))

    def _label(self, label: Label, position: int, form: int) -> bytes:
        left, top = self._corners[position]
        bottom = top - self._sheet.label.height_mm * POINTS_PER_MM
        return b"q 1 0 0 1 %b %b cm/F%d Do Q\n%b\n%b" % (
            number(left),
            number(bottom),
            form,
            serial_content(label.layout, label.content.serial_line, left, top),
            symbol_content(label.symbol, label.layout, self._sheet.label, left, top),
        )

    @cached_property
    def _corners(self) -> list[tuple[float, float]]:
        """Left and top of each position in points."""
        height = self._sheet.page.height_mm
        corners = map(self._sheet.corner_mm, range(self._sheet.per_page))
        return [(x * POINTS_PER_MM, (height - y) * POINTS_PER_MM) for x, y in corners]

    def _form(self, layout: Layout) -> int:
        """The form with what this layout's labels share; written when first asked for."""
        if id(layout) not in self._forms:
            spec = self._sheet.label
            box = b"%b %b" % (number(spec.width_mm * POINTS_PER_MM), number(spec.height_mm * POINTS_PER_MM))
            entries = b"/Type/XObject/Subtype/Form/BBox[0 0 %b]/Resources<</Font<<%b>>>>" % (box, self._fonts)
            form = self._objects.reserve()
            self._objects.write_stream(form, entries, fixed_content(layout, spec))
            self._forms[id(layout)] = form, layout
        return self._forms[id(layout)][0]

    @cached_property
    def _cut_marks(self) -> bytes:
        lines = b"\n".join(_line(self._sheet.page.height_mm, mark) for mark in cut_marks(self._sheet))
        return b"q %b w\n%b\nS Q" % (number(CUT_LINE_MM * POINTS_PER_MM), lines)


class _PageTree:
    """Pages in nodes of `PAGES_A_NODE` under one root (ISO 32000-1, 7.7.3)."""

    def __init__(self, objects: PdfObjects, sheet: SheetSpec) -> None:
        self._objects, self._root = objects, objects.reserve()
        width, height = (number(side * POINTS_PER_MM) for side in (sheet.page.width_mm, sheet.page.height_mm))
        self._box = b"/MediaBox[0 0 %b %b]" % (width, height)
        self._nodes, self._pages, self._count = list[int](), list[int](), 0
        self._node = objects.reserve()

    def add(self, entries: bytes) -> None:
        """Writes a page with these entries."""
        if len(self._pages) == PAGES_A_NODE:
            self._close_node()
            self._node = self._objects.reserve()
        self._pages.append(self._objects.add(b"<</Type/Page/Parent %d 0 R%b>>" % (self._node, entries)))

    def close(self) -> int:
        """Writes what is open and returns the root's number."""
        self._close_node()
        kids, count = _references(self._nodes), self._count
        self._objects.write(self._root, b"<</Type/Pages/Kids[%b]/Count %d%b>>" % (kids, count, self._box))
        return self._root

    def _close_node(self) -> None:
        body = b"<</Type/Pages/Parent %d 0 R/Kids[%b]/Count %d>>"
        self._objects.write(self._node, body % (self._root, _references(self._pages), len(self._pages)))
        self._nodes.append(self._node)
        self._count += len(self._pages)
        self._pages = []


def cut_marks(sheet: SheetSpec) -> Iterator[tuple[float, float, float, float]]:
    """Lines x1, y1, x2, y2 in millimetres that continue the labels' edges in the margins."""
    corners = [sheet.corner_mm(position) for position in range(sheet.per_page)]
    left, top = corners[0]
    right, bottom = corners[-1][0] + sheet.label.width_mm, corners[-1][1] + sheet.label.height_mm
    near, far = CUT_GAP_MM, CUT_GAP_MM + CUT_MARK_MM
    for x in sorted({edge for corner, _ in corners for edge in (corner, corner + sheet.label.width_mm)}):
        yield x, top - near, x, top - far
        yield x, bottom + near, x, bottom + far
    for y in sorted({edge for _, corner in corners for edge in (corner, corner + sheet.label.height_mm)}):
        yield left - near, y, left - far, y
        yield right + near, y, right + far, y


def _line(page_height_mm: float, mark: tuple[float, float, float, float]) -> bytes:
    x1, y1, x2, y2 = mark
    points = (x1, page_height_mm - y1, x2, page_height_mm - y2)
    return b"%b %b m %b %b l" % tuple(number(v * POINTS_PER_MM) for v in points)


def _font(objects: PdfObjects, pdf_name: str) -> bytes:
    """Writes a standard font (9.6.2.2) and returns its entry in the resources."""
    body = b"<</Type/Font/Subtype/Type1/BaseFont%b/Encoding/WinAnsiEncoding>>" % name_object(pdf_name)
    return b"%b %d 0 R" % (FONT_RESOURCES[pdf_name], objects.add(body))


def _references(numbers: list[int]) -> bytes:
    return b" ".join(b"%d 0 R" % number for number in numbers)
