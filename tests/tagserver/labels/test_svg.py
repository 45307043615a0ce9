import xml.etree.ElementTree as ET
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import resvg_py
from numpy.typing import NDArray
from PIL import Image

from tagserver.labels.geometry import LabelSpec
from tagserver.labels.presets import ROLLS, SHEETS
from tagserver.labels.svg import label_svg
from tests.tagserver.labels.samples import CHINESE_NAME, batch, one_label, read_symbols, tiny_font

SPEC = SHEETS["avery-l7160"].label
NAMESPACE = "{http://www.w3.org/2000/svg}"


def drawn(svg: str, spec: LabelSpec) -> NDArray[np.uint8]:
    png = bytes(resvg_py.svg_to_bytes(svg_string=svg, dpi=spec.dpi))
    return np.array(Image.open(BytesIO(png)).convert("L"))


@pytest.mark.parametrize("spec", [SPEC, ROLLS["thermal-50x25-203"], SHEETS["avery-l4732"].label])
def test_the_symbol_is_read_again(spec: LabelSpec) -> None:
    label = one_label(spec)
    assert read_symbols(drawn(label_svg(label, spec), spec)) == [label.content.url]


@pytest.mark.parametrize("spec", [SPEC, ROLLS["thermal-50x30-203"]])
def test_modules_and_quiet_zone_are_exact_to_the_dot(spec: LabelSpec) -> None:
    label = one_label(spec)
    place, page = label.layout.symbol, drawn(label_svg(label, spec), spec)
    assert page.shape == (spec.height_dots, spec.width_dots)
    dots = place.module_dots
    expected = np.pad(label.symbol.modules, 4).repeat(dots, axis=0).repeat(dots, axis=1)
    x, y = (round(mm / spec.dot_mm) - 4 * dots for mm in (place.x_mm, place.y_mm))
    found = page[y : y + len(expected), x : x + len(expected)]
    assert np.array_equal(found, np.where(expected, 0, 255))


def test_the_size_is_in_millimetres() -> None:
    root = ET.fromstring(label_svg(one_label(SPEC), SPEC))
    assert (root.get("width"), root.get("height")) == ("63.5mm", "38.1mm")


def test_every_line_is_text_and_none_is_wider_than_its_face_says() -> None:
    label = one_label(SPEC, batch("Tom & Jerry's <best>"))
    texts = ET.fromstring(label_svg(label, SPEC)).findall(f"{NAMESPACE}text")
    lines = [*label.layout.lines, label.serial_line]
    assert [text.text for text in texts] == [line.text for line in lines]
    for text, line in zip(texts, lines, strict=True):
        width = line.face.width_em(line.text) * line.size_mm / SPEC.dot_mm
        assert float(text.get("textLength", "0")) == pytest.approx(width, abs=0.001)


def test_a_name_that_helvetica_lacks_is_drawn_as_a_path_with_its_text(tmp_path: Path) -> None:
    svg = label_svg(one_label(SPEC, batch(CHINESE_NAME), tiny_font(tmp_path)), SPEC)
    paths = ET.fromstring(svg).findall(f"{NAMESPACE}path")
    assert [path.get("aria-label") for path in paths] == [None, CHINESE_NAME]
    line = one_label(SPEC, batch(CHINESE_NAME), tiny_font(tmp_path)).layout.lines[0]
    x = round((line.x_mm + 0.7 * line.size_mm) / SPEC.dot_mm)
    y = round((line.baseline_mm - 0.4 * line.size_mm) / SPEC.dot_mm)
    assert drawn(svg, SPEC)[y, x] == 0
