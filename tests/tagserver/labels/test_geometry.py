import math
from dataclasses import replace

import pytest

from tagserver.labels.errors import SheetError
from tagserver.labels.geometry import A4, LETTER, LabelSpec, centred, grid
from tagserver.labels.presets import ROLLS, SHEETS, thermal
from tagserver.labels.stock import label_of, one_a_page, sheet_of

# Columns, rows, label in mm and first corner in mm, from the makers' published templates (to 0.1 mm).
PUBLISHED = {
    "avery-l7160": (3, 7, 63.5, 38.1, 7.2, 15.1),
    "avery-l7159": (3, 8, 63.5, 33.9, 7.2, 12.9),
    "avery-l7163": (2, 7, 99.1, 38.1, 4.7, 15.1),
    "avery-l7651": (5, 13, 38.1, 21.2, 4.7, 10.7),
    "avery-l4732": (5, 16, 35.6, 16.9, 11.0, 13.3),
    "avery-5160": (3, 10, 66.7, 25.4, 4.8, 12.7),
    "avery-5163": (2, 5, 101.6, 50.8, 4.0, 12.7),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_presets_lie_where_the_dies_are(name: str) -> None:
    columns, rows, width, height, left, top = PUBLISHED[name]
    sheet = SHEETS[name]
    assert (sheet.columns, sheet.rows) == (columns, rows)
    assert (sheet.label.width_mm, sheet.label.height_mm) == pytest.approx((width, height), abs=0.05)
    assert (sheet.left_mm, sheet.top_mm) == pytest.approx((left, top), abs=0.1)


@pytest.mark.parametrize("name", SHEETS)
def test_presets_end_as_far_from_the_page_as_they_begin(name: str) -> None:
    sheet = SHEETS[name]
    last_left, last_top = sheet.corner_mm(sheet.per_page - 1)
    assert last_left + sheet.label.width_mm == pytest.approx(sheet.page.width_mm - sheet.left_mm)
    assert last_top + sheet.label.height_mm == pytest.approx(sheet.page.height_mm - sheet.top_mm)


def test_positions_run_along_the_rows() -> None:
    sheet = SHEETS["avery-l7160"]
    assert sheet.corner_mm(0) == (sheet.left_mm, sheet.top_mm)
    assert sheet.corner_mm(1) == pytest.approx((sheet.left_mm + 66.04, sheet.top_mm))
    assert sheet.corner_mm(3) == pytest.approx((sheet.left_mm, sheet.top_mm + 38.1))


@pytest.mark.parametrize(
    ("count", "start", "pages"), [(1, 1, 1), (21, 1, 1), (22, 1, 2), (21, 2, 2), (1, 21, 1)]
)
def test_pages_count_the_labels_already_taken(count: int, start: int, pages: int) -> None:
    assert replace(SHEETS["avery-l7160"], start=start).pages_for(count) == pages


@pytest.mark.parametrize("start", [0, 22, -1])
def test_refuses_a_start_that_is_not_on_the_sheet(start: int) -> None:
    with pytest.raises(SheetError) as caught:
        replace(SHEETS["avery-l7160"], start=start)
    assert caught.value.code == "LABEL_SHEET_INVALID"


@pytest.mark.parametrize(
    "change",
    [
        {"columns": 4},
        {"rows": 8},
        {"columns": 0},
        {"left_mm": -1.0},
        {"left_mm": 20.0},
        {"top_mm": 40.0},
        {"pitch_x_mm": 60.0},
        {"pitch_y_mm": 30.0},
    ],
)
def test_refuses_labels_that_overlap_or_leave_the_page(change: dict[str, float]) -> None:
    with pytest.raises(SheetError):
        replace(SHEETS["avery-l7160"], **change)  # type: ignore[arg-type]  # one field each, of its type


@pytest.mark.parametrize(("margin", "columns"), [(105.0, 2), (10.0, 0)])
def test_refuses_a_grid_without_room(margin: float, columns: int) -> None:
    with pytest.raises(SheetError):
        grid(A4, columns=columns, rows=2, margin_mm=margin)


def test_a_grid_divides_the_paper_evenly() -> None:
    sheet = grid(LETTER, columns=3, rows=8, margin_mm=8, gap_mm=2)
    assert sheet.label.width_mm == pytest.approx((215.9 - 16 - 4) / 3)
    assert sheet.corner_mm(23)[1] + sheet.label.height_mm == pytest.approx(279.4 - 8)
    assert sheet.cut_marks


@pytest.mark.parametrize(
    "change",
    [{"width_mm": 0.0}, {"height_mm": -1.0}, {"dpi": math.nan}, {"module_mm": -0.3}, {"padding_mm": -1.0}],
)
def test_refuses_sizes_that_are_none(change: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="positive"):
        replace(LabelSpec(width_mm=50, height_mm=25), **change)  # type: ignore[arg-type]  # numbers all


@pytest.mark.parametrize(
    ("module", "dpi", "dots"),
    [(0.25, 203, 2), (0.375, 203, 3), (0.374, 203, 2), (0.12, 203, 0), (0.4, 300, 4)],
)
def test_a_module_is_rounded_down_to_whole_dots(module: float, dpi: float, dots: int) -> None:
    assert thermal(50, 25, dpi).whole_dots(module) == dots


def test_rolls_have_whole_dots_a_millimetre_at_203_dpi() -> None:
    roll = ROLLS["thermal-50x25-203"]
    assert (roll.width_dots, roll.height_dots) == (400, 200)
    assert roll.dot_mm == pytest.approx(0.125)


def test_a_roll_is_a_page_a_label() -> None:
    roll = ROLLS["thermal-50x25-300"]
    assert sheet_of(roll) == one_a_page(roll)
    assert (sheet_of(roll).page.width_mm, sheet_of(roll).per_page) == (50, 1)
    assert label_of(roll) is roll


def test_a_sheet_keeps_its_label() -> None:
    sheet = centred(A4, columns=1, rows=1, label=LabelSpec(width_mm=50, height_mm=25))
    assert sheet_of(sheet) is sheet
    assert label_of(sheet) is sheet.label
