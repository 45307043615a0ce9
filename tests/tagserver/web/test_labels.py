"""Labels as files."""

import csv
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZipFile

import pytest
from PIL import Image

from tagserver.ports import OrgId
from tests.tagserver.web.cast import DISTRIBUTOR, OTHER_PRODUCER, PRODUCER, Stage


def labels(stage: Stage, form: str, who: OrgId | None = PRODUCER, **query: object) -> Any:  # noqa: ANN401 (its JSON is looked at)
    return stage.call(who, "GET", f"/v1/batches/1/labels.{form}", query_string=query)


@pytest.fixture
def printed(stage: Stage) -> Stage:
    """A stage with a batch of five, issued."""
    stage.register()
    stage.issue()
    return stage


@pytest.mark.parametrize(
    ("form", "media", "start"),
    [
        ("pdf", "application/pdf", b"%PDF-"),
        ("svg", "application/zip", b"PK"),
        ("png", "application/zip", b"PK"),
        ("zpl", "application/zpl", b"^XA"),
        ("csv", "text/csv", b"sequence,url"),
    ],
)
def test_each_form_is_a_file(printed: Stage, form: str, media: str, start: bytes) -> None:
    answer = labels(printed, form)
    assert answer.status_code == 200
    assert answer.mimetype == media
    assert answer.data.startswith(start)
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="batch-1-labels-0-4.')
    assert answer.headers["Cache-Control"] == "no-store"


def test_one_label_is_a_picture(printed: Stage) -> None:
    svg, png = labels(printed, "svg", first=1, count=1), labels(printed, "png", first=1, count=1)
    assert svg.mimetype == "image/svg+xml"
    assert svg.text.startswith("<svg")
    assert png.mimetype == "image/png"
    assert Image.open(BytesIO(png.data)).format == "PNG"


def test_several_pictures_are_an_archive(printed: Stage) -> None:
    with ZipFile(BytesIO(labels(printed, "svg", first=3, stock="avery-l7651").data)) as archive:
        assert len(archive.namelist()) == 2


def test_a_range_is_the_range_asked_for(printed: Stage) -> None:
    rows = list(csv.DictReader(StringIO(labels(printed, "csv", first=2, count=2).text)))
    everything = list(csv.DictReader(StringIO(labels(printed, "csv").text)))
    assert [row["url"] for row in rows] == [row["url"] for row in everything[2:4]]


def test_sheet_start_and_resolution_are_honoured(printed: Stage) -> None:
    answer = labels(printed, "pdf", stock="avery-l7159", start=24, dpi=300, cut_marks="true", module_mm="0.3")
    assert answer.data.count(b"/Type/Page/") == 2
    roll = labels(printed, "zpl", stock="thermal-60x40-203", dpi=203)
    assert b"^PW480" in roll.data


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"stock": "papyrus"}, "INPUT_INVALID"),
        ({"start": 25}, "LABEL_SHEET_INVALID"),
        ({"stock": "thermal-50x25-203", "module_mm": 2}, "LABEL_SYMBOL_DOES_NOT_FIT"),
        ({"first": 5}, "INPUT_INVALID"),
        ({"count": 6}, "INPUT_INVALID"),
        ({"dpi": 5}, "INPUT_INVALID"),
        ({"colour": "red"}, "INPUT_INVALID"),
    ],
)
def test_what_cannot_be_printed_is_refused_before_a_byte_is_sent(
    printed: Stage, query: dict[str, Any], code: str
) -> None:
    answer = labels(printed, "pdf", **query)
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert answer.json["code"] == code


@pytest.mark.parametrize(
    ("who", "status", "code"),
    [
        (None, 401, "TOKEN_MISSING"),
        (OTHER_PRODUCER, 403, "NOT_YOURS"),
        (DISTRIBUTOR, 403, "SCOPE_MISSING"),
    ],
)
def test_nobody_else_gets_labels(printed: Stage, who: OrgId | None, status: int, code: str) -> None:
    answer = labels(printed, "pdf", who=who)
    assert (answer.status_code, answer.json["code"]) == (status, code)


def test_a_batch_that_is_not_issued_has_no_labels(stage: Stage) -> None:
    stage.register()
    body = {"gtin": "09506000134352", "count": 101}
    stage.call(PRODUCER, "POST", "/v1/batches", json=body, headers={"Idempotency-Key": "k"})
    answer = labels(stage, "pdf")
    assert (answer.status_code, answer.json["code"]) == (409, "BATCH_NOT_ISSUED")


def test_other_forms_are_404(printed: Stage) -> None:
    assert labels(printed, "exe").status_code == 404


def test_each_rendering_is_in_the_audit_trail(printed: Stage) -> None:
    labels(printed, "pdf")
    labels(printed, "csv")
    store = printed.services.printing._store
    with store.read() as transaction:
        forms = [entry.detail["form"] for entry in transaction.audit.latest(limit=2, action="labels.render")]
    assert forms == ["csv", "pdf"]
