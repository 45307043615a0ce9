"""Print jobs as files: stock by name, tags on labels."""

import csv
import io
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from tagserver.labels.errors import LabelError, SheetError
from tagserver.labels.geometry import LabelSpec, SheetSpec
from tagserver.labels.layout import WarningCode
from tagserver.labels.presets import ROLLS, SHEETS
from tagserver.labels.rendering import Format
from tagserver.labels.stock import label_of
from tagserver.prints import (
    DEFAULT_STOCK,
    adjusted,
    contents,
    find_stock,
    warnings_of,
    write_labels,
)
from tagserver.services.errors import Refusal, ServiceError
from tagserver.services.printing import PrintJob
from tests.tagserver.services.cast import Office, an_order, open_office
from tests.tagserver.services.conftest import prepare, sqlite_url


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prints") / "office"
    prepare(folder, sqlite_url(folder))
    return folder


@pytest.fixture
def office(furnished: Path, tmp_path: Path) -> Iterator[Office]:
    folder = tmp_path / "office"
    shutil.copytree(furnished, folder)
    opened = open_office(folder, sqlite_url(folder))
    yield opened
    opened.store.close()


@pytest.fixture
def job(office: Office) -> PrintJob:
    """Five labels."""
    batch = office.issue(an_order(5))
    return office.services.printing.job(office.caller(), batch.number, form="pdf")


@pytest.mark.parametrize("name", [*SHEETS, *ROLLS])
def test_every_preset_is_found_by_its_name(name: str) -> None:
    assert find_stock(name) == (SHEETS.get(name) or ROLLS[name])


def test_plain_paper_is_divided_as_its_name_says() -> None:
    sheet = find_stock("letter-4x10")
    assert isinstance(sheet, SheetSpec)
    assert (sheet.page.name, sheet.columns, sheet.rows, sheet.cut_marks) == ("Letter", 4, 10, True)


def test_a_roll_may_have_any_size_and_resolution() -> None:
    roll = find_stock("thermal-70x35-600")
    assert isinstance(roll, LabelSpec)
    assert (roll.width_mm, roll.height_mm, roll.dpi) == (70.0, 35.0, 600.0)
    named_203 = find_stock("thermal-70x35-203")
    assert isinstance(named_203, LabelSpec)
    assert named_203.dpi == 203.2


@pytest.mark.parametrize(
    "name",
    ["", "a4", "a4-0x8", "a4-3x8x", "A4-3x8", "a3-3x8", "thermal-0x5-203", "thermal-50x25", "x" * 1000],
)
def test_another_name_is_refused_with_the_presets(name: str) -> None:
    with pytest.raises(ServiceError) as caught:
        find_stock(name)
    assert (caught.value.code, caught.value.field) == (Refusal.INPUT_INVALID, "stock")
    assert DEFAULT_STOCK in str(caught.value)


@pytest.mark.parametrize(
    "name", ["a4-99x99", "letter-1x1", "a4-99x1", "thermal-1x1-10", "thermal-999x999-999"]
)
def test_every_name_that_can_be_read_makes_stock_or_a_refusal_of_its_own(job: PrintJob, name: str) -> None:
    with suppress(LabelError):
        assert write_labels(job, Format.PDF, find_stock(name), io.BytesIO()) == 5


def test_start_marks_and_module_replace_those_of_the_stock() -> None:
    sheet = adjusted(find_stock("a4-3x8"), start=5, cut_marks=False, module_mm=0.4)
    assert isinstance(sheet, SheetSpec)
    assert (sheet.start, sheet.cut_marks, sheet.label.module_mm) == (5, False, 0.4)
    assert adjusted(find_stock("a4-3x8")) == find_stock("a4-3x8")


def test_marks_are_left_as_they_are_unless_asked_for() -> None:
    assert [getattr(adjusted(find_stock(name)), "cut_marks", None) for name in ("a4-3x8", "avery-l7159")] == [
        True,
        False,
    ]
    marked = adjusted(find_stock("avery-l7159"), cut_marks=True)
    assert isinstance(marked, SheetSpec)
    assert marked.cut_marks


def test_a_roll_takes_a_module_and_has_no_start() -> None:
    roll = adjusted(find_stock("thermal-50x30-203"), start=7, cut_marks=True, module_mm=0.5)
    assert roll == replace(label_of(find_stock("thermal-50x30-203")), module_mm=0.5)


def test_a_start_beyond_the_sheet_is_refused() -> None:
    with pytest.raises(SheetError):
        adjusted(find_stock("a4-3x8"), start=25)


def test_labels_say_what_the_record_says(office: Office, job: PrintJob) -> None:
    labels = list(contents(job))
    assert [label.url for label in labels] == office.urls(job.batch)
    assert [label.serial for label in labels] == [tag.identity.serial for tag in office.tags(job.batch)]
    text = labels[0].batch
    assert (text.product_name, text.gtin, text.lot, text.expiry, text.domain) == (
        "Baijiu 52 %",
        job.batch.gtin,
        "LOT1",
        "271231",
        "id.example.com",
    )


def test_a_batch_without_lot_and_expiry_prints_neither(office: Office) -> None:
    batch = office.issue(an_order(1, lot="", expiry=None))
    job = office.services.printing.job(office.caller(), batch.number, form="pdf")
    (label,) = contents(job)
    assert (label.batch.lot, label.batch.expiry) == ("", "")
    assert label.batch.identifiers == (f"(01) {batch.gtin}",)


@pytest.mark.parametrize("form", Format)
def test_every_form_holds_every_label_and_tells_of_its_progress(job: PrintJob, form: Format) -> None:
    out, told = io.BytesIO(), list[tuple[int, int]]()
    written = write_labels(
        job, form, find_stock(DEFAULT_STOCK), out, progress=lambda done, total: told.append((done, total))
    )
    assert written == 5
    assert told == [(number, 5) for number in range(1, 6)]
    assert out.tell() > 0


def test_the_same_job_makes_the_same_file(job: PrintJob) -> None:
    files = [io.BytesIO(), io.BytesIO()]
    for file in files:
        write_labels(job, Format.PDF, find_stock(DEFAULT_STOCK), file)
    assert files[0].getvalue() == files[1].getvalue()


def test_a_part_of_a_batch_is_printed_with_its_own_serials(office: Office, job: PrintJob) -> None:
    part = office.services.printing.job(office.caller(), job.batch.number, form="csv", first=2, count=2)
    out = io.BytesIO()
    assert write_labels(part, Format.CSV, find_stock(DEFAULT_STOCK), out) == 2
    rows = list(csv.DictReader(io.StringIO(out.getvalue().decode())))
    assert [row["url"] for row in rows] == office.urls(job.batch)[2:4]


def test_what_is_printable_yet_doubtful_is_warned_of_by_the_first_label(job: PrintJob) -> None:
    small = adjusted(find_stock(DEFAULT_STOCK), module_mm=0.2)
    assert [warning.code for warning in warnings_of(job, small)] == [WarningCode.MODULE_TOO_SMALL]
    assert warnings_of(job, find_stock("a4-2x5")) == ()


def test_a_label_that_does_not_fit_is_refused_before_printing(job: PrintJob) -> None:
    with pytest.raises(LabelError):
        warnings_of(job, find_stock("thermal-10x10-203"))


def test_a_font_that_is_none_is_refused(job: PrintJob, tmp_path: Path) -> None:
    (tmp_path / "font.ttf").write_bytes(b"no font")
    chinese = replace(job, product=replace(job.product, name="红高粱"))  # beyond the built-in typeface
    with pytest.raises(LabelError):
        write_labels(chinese, Format.PDF, find_stock(DEFAULT_STOCK), io.BytesIO(), font=tmp_path / "font.ttf")
