"""Batches: issued once a key, followed, and reported on as a whole."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import pytest

from tagcore.manifest import verify_manifest
from tagserver.ports import Batch, BatchNumber, LeaseLostError, OrgId
from tagserver.services.manifest import manifest_of
from tests.tagserver.web.cast import DISTRIBUTOR, FREE_GTIN, GTIN, HOST, OTHER_PRODUCER, PRODUCER, Stage

ORDER: dict[str, Any] = {"gtin": GTIN, "lot": "L1", "expiry": "281231", "count": 10}


def ask(
    stage: Stage,
    body: object = None,
    *,
    key: str | None = "k1",
    who: OrgId | None = PRODUCER,
    form: Mapping[str, object] | None = None,
) -> Any:  # noqa: ANN401 (its JSON is looked at)
    """An order, as JSON or as a form."""
    headers = {} if key is None else {"Idempotency-Key": key}
    if form is not None:
        kind = "multipart/form-data"
        return stage.call(who, "POST", "/v1/batches", headers=headers, data=form, content_type=kind)
    return stage.call(who, "POST", "/v1/batches", headers=headers, json=ORDER if body is None else body)


def test_a_small_batch_is_issued_in_the_request(stage: Stage) -> None:
    stage.register()
    answer = ask(stage)
    assert answer.status_code == 201
    assert answer.headers["Location"] == "/v1/batches/1"
    assert answer.json["status"] == "issued"
    assert answer.json["done"] == 10
    assert answer.json["host"] == HOST
    assert answer.json["serials"] == "generated"


def test_its_manifest_is_signed_by_its_key(stage: Stage) -> None:
    stage.register()
    ask(stage)
    body = stage.call(None, "GET", "/v1/batches/1").json
    assert body is not None
    batch = stage.services.issuing.find(BatchNumber(1))
    assert batch.root is not None
    assert batch.issued_at is not None
    assert body["manifest"]["signed"]["root"] == body["root"] == batch.root.hex()
    key = stage.services.keys.of(PRODUCER)[0].public_key
    manifest = manifest_of(batch, batch.root, batch.issued_at)
    verify_manifest(manifest, bytes.fromhex(body["manifest"]["signature"]), key)


def test_a_large_batch_is_queued_and_can_be_followed(stage: Stage) -> None:
    stage.register()
    answer = ask(stage, {**ORDER, "count": 101})
    assert answer.status_code == 202
    assert answer.json["status"] == "queued"
    assert answer.json["manifest"] is None
    where = answer.headers["Location"]
    page = stage.call(None, "GET", "/batches/1", accept="text/html").text
    assert "Waiting to be issued" in page
    assert 'http-equiv="refresh"' in page
    stage.services.issuing.work_once(owner="worker")
    body = stage.call(None, "GET", where).json
    assert body is not None
    assert (body["status"], body["done"]) == ("issued", 101)


def test_a_repeated_request_issues_nothing_more(stage: Stage) -> None:
    stage.register()
    first, second = ask(stage), ask(stage)
    assert second.status_code == 201
    assert second.json == first.json
    assert second.headers["Idempotent-Replayed"] == "true"
    listed = stage.call(PRODUCER, "GET", "/v1/batches").json
    assert listed is not None
    assert len(listed["batches"]) == 1


def test_a_key_stands_for_one_order(stage: Stage) -> None:
    stage.register()
    ask(stage)
    answer = ask(stage, {**ORDER, "count": 11})
    assert answer.status_code == 409
    assert answer.json["code"] == "IDEMPOTENCY_CONFLICT"


@pytest.mark.parametrize(
    ("key", "code"), [(None, "IDEMPOTENCY_KEY_MISSING"), ("a b", "IDEMPOTENCY_KEY_INVALID")]
)
def test_without_a_key_nothing_is_issued(stage: Stage, key: str | None, code: str) -> None:
    stage.register()
    answer = ask(stage, key=key)
    assert answer.status_code == 400
    assert answer.json["code"] == code


@pytest.mark.parametrize(
    ("who", "status", "code"),
    [
        (None, 401, "TOKEN_MISSING"),
        (OTHER_PRODUCER, 403, "NOT_YOURS"),
        (DISTRIBUTOR, 403, "SCOPE_MISSING"),
    ],
)
def test_others_issue_nothing(stage: Stage, who: OrgId | None, status: int, code: str) -> None:
    stage.register()
    answer = ask(stage, who=who)
    assert (answer.status_code, answer.json["code"]) == (status, code)


@pytest.mark.parametrize(
    ("change", "status", "code", "field"),
    [
        ({"gtin": FREE_GTIN}, 404, "NOT_FOUND", "gtin"),
        ({"gtin": "1"}, 422, "GTIN_INVALID", "gtin"),
        ({"lot": "ü"}, 422, "GS1_SYNTAX", "lot"),
        ({"expiry": "281332"}, 422, "GS1_SYNTAX", "expiry"),
        ({"count": 0}, 422, "INPUT_INVALID", "count"),
        ({"count": None}, 422, "INPUT_INVALID", None),
        ({"count": 10_000_001}, 422, "BATCH_TOO_LARGE", "count"),
        ({"profile": "other"}, 422, "INPUT_INVALID", "profile"),
        ({"host": "EVIL.EXAMPLE"}, 422, "NO_HOST", "host"),
        ({"serials": ["A"], "count": 2}, 422, "SERIALS_INVALID", "serials"),
        ({"serials": ["A", "A"], "count": 2}, 422, "SERIALS_INVALID", "serials"),
        ({"serials": ["A", "é"], "count": 2}, 422, "GS1_SYNTAX", "serials.1"),
    ],
)
def test_an_order_that_is_not_right_is_refused(
    stage: Stage, change: dict[str, Any], status: int, code: str, field: str | None
) -> None:
    stage.register()
    answer = ask(stage, {**ORDER, **change})
    assert (answer.status_code, answer.json["code"], answer.json.get("field")) == (status, code, field)


def test_a_producer_brings_its_own_serials_as_json(stage: Stage) -> None:
    stage.register()
    answer = ask(stage, {"gtin": GTIN, "serials": ["A-1", "A/2"]})
    assert answer.status_code == 201
    assert answer.json["serials"] == "supplied"
    assert stage.serials(stage.services.issuing.find(BatchNumber(1))) == ["A-1", "A/2"]


def test_a_producer_brings_its_own_serials_as_csv(stage: Stage) -> None:
    stage.register()
    form = {
        "gtin": GTIN,
        "lot": "L1",
        "expiry": "",
        "serials": (BytesIO(b'serial\r\nA-1\r\n\r\n"A,2"\r\n'), "s.csv"),
    }
    answer = ask(stage, form=form)
    assert answer.status_code == 201
    assert answer.json["count"] == 2
    assert stage.serials(stage.services.issuing.find(BatchNumber(1))) == ["A-1", "A,2"]


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"gtin": GTIN}, "SERIALS_INVALID"),
        ({"gtin": GTIN, "serials": (BytesIO(b"\xff\xfe"), "s.csv")}, "SERIALS_INVALID"),
        ({"gtin": GTIN, "serials": (BytesIO(b"A\n"), "s.csv"), "count": "2"}, "SERIALS_INVALID"),
        ({"gtin": GTIN, "serials": (BytesIO(b"A\n"), "s.csv"), "colour": "red"}, "INPUT_INVALID"),
    ],
)
def test_a_form_that_is_not_right_is_refused(stage: Stage, form: dict[str, Any], code: str) -> None:
    stage.register()
    answer = ask(stage, form=form)
    assert (answer.status_code, answer.json["code"]) == (422, code)


def test_a_serial_is_issued_once(stage: Stage) -> None:
    stage.register()
    ask(stage, {"gtin": GTIN, "serials": ["A-1"]})
    answer = ask(stage, {"gtin": GTIN, "serials": ["A-1"], "lot": "L2"}, key="k2")
    assert (answer.status_code, answer.json["code"]) == (409, "SERIAL_TAKEN")


def test_a_batch_that_another_worker_took_is_followed(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_: object, **__: object) -> Batch:
        raise LeaseLostError(1, "another")

    stage.register()
    monkeypatch.setattr(stage.services.issuing, "work_on", lost)
    assert ask(stage).status_code == 202


def test_a_batch_that_cannot_be_signed_says_so(stage: Stage) -> None:
    stage.register()
    for file in (stage.settings.home / "keys").glob("distillery-*"):
        file.unlink()
    answer = ask(stage)
    assert (answer.status_code, answer.json["code"]) == (500, "BATCH_FAILED")
    own = stage.call(PRODUCER, "GET", "/v1/batches/1").json
    public = stage.call(None, "GET", "/v1/batches/1").json
    assert own is not None
    assert public is not None
    assert own["status"] == public["status"] == "failed"
    assert own["failure"]
    assert public["failure"] is None


def test_batches_are_listed_a_page_at_a_time(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tagserver.web.routes.batches.PAGE", 2)
    stage.register()
    ask(stage, key="k1")
    ask(stage, key="k2")
    page = stage.call(PRODUCER, "GET", "/v1/batches").json
    assert page is not None
    assert [batch["number"] for batch in page["batches"]] == [2, 1]
    following = stage.call(PRODUCER, "GET", page["next"]).json
    assert following == {"batches": [], "next": None}
    others = stage.call(OTHER_PRODUCER, "GET", "/v1/batches").json
    assert others == {"batches": [], "next": None}


def test_a_query_that_is_not_right_is_refused(stage: Stage) -> None:
    answer = stage.call(PRODUCER, "GET", "/v1/batches?before=x")
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["field"] == "before"


def test_a_batch_that_is_not_there_is_404(stage: Stage) -> None:
    assert stage.call(None, "GET", "/v1/batches/7").status_code == 404
    assert stage.call(None, "GET", "/v1/batches/x").status_code == 404


def test_a_whole_batch_is_activated_at_once(stage: Stage) -> None:
    stage.register()
    ask(stage)
    void = {"action": "void", "first": 2, "last": 3, "note": "spoilt in printing"}
    answer = stage.call(PRODUCER, "POST", "/v1/batches/1/events", json=void)
    assert answer.json == {"applied": [{"first": 2, "last": 3, "state": "void"}], "refused": []}
    answer = stage.call(PRODUCER, "POST", "/v1/batches/1/events", json={"action": "activate"})
    assert answer.json == {
        "applied": [{"first": 0, "last": 1, "state": "active"}, {"first": 4, "last": 9, "state": "active"}],
        "refused": [{"first": 2, "last": 3, "state": "void"}],
    }


def test_a_repeated_event_with_a_key_is_done_once(stage: Stage) -> None:
    stage.register()
    ask(stage)
    answers = [
        stage.call(
            PRODUCER,
            "POST",
            "/v1/batches/1/events",
            json={"action": "activate"},
            headers={"Idempotency-Key": "e1"},
        )
        for _ in range(2)
    ]
    assert answers[0].json == answers[1].json
    assert answers[1].status_code == 200


@pytest.mark.parametrize(
    ("who", "body", "status", "code"),
    [
        (None, {"action": "activate"}, 401, "TOKEN_MISSING"),
        (OTHER_PRODUCER, {"action": "activate"}, 403, "NOT_YOURS"),
        (PRODUCER, {"action": "fly"}, 422, "INPUT_INVALID"),
        (PRODUCER, {"action": "activate", "last": 10}, 422, "INPUT_INVALID"),
        (PRODUCER, {"action": "sell"}, 409, "TRANSITION_REFUSED"),
    ],
)
def test_an_event_of_a_range_may_be_refused(
    stage: Stage, who: OrgId | None, body: dict[str, Any], status: int, code: str
) -> None:
    stage.register()
    ask(stage)
    answer = stage.call(who, "POST", "/v1/batches/1/events", json=body)
    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (status, code)
