from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tagserver.labels.geometry import LabelSpec
from tagserver.labels.png import label_png
from tagserver.labels.presets import ROLLS, SHEETS
from tests.tagserver.labels.samples import CHINESE_NAME, batch, one_label, read_symbols, tiny_font

SPECS = {"l7160": SHEETS["avery-l7160"].label, "5160": SHEETS["avery-5160"].label} | ROLLS


@pytest.mark.parametrize("name", SPECS)
def test_the_symbol_is_exact_and_read_again(name: str) -> None:
    spec = SPECS[name]
    label = one_label(spec)
    pixels = np.array(Image.open(BytesIO(label_png(label, spec))))
    assert pixels.shape == (spec.height_dots, spec.width_dots)
    assert read_symbols(pixels) == [label.content.url]
    place, dots = label.layout.symbol, label.layout.symbol.module_dots
    expected = np.pad(label.symbol.modules, 4).repeat(dots, axis=0).repeat(dots, axis=1)
    x, y = (round(mm / spec.dot_mm) - 4 * dots for mm in (place.x_mm, place.y_mm))
    found = pixels[y : y + len(expected), x : x + len(expected)]
    assert np.array_equal(found, np.where(expected, 0, 255))


@pytest.mark.parametrize("dpi", [203.2, 300.0, 600.0])
def test_the_resolution_is_noted(dpi: float) -> None:
    spec = LabelSpec(width_mm=50, height_mm=25, dpi=dpi)
    assert Image.open(BytesIO(label_png(one_label(spec), spec))).info["dpi"] == pytest.approx(
        (dpi, dpi), abs=0.02
    )


def test_text_stands_beside_the_symbol(tmp_path: Path) -> None:
    spec = SPECS["l7160"]
    label = one_label(spec, batch(CHINESE_NAME), tiny_font(tmp_path))
    pixels = np.array(Image.open(BytesIO(label_png(label, spec))))
    for line in (*label.layout.lines, label.serial_line):
        x, y, size = (round(mm / spec.dot_mm) for mm in (line.x_mm, line.baseline_mm, line.size_mm))
        assert pixels[y - size // 2 : y, x : x + 4 * size].min() == 0
