"""Label stock that people buy: sheets for office printers and rolls for thermal printers.

Sheets are named by the maker's template number. Their dies are symmetric on the page, so the margins follow
from label size and gap as printed on the pack (template sheets of Avery, A4 by Avery Zweckform / Avery UK and
Letter by Avery US).
"""

from tagserver.labels.geometry import A4, LETTER, MM_PER_INCH, LabelSpec, SheetSpec, centred, grid


def _avery_a4(columns: int, rows: int, width_mm: float, height_mm: float, gap_x_mm: float) -> SheetSpec:
    label = LabelSpec(width_mm=width_mm, height_mm=height_mm)
    return centred(A4, columns=columns, rows=rows, label=label, gap_x_mm=gap_x_mm)


def _avery_letter(columns: int, rows: int, width_in: float, height_in: float, gap_x_in: float) -> SheetSpec:
    label = LabelSpec(width_mm=width_in * MM_PER_INCH, height_mm=height_in * MM_PER_INCH)
    return centred(LETTER, columns=columns, rows=rows, label=label, gap_x_mm=gap_x_in * MM_PER_INCH)


SHEETS: dict[str, SheetSpec] = {
    "avery-l7159": _avery_a4(3, 8, 63.5, 33.9, 2.54),
    "avery-l7160": _avery_a4(3, 7, 63.5, 38.1, 2.54),
    "avery-l7161": _avery_a4(3, 6, 63.5, 46.6, 2.54),
    "avery-l7162": _avery_a4(2, 8, 99.1, 33.9, 2.54),
    "avery-l7163": _avery_a4(2, 7, 99.1, 38.1, 2.54),
    "avery-l7651": _avery_a4(5, 13, 38.1, 21.2, 2.54),
    "avery-l4732": _avery_a4(5, 16, 35.6, 16.9, 2.54),
    "avery-5160": _avery_letter(3, 10, 2.625, 1.0, 0.125),
    "avery-5163": _avery_letter(2, 5, 4.0, 2.0, 0.1875),
    "a4-3x8": grid(A4, columns=3, rows=8),
    "letter-3x8": grid(LETTER, columns=3, rows=8),
}
"""By name; `a4-3x8` and `letter-3x8` are plain paper to be cut."""

DPI_203 = 203.2
DPI_300 = 300.0
DPI_600 = 600.0
"""Thermal heads: what is called 203 dpi has 8 dots a millimetre."""


def thermal(width_mm: float, height_mm: float, dpi: float = DPI_203) -> LabelSpec:
    """A label on a roll; `dpi` 203 means the 8 dots a millimetre such heads have."""
    return LabelSpec(width_mm=width_mm, height_mm=height_mm, dpi=DPI_203 if round(dpi) == 203 else dpi)


ROLLS: dict[str, LabelSpec] = {
    f"thermal-{width}x{height}-{round(dpi)}": thermal(width, height, dpi)
    for width, height in ((50, 25), (50, 30), (60, 40), (100, 50))
    for dpi in (DPI_203, DPI_300)
}
"""By name: width x height in millimetres and dots an inch."""
