import re
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tagserver.labels.geometry import LabelSpec
from tagserver.labels.presets import ROLLS
from tagserver.labels.zpl import label_zpl
from tests.tagserver.labels.samples import CHINESE_NAME, batch, one_label, read_symbols, tiny_font

SPEC = ROLLS["thermal-50x30-203"]
GRAPHIC = re.compile(r"\^FO(\d+),(\d+)\^GFA,(\d+),(\d+),(\d+),([^^]*)\^FS")
TEXT = re.compile(r"\^FT(\d+),(\d+)\^A0N,(\d+),(\d+)\^FH_\^FD([^^]*)\^FS")


def unpacked(data: str, total: int, stride: int) -> NDArray[np.bool_]:
    """The bitmap of a ^GFA field: hexadecimal rows, a colon for the row above once more."""
    rows: list[bytes] = []
    while data:
        if data[0] == ":":
            rows.append(rows[-1])
            data = data[1:]
        else:
            rows.append(bytes.fromhex(data[: 2 * stride]))
            data = data[2 * stride :]
    assert sum(map(len, rows)) == total
    return np.unpackbits(np.frombuffer(b"".join(rows), dtype=np.uint8).reshape(-1, stride), axis=1).astype(
        bool
    )


def printed(zpl: bytes, spec: LabelSpec) -> NDArray[np.uint8]:
    """The graphics of a label as the head would burn them; no text."""
    page = np.full((spec.height_dots, spec.width_dots), 255, dtype=np.uint8)
    for x, y, sent, total, stride, data in GRAPHIC.findall(zpl.decode()):
        assert sent == total
        dark = unpacked(data, int(total), int(stride))
        part = page[int(y) : int(y) + dark.shape[0], int(x) : int(x) + dark.shape[1]]
        part[dark[: part.shape[0], : part.shape[1]]] = 0
    return page


@pytest.mark.parametrize("name", ROLLS)
def test_the_bitmap_is_the_symbol_dot_for_dot_and_read_again(name: str) -> None:
    spec = ROLLS[name]
    label = one_label(spec)
    page = printed(label_zpl(label, spec), spec)
    place, dots = label.layout.symbol, label.layout.symbol.module_dots
    expected = np.pad(label.symbol.modules, 4).repeat(dots, axis=0).repeat(dots, axis=1)
    x, y = (round(mm / spec.dot_mm) - 4 * dots for mm in (place.x_mm, place.y_mm))
    assert np.array_equal(page[y : y + len(expected), x : x + len(expected)], np.where(expected, 0, 255))
    assert read_symbols(page) == [label.content.url]


def test_a_label_is_one_format_of_its_size_printed_once() -> None:
    zpl = label_zpl(one_label(SPEC), SPEC).decode()
    assert zpl.startswith("^XA^CI28^PW400^LL240")
    assert zpl.endswith("^PQ1^XZ\n")
    assert zpl.count("^XA") == zpl.count("^XZ") == 1


def test_every_line_is_text_at_its_baseline() -> None:
    label = one_label(SPEC)
    found = TEXT.findall(label_zpl(label, SPEC).decode())
    lines = [*label.layout.lines, label.serial_line]
    assert [text for *_, text in found] == [line.text for line in lines]
    assert [int(y) for _, y, *_ in found] == [round(line.baseline_mm / SPEC.dot_mm) for line in lines]


def test_signs_that_are_commands_are_escaped() -> None:
    name = "A^XZ~JA_5E\\ é"
    zpl = label_zpl(one_label(SPEC, batch(name)), SPEC)
    texts = [text for *_, text in TEXT.findall(zpl.decode())]
    unescaped = re.sub(r"_([0-9A-F]{2})", lambda found: chr(int(found[1], 16)), texts[0])
    assert unescaped == name
    assert zpl.count(b"^XZ") == 1
    assert b"~" not in zpl


def test_a_name_that_the_printer_cannot_write_is_sent_as_a_bitmap(tmp_path: Path) -> None:
    font = tiny_font(tmp_path)
    label = one_label(SPEC, batch(CHINESE_NAME), font)
    zpl = label_zpl(label, SPEC, font=font)
    assert len(GRAPHIC.findall(zpl.decode())) == 2
    assert CHINESE_NAME.encode() not in zpl
    line, page = label.layout.lines[0], printed(zpl, SPEC)
    baseline, size = round(line.baseline_mm / SPEC.dot_mm), round(line.size_mm / SPEC.dot_mm)
    left = round(line.x_mm / SPEC.dot_mm)
    assert page[baseline - size // 2, left : left + size].min() == 0
    assert page[baseline + 2 : baseline + 4, left : left + 5 * size].min() == 255
    assert read_symbols(page) == [label.content.url]


def test_a_name_in_outlines_needs_its_font_again(tmp_path: Path) -> None:
    label = one_label(SPEC, batch(CHINESE_NAME), tiny_font(tmp_path))
    with pytest.raises(ValueError, match="font"):
        label_zpl(label, SPEC)
