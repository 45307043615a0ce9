"""Damaged labels compared with the ones that were made: asked for by number, answered without the signature."""

from io import BytesIO

import pytest
from werkzeug.test import TestResponse

from tagserver.ports.imaging import Corners, Likeness, SeenSymbol
from tests.tagserver.web.cast import GTIN, Stage

CORNERS: Corners = ((0, 0), (9, 0), (9, 9), (0, 9))
LIKENESS = Likeness(seen=0.42, agreeing=0.978)


@pytest.fixture
def serial(stage: Stage) -> str:
    """Of a unit that was issued and activated."""
    stage.register()
    return stage.serials(stage.issue())[0]


def recognise(stage: Stage, serial: str, *, gtin: str = GTIN) -> None:
    stage.eyes.seen = (
        SeenSymbol(text=f"(01){gtin}(21){serial}", corners=CORNERS, stage="template", likeness=LIKENESS),
    )


def ask(stage: Stage, **numbers: str) -> TestResponse:
    form = {"image": (BytesIO(b"picture"), "a.jpg"), **numbers}
    return stage.call(None, "POST", "/v1/verify/image", data=form)


def send(stage: Stage, accept: str = "text/html", **numbers: str) -> TestResponse:
    form = {"image": (BytesIO(b"picture"), "a.jpg"), **numbers}
    headers = {"Accept": accept, "Origin": "http://localhost"}
    return stage.client().post("/scan/photo", data=form, headers=headers)


def signature_of(stage: Stage) -> str:
    """As it stands in the first printed tag."""
    return stage.addresses(stage.issue())[0].rpartition("?")[2]


def test_a_recognised_label_is_verified_as_if_it_had_been_read(stage: Stage, serial: str) -> None:
    recognise(stage, serial)
    answer = ask(stage, gtin=GTIN, serial=serial)
    assert answer.status_code == 200
    assert answer.json is not None
    (symbol,) = answer.json["symbols"]
    assert symbol["likeness"] == {"seen": 0.42, "agreeing": 0.978}
    assert symbol["verification"]["verdict"]["level"] == "match"
    assert symbol["verification"]["tag"]["serial"] == serial


def test_the_reader_expects_the_label_at_every_level(stage: Stage, serial: str) -> None:
    ask(stage, gtin=GTIN, serial=serial)
    assert len(stage.eyes.expected) == 4
    assert {symbol.text for symbol in stage.eyes.expected} == {f"(01){GTIN}(21){serial}"}


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_the_signature_is_told_nowhere(stage: Stage, accept: str) -> None:
    stage.register()
    batch = stage.issue()
    signature = stage.addresses(batch)[0].rpartition("=")[2]
    serial = stage.serials(batch)[0]
    recognise(stage, serial)
    for answer in (ask(stage, gtin=GTIN, serial=serial), send(stage, accept, gtin=GTIN, serial=serial)):
        assert serial in answer.text.replace("</span><span>", "")
        assert signature not in answer.text


def test_what_was_not_asked_for_is_not_believed(stage: Stage, serial: str) -> None:
    """A reader that names another unit has made it up."""
    recognise(stage, "SOMETHINGELSE")
    answer = ask(stage, gtin=GTIN, serial=serial)
    assert answer.json is not None
    (symbol,) = answer.json["symbols"]
    assert symbol["verification"]["verdict"]["level"] == "not_ours"


@pytest.mark.parametrize(
    ("numbers", "status", "code"),
    [
        ({"gtin": GTIN}, 422, "INPUT_INVALID"),
        ({"serial": "A"}, 422, "INPUT_INVALID"),
        ({"gtin": "123", "serial": "A"}, 422, "GTIN_INVALID"),
        ({"gtin": GTIN, "serial": "0000000000000"}, 404, "NOT_FOUND"),
    ],
)
def test_numbers_that_are_none_are_refused(
    stage: Stage, serial: str, numbers: dict[str, str], status: int, code: str
) -> None:
    answer = ask(stage, **numbers)
    assert answer.status_code == status
    assert answer.json is not None
    assert answer.json["code"] == code
    page = send(stage, **numbers)
    assert page.status_code == status
    assert "No label with those numbers was made here." in page.text
    assert stage.eyes.given == []


def test_one_label_is_compared_twenty_times_a_day(stage: Stage, serial: str) -> None:
    """Each answer tells one bit to somebody who covers what he has guessed."""
    statuses = [ask(stage, gtin=GTIN, serial=serial).status_code for _ in range(21)]
    assert statuses == [*[200] * 20, 429]
    other = stage.serials(stage.issue())[0]
    assert ask(stage, gtin=GTIN, serial=other).status_code == 200


def test_the_verdict_page_says_how_much_was_seen(stage: Stage, serial: str) -> None:
    recognise(stage, serial)
    answer = send(stage, gtin=GTIN, serial=serial)
    assert answer.status_code == 200
    assert "Matches the producer" in answer.text
    assert "42 % of what no other label has can be seen, and 98 % of that is as it should be." in answer.text


def test_the_page_asks_for_another_photograph_where_nothing_was_recognised(stage: Stage, serial: str) -> None:
    answer = send(stage, gtin=GTIN, serial=serial)
    assert answer.status_code == 200
    assert "That alone says nothing about the goods" in answer.text


def test_among_others_it_is_listed_without_an_address(stage: Stage, serial: str) -> None:
    recognise(stage, serial)
    stage.eyes.seen = (
        *stage.eyes.seen,
        SeenSymbol(text="https://elsewhere.example/", corners=CORNERS, stage="zxing"),
    )  # type: ignore[misc] # set above
    answer = send(stage, gtin=GTIN, serial=serial)
    assert "2 codes on your photograph" in answer.text
    assert "Red Sorghum Baijiu" in answer.text
    assert f"/21/{serial}" not in answer.text
