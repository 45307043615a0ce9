import tracemalloc
from collections.abc import Iterable
from dataclasses import replace
from io import BytesIO, RawIOBase
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import pikepdf
import pytest
from numpy.typing import NDArray

from tagserver.labels.content import LabelContent
from tagserver.labels.geometry import LETTER, LabelSpec, SheetSpec, grid
from tagserver.labels.layout import Layout
from tagserver.labels.outlines import FontFile
from tagserver.labels.pdf import PAGES_A_NODE, cut_marks, write_sheets
from tagserver.labels.pdf_label import symbol_content
from tagserver.labels.pdf_objects import PdfObjects, literal_string, number
from tagserver.labels.presets import ROLLS, SHEETS
from tagserver.labels.qr import Symbol
from tagserver.labels.stock import one_a_page
from tests.tagserver.labels.samples import (
    CHINESE_NAME,
    batch,
    contents,
    one_label,
    page_count,
    pdf_page,
    pdf_text,
    read_symbols,
    tiny_font,
)

L7160 = SHEETS["avery-l7160"]


class Discarding(RawIOBase):
    """A file that keeps nothing and cannot seek."""

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def write(self, data: object) -> int:
        assert isinstance(data, bytes)
        return len(data)


def written(
    labels: Iterable[LabelContent], sheet: SheetSpec, font: FontFile | None = None, title: str = "Labels"
) -> bytes:
    out = BytesIO()
    write_sheets(labels, sheet, out, title=title, font=font)
    return out.getvalue()


def cut_out(page: NDArray[np.uint8], sheet: SheetSpec, position: int, dpi: float) -> NDArray[np.uint8]:
    left, top = (round(mm * dpi / 25.4) for mm in sheet.corner_mm(position))
    width, height = round(sheet.label.width_mm * dpi / 25.4), round(sheet.label.height_mm * dpi / 25.4)
    return page[top : top + height, left : left + width]


@pytest.mark.parametrize("name", ["avery-l7160", "avery-l7651", "avery-5160", "letter-3x8"])
@pytest.mark.parametrize("compact", [False, True])
def test_every_label_of_a_page_is_read_where_it_belongs(name: str, compact: bool) -> None:
    sheet = SHEETS[name]
    made = list(contents(sheet.per_page, compact=compact))
    page = pdf_page(written(made, sheet), 0, 300)
    for position in range(0, sheet.per_page, max(sheet.per_page // 12, 1)):
        assert read_symbols(cut_out(page, sheet, position, 300)) == [made[position].url]


def test_pages_follow_one_another() -> None:
    made = list(contents(50))
    document = written(made, L7160)
    assert page_count(document) == 3
    read = [text for index in range(3) for text in read_symbols(pdf_page(document, index, 300))]
    assert sorted(read) == sorted(content.url for content in made)


def test_a_sheet_already_begun_is_gone_on_with() -> None:
    made = list(contents(10))
    sheet = replace(L7160, start=15)
    document = written(made, sheet)
    first, second = (pdf_page(document, index, 300) for index in range(2))
    assert read_symbols(cut_out(first, sheet, 13, 300)) == []
    assert [read_symbols(cut_out(first, sheet, position, 300)) for position in range(14, 21)] == [
        [content.url] for content in made[:7]
    ]
    assert read_symbols(cut_out(second, sheet, 0, 300)) == [made[7].url]


@pytest.mark.parametrize("name", ["avery-l7160", "avery-5163"])
def test_pages_have_the_size_of_their_paper(name: str) -> None:
    sheet = SHEETS[name]
    with pikepdf.open(BytesIO(written(contents(1), sheet))) as document:
        box = [float(side) * 25.4 / 72 for side in document.pages[0].mediabox]
    assert box == pytest.approx([0, 0, sheet.page.width_mm, sheet.page.height_mm], abs=0.001)


@pytest.mark.parametrize("position", [0, 7, 20])
def test_modules_and_quiet_zone_are_exact_to_the_dot(position: int) -> None:
    """A page drawn at the printer's resolution has the symbol, white around it, and no shade between.

    On Letter, which is whole dots wide: PDFium stretches other pages to whole pixels.
    """
    sheet = replace(SHEETS["avery-5160"], start=position + 1)
    label = one_label(sheet.label)
    place, page = label.layout.symbol, pdf_page(written([label.content], sheet), 0, 600)
    left, top = sheet.corner_mm(position)
    dots, quiet = place.module_dots, 4 * place.module_dots
    expected = np.pad(label.symbol.modules.repeat(dots, axis=0).repeat(dots, axis=1), quiet)
    around = [round((left + place.x_mm) / 25.4 * 600), round((top + place.y_mm) / 25.4 * 600)]
    found = [
        (x, y)
        for x in range(around[0] - 1, around[0] + 2)
        for y in range(around[1] - 1, around[1] + 2)
        if np.array_equal(
            page[y - quiet : y - quiet + len(expected), x - quiet : x - quiet + len(expected)],
            np.where(expected, 0, 255),
        )
    ]
    assert len(found) == 1


def test_every_line_can_be_found_as_text() -> None:
    content = next(contents(1))
    found = pdf_text(written([content], L7160), 0).replace("\r\n", " ")
    for line in (
        *batch().identifiers,
        content.serial_line,
        "Hongliang Baijiu",
        "Verify only at id.example.com",
    ):
        assert line in found


def test_brackets_and_backslashes_in_identifiers_are_text() -> None:
    text = batch(lot=")(\\x(")
    assert "(10) )(\\x(" in pdf_text(written(contents(1, text), L7160), 0)


def test_a_name_that_helvetica_lacks_is_drawn_and_marked_with_its_text(tmp_path: Path) -> None:
    made = list(contents(2, batch(CHINESE_NAME)))
    document = written(made, L7160, tiny_font(tmp_path))
    assert b"/ActualText<FEFF" + CHINESE_NAME.encode("utf-16-be").hex().upper().encode() in document
    page = pdf_page(document, 0, 300)
    name = one_label(L7160.label, batch(CHINESE_NAME), tiny_font(tmp_path)).layout.lines[0]
    left, top = L7160.corner_mm(0)
    x, y = (round(mm / 25.4 * 300) for mm in (left + name.x_mm + name.size_mm * 0.7, top + name.baseline_mm))
    assert page[y - round(name.size_mm * 0.4 / 25.4 * 300), x] == 0
    assert read_symbols(cut_out(page, L7160, 1, 300)) == [made[1].url]


def test_labels_of_several_batches_keep_their_own_texts() -> None:
    made = [*contents(1, batch("First name")), *contents(1, batch("Second name"), seed=8)]
    found = pdf_text(written(made, L7160), 0)
    assert "First name" in found
    assert "Second name" in found


def test_qpdf_finds_nothing_to_repair() -> None:
    with pikepdf.open(BytesIO(written(contents(60), replace(L7160, cut_marks=True)))) as document:
        assert document.check_pdf_syntax() == []
        assert document.pdf_version == "1.7"


def test_the_page_tree_has_every_page_once_and_in_order() -> None:
    count = 2 * PAGES_A_NODE + 1
    roll = one_a_page(ROLLS["thermal-50x25-203"])
    made = list(contents(count))
    document = written(made, roll)
    assert page_count(document) == count
    for index in (0, PAGES_A_NODE - 1, PAGES_A_NODE, count - 1):
        assert made[index].serial in pdf_text(document, index)


def test_the_title_may_be_in_any_script() -> None:
    with pikepdf.open(BytesIO(written(contents(1), L7160, title=f"Los 7 – {CHINESE_NAME}"))) as document:
        assert str(document.docinfo["/Title"]) == f"Los 7 – {CHINESE_NAME}"
        assert document.Root.ViewerPreferences.PrintScaling == "/None"


def test_equal_labels_make_equal_files() -> None:
    assert written(contents(30), L7160) == written(contents(30), L7160)


def test_refuses_to_write_a_document_without_labels() -> None:
    with pytest.raises(ValueError, match="no labels"):
        written([], L7160)


def test_memory_does_not_grow_with_the_number_of_labels() -> None:
    def peak(count: int) -> int:
        tracemalloc.start()
        write_sheets(contents(count), L7160, cast(BinaryIO, Discarding()), title="x")
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    peak(600)
    few, many = peak(1200), peak(6000)
    assert many < few + 2_000_000


def symbol_with(rows: bytes, layout: Layout) -> Symbol:
    size = layout.symbol.size
    version, stride = (size - 17) // 4, -(-size // 8)
    return replace(one_label(L7160.label).symbol, version=version, rows=rows.ljust(size * stride, b"\0"))


def test_rows_that_look_like_the_end_of_an_image_are_written_in_hexadecimal() -> None:
    label = one_label(L7160.label)
    symbol = symbol_with(b"\nEI Q\nEI", label.layout)
    content = symbol_content(symbol, label.layout, L7160.label, 0.0, 200.0)
    assert content.count(b"EI") == 1
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R>>"
    out = BytesIO()
    objects = PdfObjects(out)
    root, pages, leaf, stream = (objects.reserve() for _ in range(4))
    objects.write(root, b"<</Type/Catalog/Pages 2 0 R>>")
    objects.write(pages, b"<</Type/Pages/Kids[3 0 R]/Count 1>>")
    objects.write(leaf, page)
    objects.write_stream(stream, b"", content)
    objects.close(root=root, info=objects.add(b"<<>>"))
    drawn = pdf_page(out.getvalue(), 0, 600)
    dots = label.layout.symbol.module_dots
    dark_modules = int(symbol.modules.sum())
    assert int((drawn == 0).sum()) == dark_modules * dots * dots


def test_refuses_to_close_a_file_in_which_an_announced_object_is_missing() -> None:
    objects = PdfObjects(BytesIO())
    root = objects.add(b"<<>>")
    objects.reserve()
    with pytest.raises(ValueError, match="not written"):
        objects.close(root=root, info=root)


@pytest.mark.parametrize(("value", "text"), [(0.0, b"0"), (12.0, b"12"), (0.12, b"0.12"), (1 / 3, b"0.3333")])
def test_numbers_are_short_and_exact_enough(value: float, text: bytes) -> None:
    assert number(value) == text


def test_strings_are_in_the_fonts_encoding() -> None:
    assert literal_string("Château…(\\)") == b"(Ch\xe2teau\x85\\(\\\\\\))"


def test_cut_marks_lie_in_the_margins_and_continue_the_edges() -> None:
    sheet = grid(LETTER, columns=2, rows=3)
    right, bottom = 215.9 - 10, 279.4 - 10
    marks = list(cut_marks(sheet))
    assert len(marks) == 2 * 3 + 2 * 4
    for x1, y1, x2, y2 in marks:
        outside = not (10 <= x1 <= right and 10 <= y1 <= bottom)
        assert outside
        assert x1 == x2 or y1 == y2


def test_cut_marks_are_printed() -> None:
    sheet = grid(LETTER, columns=2, rows=3)
    page = pdf_page(written(contents(1), sheet), 0, 600)
    x, y = round(10 / 25.4 * 600), round(7 / 25.4 * 600)
    assert page[y, x - 3 : x + 4].min() == 0


def test_a_roll_prints_a_label_a_page() -> None:
    made = list(contents(3))
    document = written(made, one_a_page(LabelSpec(width_mm=50, height_mm=25, dpi=203.2)))
    assert [read_symbols(pdf_page(document, index, 406.4)) for index in range(3)] == [[c.url] for c in made]
