"""One label of the printed sheet, cut out and photographed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray

from demo.photograph import SHOTS, photograph
from scanner import decode
from tagserver.labels.presets import SHEETS
from tagserver.prints import DEFAULT_STOCK

MM_PER_INCH = 25.4
DPI = 600


def rasterise_label(sheet: Path, number: int, *, stock: str = DEFAULT_STOCK) -> NDArray[np.uint8]:
    """Label `number` (from 0) of a PDF of sheets, grey, at 600 dpi."""
    spec = SHEETS[stock]
    page_number, place = divmod(number, spec.columns * spec.rows)
    row, column = divmod(place, spec.columns)
    with pdfium.PdfDocument(sheet) as document:
        page = document[page_number].render(scale=DPI / 72, grayscale=True).to_numpy()
    left, top = spec.left_mm + column * spec.pitch_x_mm, spec.top_mm + row * spec.pitch_y_mm
    x, y = round(left * DPI / MM_PER_INCH), round(top * DPI / MM_PER_INCH)
    width, height = (round(side * DPI / MM_PER_INCH) for side in (spec.label.width_mm, spec.label.height_mm))
    return np.ascontiguousarray(page[y : y + height, x : x + width].reshape(height, width))


def read_sheet(sheet: Path, count: int) -> set[str]:
    """What the first `count` labels of a sheet say, each read from the page alone."""
    return {symbol.text for number in range(count) for symbol in decode(rasterise_label(sheet, number))}


def photograph_label(sheet: Path, number: int, shot: str, out: Path) -> None:
    """Photograph a label of the sheet, and store the JPEG at `out`."""
    taken = photograph(rasterise_label(sheet, number), SHOTS[shot], seed=number)
    out.write_bytes(taken.jpeg)
