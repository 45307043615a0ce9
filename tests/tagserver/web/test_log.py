from datetime import datetime
from typing import Any

import pytest

from tagcore.entries import EventsEntry, parse_entry
from tagcore.merkle import verify_inclusion
from tagcore.note import VerifierKey, parse_note, verify_note
from tagcore.proof import verify_proof
from tagcore.receipts import Backend, backend_of
from tagcore.states import Action, State
from tagcore.trust import parse_trust
from tagcore.unit_events import EventFacts, OfRange, OfUnit, event_leaf
from tagserver.bootstrap import root_signer
from tagserver.monitor.anchoring import parse_anchors
from tagserver.ports import Batch
from tests.tagserver.log.checking import check_log
from tests.tagserver.web.cast import GTIN, OTHER_PRODUCER, PRODUCER, Stage

IMMUTABLE = "public, max-age=31536000, immutable"


@pytest.fixture
def batch(stage: Stage) -> Batch:
    """An issued batch, in a log that is published."""
    stage.services.logs.create()
    stage.register()
    batch = stage.issue()
    stage.services.logs.run(close_blocks=True)
    return batch


def key(stage: Stage) -> VerifierKey:
    return stage.services.logs.status().key


def read_over_http(stage: Stage, path: str) -> bytes | None:
    response = stage.call(None, "GET", f"/log/{path}")
    return response.data if response.status_code == 200 else None


def test_a_stranger_can_check_the_whole_log(stage: Stage, batch: Batch) -> None:
    log = check_log(lambda path: read_over_http(stage, path), key(stage).public_key)
    assert log.origin == "id.example.com/log"
    assert sum(b'"entry":"batch"' in entry for entry in log.entries) == 1


def test_the_checkpoint_is_signed_and_soon_asked_for_anew(stage: Stage, batch: Batch) -> None:
    response = stage.call(None, "GET", "/log/checkpoint")
    verify_note(parse_note(response.data), key(stage))
    assert response.content_type == "text/plain; charset=utf-8"
    assert response.headers["Cache-Control"] == "public, max-age=2"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    again = stage.call(None, "GET", "/log/checkpoint", headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304


def test_tiles_are_kept_for_ever(stage: Stage, batch: Batch) -> None:
    size = stage.services.logs.status().state.published
    for path in (f"tile/0/000.p/{size}", f"tile/entries/000.p/{size}"):
        response = stage.call(None, "GET", f"/log/{path}")
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == IMMUTABLE
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert response.content_type == "application/octet-stream"


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/001",
        "tile/0/000",
        "tile/0/000.p/0",
        "tile/00/000",
        "tile/0/../../origintag.toml",
        "../origintag.toml",
        "..%2Forigintag.toml",
        ".lock",
        "tile",
        "tile/0/000.p",
        "tile/0/x000/000.p/300",
    ],
)
def test_nothing_else_is_handed_out(stage: Stage, batch: Batch, path: str) -> None:
    response = stage.call(None, "GET", f"/log/{path}")
    assert response.status_code == 404
    assert response.json is not None
    assert response.json["code"] == "NOT_FOUND"


def test_before_anything_is_published_there_is_no_checkpoint(stage: Stage) -> None:
    response = stage.call(None, "GET", "/log/checkpoint")
    assert response.status_code == 404
    assert response.json is not None
    assert response.json["code"] == "LOG_NOT_PUBLISHED"


def test_whoever_has_the_tag_gets_its_proof(stage: Stage, batch: Batch) -> None:
    bundle = stage.services.trust.sign(root_signer(stage.settings))
    data = stage.services.trust.published()
    assert data is not None
    tag, serial = stage.addresses(batch)[1], stage.serials(batch)[1]
    response = stage.call(None, "GET", f"/v1/units/{GTIN}/{serial}/proof", query_string={"tag": tag})
    assert response.status_code == 200
    proven = verify_proof(response.data, parse_trust(data, bundle.root_key), bundle.issued)
    assert (proven.index, proven.manifest.number) == (1, batch.number)


def test_digits_alone_give_nobody_else_a_proof(stage: Stage, batch: Batch) -> None:
    path = f"/v1/units/{GTIN}/{stage.serials(batch)[0]}/proof"
    assert stage.call(None, "GET", path).status_code == 401
    assert stage.call(OTHER_PRODUCER, "GET", path).status_code == 403
    assert stage.call(PRODUCER, "GET", path).status_code == 200


def test_the_tag_of_another_unit_gives_none(stage: Stage, batch: Batch) -> None:
    path = f"/v1/units/{GTIN}/{stage.serials(batch)[0]}/proof"
    response = stage.call(None, "GET", path, query_string={"tag": stage.addresses(batch)[1]})
    assert response.status_code == 422
    assert response.json is not None
    assert (response.json["code"], response.json["field"]) == ("INPUT_INVALID", "tag")


def test_a_batch_that_waits_has_none_yet(stage: Stage, batch: Batch) -> None:
    late = stage.issue(lot="LATE")
    path = f"/v1/units/{GTIN}/{stage.serials(late)[0]}/proof"
    response = stage.call(None, "GET", path, query_string={"tag": stage.addresses(late)[0]})
    assert response.status_code == 409
    assert response.json is not None
    assert response.json["code"] == "PROOF_PENDING"


def page(stage: Stage, batch: Batch) -> str:
    return stage.call(None, "GET", stage.paths(batch)[0], accept="text/html").get_data(as_text=True)


def test_the_page_says_where_the_lot_is_in_the_log(stage: Stage, batch: Batch) -> None:
    shown = page(stage, batch)
    assert "In the log as entry 3" in shown
    assert "No independent witness has signed the log" in shown


def test_the_page_says_that_a_lot_waits(stage: Stage, batch: Batch) -> None:
    shown = page(stage, stage.issue(lot="LATE"))
    assert "Waiting for its place in the log" in shown
    assert "In the log as entry" not in shown


def test_without_a_log_the_page_claims_none(stage: Stage) -> None:
    stage.register()
    shown = page(stage, stage.issue())
    assert "In the log" not in shown
    assert "no public log or chain holds" in shown


def test_a_history_can_be_checked_against_the_log(stage: Stage, batch: Batch) -> None:
    serial = stage.serials(batch)[2]
    path = f"/v1/units/{GTIN}/{serial}"
    report = {"action": "ship", "place": "gate 1", "country": "CN", "note": "as agreed"}
    assert stage.call(PRODUCER, "POST", f"{path}/events", json=report).status_code == 200
    waiting = history(stage, path)[0]["commitment"]
    assert (waiting["block"], waiting["log_index"]) == (None, None)
    stage.services.logs.run(close_blocks=True)
    entries = check_log(lambda name: read_over_http(stage, name), key(stage).public_key).entries
    shipped, activated = history(stage, path)
    for event, of in (
        (shipped, OfUnit(gtin=GTIN, serial=serial, batch=batch.number, index=2)),
        (activated, OfRange(batch=batch.number, first=0, last=batch.count - 1)),
    ):
        commitment = event["commitment"]
        leaf = event_leaf(facts(event, of), bytes.fromhex(commitment["salt"]))
        block = parse_entry(entries[commitment["log_index"]])
        assert isinstance(block, EventsEntry)
        nodes = [bytes.fromhex(node) for node in commitment["path"]]
        verify_inclusion(leaf, commitment["place"], block.count, nodes, block.root)


def history(stage: Stage, path: str) -> list[dict[str, Any]]:
    answer = stage.call(PRODUCER, "GET", f"{path}/history").get_json()
    events: list[dict[str, Any]] = answer["events"]
    return events


def facts(event: dict[str, Any], of: OfUnit | OfRange) -> EventFacts:
    """The event as a reader of the answer knows it."""
    return EventFacts(
        of=of,
        seq=event["seq"],
        action=Action(event["action"]),
        state=State(event["state"]),
        previous=State(event["previous"]) if event["previous"] else None,
        at=datetime.fromisoformat(event["at"]),
        party=event["organisation"],
        place=event["place"],
        country=event["country"],
        note=event["note"],
    )


def test_monitors_find_the_list_of_anchors_with_the_journal_in_it(stage: Stage, batch: Batch) -> None:
    stage.services.anchoring.run(owner="test", now_due=True)
    response = stage.call(None, "GET", "/log/anchors")
    (found,) = parse_anchors(response.data)
    assert found.size == stage.services.logs.status().state.published
    assert backend_of(found.receipt) is Backend.JOURNAL
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_the_page_calls_the_journal_self_attested_and_no_anchor(stage: Stage, batch: Batch) -> None:
    stage.services.anchoring.run(owner="test", now_due=True)
    shown = page(stage, batch)
    assert "self-attested" in shown
    assert "Not anchored" in shown
