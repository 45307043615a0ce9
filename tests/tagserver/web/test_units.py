"""Units: events and history."""

from typing import Any

import pytest

from tagserver.ports import OrgId
from tests.tagserver.web.cast import (
    BROWSER,
    DISTRIBUTOR,
    GTIN,
    HOSPITAL,
    INSPECTOR,
    OTHER_PRODUCER,
    PRODUCER,
    Stage,
)


def history(stage: Stage, serial: str, who: OrgId | None = None) -> Any:  # noqa: ANN401 (its JSON is looked at)
    return stage.call(who, "GET", f"/v1/units/{GTIN}/{serial}/history")


def report(stage: Stage, who: OrgId | None, serial: str, **event: str) -> Any:  # noqa: ANN401 (its JSON is looked at)
    return stage.call(who, "POST", f"/v1/units/{GTIN}/{serial}/events", json=event)


def test_the_public_reads_totals_and_no_more(stage: Stage) -> None:
    stage.register()
    batch = stage.issue()
    for number in range(3):
        stage.client(f"{BROWSER} {number}").get(stage.paths(batch)[0])
    body = history(stage, stage.serials(batch)[0]).json
    assert body["totals"]["scans"] == 3
    assert body["totals"]["distinct_viewers"] == 3
    assert body["totals"]["capped"] is False
    assert body["scans"] is None
    assert body["events"] is None
    assert body["unit"]["state"]["state"] == "active"


@pytest.mark.parametrize("who", [PRODUCER, INSPECTOR])
def test_its_producer_and_inspectors_read_scans_and_events(stage: Stage, who: OrgId | None) -> None:
    stage.register()
    batch = stage.issue()
    serial = stage.serials(batch)[0]
    text = stage.addresses(batch)[0]
    place = {"country": "CN", "latitude": 31.23, "longitude": 121.47}
    stage.call(HOSPITAL, "POST", "/v1/verify", json={"text": text, "place": place})
    report(
        stage, HOSPITAL, serial, action="dispense", place="ward 3", country="CN", note="given to a patient"
    )
    body = history(stage, serial, who).json
    assert body["scans"][0]["organisation"] == HOSPITAL
    assert body["scans"][0]["country"] == "CN"
    assert body["scans"][0]["level"] == "match"
    assert [event["action"] for event in body["events"]] == ["dispense", "activate"]
    assert body["events"][0]["place"] == "ward 3"
    assert body["events"][0]["note"] == "given to a patient"
    assert body["totals"]["countries"] == {"CN": 1}


@pytest.mark.parametrize("who", [OTHER_PRODUCER, DISTRIBUTOR])
def test_other_organisations_read_what_the_public_reads(stage: Stage, who: OrgId | None) -> None:
    stage.register()
    body = history(stage, stage.serials(stage.issue())[0], who).json
    assert body["scans"] is None


def test_a_history_is_no_scan(stage: Stage) -> None:
    stage.register()
    serial = stage.serials(stage.issue())[0]
    for _ in range(2):
        assert history(stage, serial).json["totals"]["scans"] == 0


def test_a_unit_that_is_not_there_is_404(stage: Stage) -> None:
    stage.register()
    assert history(stage, "0000000000000").json["code"] == "NOT_FOUND"
    assert report(stage, HOSPITAL, "0000000000000", action="lock").json["code"] == "NOT_FOUND"
    assert history(stage, "%C3%A9").status_code == 404


def test_serials_with_slashes_have_addresses_too(stage: Stage) -> None:
    stage.register()
    serials = ("A/B", "//", "x/history", "/events")
    stage.issue(serials=serials, count=len(serials))
    for serial in serials:
        written = serial.replace("/", "%2F")
        assert history(stage, written).json["unit"]["serial"] == serial
        assert report(stage, HOSPITAL, written, action="lock").json["state"]["state"] == "locked"


def test_an_event_moves_the_unit(stage: Stage) -> None:
    stage.register()
    batch = stage.issue()
    answer = report(stage, HOSPITAL, stage.serials(batch)[0], action="dispense", country="CN")
    assert answer.status_code == 200
    assert answer.json["state"]["state"] == "dispensed"
    assert answer.json["state"]["country"] == "CN"
    page = stage.call(None, "GET", stage.paths(batch)[0], accept="text/html").text
    assert "Already dispensed" in page


@pytest.mark.parametrize(
    ("who", "event", "status", "code"),
    [
        (None, {"action": "lock"}, 401, "TOKEN_MISSING"),
        (OTHER_PRODUCER, {"action": "lock"}, 403, "NOT_YOURS"),
        (DISTRIBUTOR, {"action": "dispense"}, 409, "TRANSITION_REFUSED"),
        (HOSPITAL, {"action": "undo"}, 409, "TRANSITION_REFUSED"),
        (HOSPITAL, {"action": "explode"}, 422, "INPUT_INVALID"),
        (HOSPITAL, {"action": "lock", "note": "a\x07"}, 422, "INPUT_INVALID"),
        (HOSPITAL, {}, 422, "INPUT_INVALID"),
    ],
)
def test_an_event_may_be_refused(
    stage: Stage, who: OrgId | None, event: dict[str, Any], status: int, code: str
) -> None:
    stage.register()
    answer = report(stage, who, stage.serials(stage.issue())[0], **event)
    assert (answer.status_code, answer.json["code"]) == (status, code)


def test_of_two_dispensings_one_is_refused(stage: Stage) -> None:
    stage.register()
    serial = stage.serials(stage.issue())[0]
    assert report(stage, HOSPITAL, serial, action="dispense").status_code == 200
    assert report(stage, HOSPITAL, serial, action="dispense").status_code == 409


def test_the_same_dispensing_sent_twice_is_done_once(stage: Stage) -> None:
    stage.register()
    path = f"/v1/units/{GTIN}/{stage.serials(stage.issue())[0]}/events"
    for _ in range(2):
        answer = stage.call(
            HOSPITAL, "POST", path, json={"action": "dispense"}, headers={"Idempotency-Key": "d1"}
        )
        assert answer.status_code == 200
