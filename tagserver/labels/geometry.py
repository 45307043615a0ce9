"""Sizes of labels and sheets, in millimetres from the top left corner. Nothing is drawn here."""

import math
from dataclasses import dataclass

from tagserver.labels.errors import SheetError
from tagserver.labels.segments import Level

MM_PER_INCH = 25.4
POINTS_PER_MM = 72 / MM_PER_INCH
"""A PDF's unit is 1/72 inch (ISO 32000-1, 8.3.2.3)."""

_WHOLE = 1e-6
"""Slack in dots, so that 0.25 mm on a head of 8 dots a millimetre is 2 dots in floating point too."""

_TOUCH_MM = 0.01
"""Slack of sheet geometry: dies are cut to a tenth of a millimetre at best."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSpec:
    """One label and how it is printed.

    `dpi` is the printer's resolution: a module is a whole number of its dots. `module_mm` is the wanted
    module (rounded down to dots), None for the best balance of symbol and text. `text_mm` is the wanted font
    size of the identifiers, None for what fits best; never below `min_text_mm`. `padding_mm` stays free at
    every edge.
    """

    width_mm: float
    height_mm: float
    dpi: float = 600.0
    module_mm: float | None = None
    text_mm: float | None = None
    min_text_mm: float = 1.4
    padding_mm: float = 1.5
    level: Level = Level.M

    def __post_init__(self) -> None:
        sizes = (
            self.width_mm,
            self.height_mm,
            self.dpi,
            self.min_text_mm,
            self.module_mm or 1,
            self.text_mm or 1,
        )
        if not all(math.isfinite(size) and size > 0 for size in sizes) or self.padding_mm < 0:
            raise ValueError(f"got {self}, want positive sizes")

    @property
    def dot_mm(self) -> float:
        return MM_PER_INCH / self.dpi

    @property
    def width_dots(self) -> int:
        return round(self.width_mm / self.dot_mm)

    @property
    def height_dots(self) -> int:
        return round(self.height_mm / self.dot_mm)

    def whole_dots(self, size_mm: float) -> int:
        """How many whole dots fit in a size; 0 if it is smaller than one."""
        return math.floor(size_mm / self.dot_mm + _WHOLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A sheet of paper, upright."""

    name: str
    width_mm: float
    height_mm: float


A4 = Page(name="A4", width_mm=210.0, height_mm=297.0)
LETTER = Page(name="Letter", width_mm=215.9, height_mm=279.4)


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetSpec:
    """A page with a grid of labels.

    `left_mm` and `top_mm` are the first label's corner, the pitches the distance from one label's edge to the
    next one's. `start` (from 1, along the rows) is the first free label of the first page, for sheets already
    begun. `cut_marks` draws short lines in the margins for a guillotine.

    Raises: SheetError when labels overlap or leave the page, or there is no label number `start`.
    """

    page: Page
    columns: int
    rows: int
    label: LabelSpec
    left_mm: float
    top_mm: float
    pitch_x_mm: float
    pitch_y_mm: float
    start: int = 1
    cut_marks: bool = False

    def __post_init__(self) -> None:
        if self.columns < 1 or self.rows < 1:
            raise SheetError(f"got {self.columns} x {self.rows} labels, want at least one")
        if not 1 <= self.start <= self.per_page:
            raise SheetError(f"got start {self.start}, want 1 to {self.per_page}")
        if (
            self.pitch_x_mm < self.label.width_mm - _TOUCH_MM
            or self.pitch_y_mm < self.label.height_mm - _TOUCH_MM
        ):
            raise SheetError("the labels overlap: want a pitch of at least the label's size")
        right = self.left_mm + (self.columns - 1) * self.pitch_x_mm + self.label.width_mm
        bottom = self.top_mm + (self.rows - 1) * self.pitch_y_mm + self.label.height_mm
        if min(self.left_mm, self.top_mm) < -_TOUCH_MM:
            raise SheetError("the labels begin outside the page")
        if right > self.page.width_mm + _TOUCH_MM or bottom > self.page.height_mm + _TOUCH_MM:
            raise SheetError(
                f"the labels end at {right:.1f} x {bottom:.1f} mm, "
                f"the page at {self.page.width_mm} x {self.page.height_mm} mm"
            )

    @property
    def per_page(self) -> int:
        return self.columns * self.rows

    def corner_mm(self, position: int) -> tuple[float, float]:
        """Left and top of the label at a position from 0, along the rows."""
        row, column = divmod(position, self.columns)
        return self.left_mm + column * self.pitch_x_mm, self.top_mm + row * self.pitch_y_mm

    def pages_for(self, count: int) -> int:
        """Pages that `count` labels need, those skipped by `start` included."""
        return -(-(count + self.start - 1) // self.per_page)


def centred(
    page: Page, *, columns: int, rows: int, label: LabelSpec, gap_x_mm: float = 0.0, gap_y_mm: float = 0.0
) -> SheetSpec:
    """A sheet whose grid has equal margins left and right, and above and below."""
    pitch_x, pitch_y = label.width_mm + gap_x_mm, label.height_mm + gap_y_mm
    return SheetSpec(
        page=page,
        columns=columns,
        rows=rows,
        label=label,
        left_mm=(page.width_mm - (columns - 1) * pitch_x - label.width_mm) / 2,
        top_mm=(page.height_mm - (rows - 1) * pitch_y - label.height_mm) / 2,
        pitch_x_mm=pitch_x,
        pitch_y_mm=pitch_y,
    )


def grid(page: Page, *, columns: int, rows: int, margin_mm: float = 10.0, gap_mm: float = 0.0) -> SheetSpec:
    """Plain paper divided evenly, with cut marks.

    Raises: SheetError when nothing is left for the labels.
    """
    width = (page.width_mm - 2 * margin_mm - (columns - 1) * gap_mm) / max(columns, 1)
    height = (page.height_mm - 2 * margin_mm - (rows - 1) * gap_mm) / max(rows, 1)
    if width <= 0 or height <= 0:
        raise SheetError(f"{columns} x {rows} labels with these margins leave no room")
    return SheetSpec(
        page=page,
        columns=columns,
        rows=rows,
        label=LabelSpec(width_mm=width, height_mm=height),
        left_mm=margin_mm,
        top_mm=margin_mm,
        pitch_x_mm=width + gap_mm,
        pitch_y_mm=height + gap_mm,
        cut_marks=True,
    )
