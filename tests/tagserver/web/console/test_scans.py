"""What a producer sees of the scans of its products."""

import csv
from dataclasses import replace
from datetime import timedelta

import pytest

from tagcore.history import Place
from tagcore.reasons import Level
from tagserver.ports import OrgId, ScanRecord, ScanSpot
from tagserver.services.own_scans import ScanMark
from tagserver.web.console.scan_choice import format_mark, parse_mark
from tests.tagserver.web.cast import GTIN, NOW, OTHER_GTIN, Stage
from tests.tagserver.web.console.cast import Person, staff

SCAN = ScanRecord(
    gtin=GTIN,
    serial="S0",
    at=NOW,
    viewer=None,
    org_id=None,
    place=Place(country="VN"),
    reliable_place=False,
    level=Level.MATCH,
    headline="FIRST_SCAN",
    counted=True,
)


def record(stage: Stage, *scans: ScanRecord) -> None:
    stage.services.verifying._store.record(scans)


@pytest.fixture
def person(stage: Stage) -> Person:
    """Somebody of a producer whose bottles were scanned: five times each an hour, once suspect, once by a clinic."""
    stage.register()
    serials = stage.serials(stage.issue())
    hours = [
        replace(SCAN, serial=serial, at=NOW + n * timedelta(hours=6)) for n, serial in enumerate(serials)
    ]
    hours[3] = replace(hours[3], level=Level.SUSPECT, headline="CLONE_SUSPECT")
    hours[4] = replace(hours[4], org_id=OrgId("clinic"), place=None, counted=False)
    record(stage, *hours)
    return staff(stage)


def test_scans_are_listed_and_summed_up(stage: Stage, person: Person) -> None:
    text = person.opens("/console/scans").text
    assert text.count("/console/units?gtin=") == 5
    for words in (
        "<strong>5</strong> scans",
        "<strong>1</strong> verdict to look at",
        "Vietnam <b>4</b>",
        "L26-0914",
    ):
        assert words in text
    assert "2026-09-03 09:30" in text
    assert text.index("2026-09-03 09:30") < text.index("2026-09-02 09:30")


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ("show=flagged", 1),
        ("from=2026-09-03", 2),
        ("to=2026-09-02", 3),
        ("from=2026-09-02&to=2026-09-02", 3),
        ("batch=1", 5),
        (f"gtin={GTIN}&to=2026-09-01", 0),
    ],
)
def test_a_selection_is_shown_and_downloaded_alike(
    stage: Stage, person: Person, asked: str, count: int
) -> None:
    text = person.opens(f"/console/scans?{asked}").text
    assert text.count("/console/units?gtin=") == count
    if not count:
        assert "There are no such scans." in text
    rows = list(
        csv.DictReader(person.opens(f"/console/scans/scans.csv?{asked}").text.lstrip("\ufeff").splitlines())
    )
    assert len(rows) == count


def test_the_file_says_what_the_page_says(stage: Stage, person: Person) -> None:
    answer = person.opens("/console/scans/scans.csv")
    assert answer.mimetype == "text/csv"
    assert 'filename="scans.csv"' in answer.headers["Content-Disposition"]
    newest = next(csv.DictReader(answer.text.lstrip("\ufeff").splitlines()))
    assert newest == {
        "time": "2026-09-03T09:30:00Z",
        "product_number": GTIN,
        "product": "Red Sorghum Baijiu 52 %",
        "lot": "L26-0914",
        "batch": "1",
        "serial": newest["serial"],
        "level": "match",
        "verdict": "FIRST_SCAN",
        "country": "",
        "by": "clinic",
        "counted": "no",
    }


def test_a_cell_that_a_spreadsheet_would_compute_is_made_harmless(stage: Stage, person: Person) -> None:
    record(stage, replace(SCAN, serial="=1+1", at=NOW + timedelta(days=9)))
    assert ",'=1+1," in person.opens("/console/scans/scans.csv").text


def test_older_scans_are_a_page_further(stage: Stage, person: Person) -> None:
    record(stage, *(replace(SCAN, serial=f"A{n}", at=NOW - n * timedelta(hours=1)) for n in range(1, 100)))
    text = person.opens("/console/scans?from=2026-08-01").text
    assert text.count("/console/units?gtin=") == 100
    onward = text.split('href="/console/scans?from=2026-08-01&amp;after=')[1].split('"')[0]
    text = person.opens(f"/console/scans?from=2026-08-01&after={onward}").text
    assert text.count("/console/units?gtin=") == 4
    assert "Older ones" not in text
    assert "verdict to look at" not in text


@pytest.mark.parametrize(
    "asked", ["gtin=1", "batch=x", "from=2026-13-01", "to=yesterday", "from=2026-09-03&to=2026-09-02"]
)
def test_what_cannot_be_asked_is_told_at_its_field(stage: Stage, person: Person, asked: str) -> None:
    for path in ("/console/scans", "/console/scans/scans.csv"):
        answer = person.opens(f"{path}?{asked}")
        assert answer.status_code == 422
        assert answer.text.count('aria-invalid="true"') == 1


def test_a_place_comes_back_from_its_address_and_nothing_else_is_one() -> None:
    mark = ScanMark(spot=ScanSpot(at=NOW, turn=3, serial="A/.%B"), gtin=OTHER_GTIN)
    assert parse_mark(format_mark(mark)) == mark
    for text in ("", "x", "1.2.3.4", f"1.1.{GTIN[:-1]}9.S", f"{10**17}.0.{GTIN}.S", f"1.0.{GTIN}.\x00"):
        assert parse_mark(text) is None
