"""Scans that the camera page sends until it is answered: a verdict each time, a record once."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tagserver.ports import StoreUnavailableError
from tagserver.store import SqlStore
from tagserver.web.schemas.scans import MOST_SCANS
from tests.tagserver.web.cast import GTIN, HOST, Stage

ID = "00" * 15


def check(client: FlaskClient, *scans: tuple[str, str], **headers: str) -> TestResponse:
    body = {"scans": [{"id": scan_id, "text": text} for scan_id, text in scans]}
    return client.post("/scan/check", json=body, headers=headers)


def url(stage: Stage) -> tuple[str, str]:
    """A tag of an active batch, and its serial."""
    stage.register()
    batch = stage.issue()
    return f"HTTPS://{HOST}{stage.paths(batch)[0]}", stage.serials(batch)[0]


def scans_of(stage: Stage, serial: str) -> int:
    return stage.services.pasts.of(None, GTIN, serial).totals.scans


def rows(answer: TestResponse) -> list[dict[str, Any]]:
    assert answer.json is not None
    return [scan["row"] for scan in answer.json["scans"]]


def test_each_scan_is_answered_in_words_by_its_id(stage: Stage) -> None:
    good, serial = url(stage)
    answer = check(stage.client(), (f"{ID}01", good), (f"{ID}02", "https://elsewhere.example/"))
    assert answer.status_code == 200
    assert answer.json is not None
    assert [scan["id"] for scan in answer.json["scans"]] == [f"{ID}01", f"{ID}02"]
    first, second = rows(answer)
    assert (first["kind"], first["serial"], first["tone"]) == ("match", serial, "good")
    assert (second["kind"], second["path"]) == ("not_ours", "")
    assert scans_of(stage, serial) == 1


def test_a_scan_that_is_sent_again_is_recorded_once_and_answered_each_time(stage: Stage) -> None:
    good, serial = url(stage)
    with stage.services.pasts._store.read() as transaction:  # rows, counted or not
        assert transaction.scans.history(GTIN, serial) == ()
    client = stage.client()
    for _ in range(3):
        assert rows(check(client, (f"{ID}01", good)))[0]["kind"] == "match"
    check(client, (f"{ID}02", good))
    with stage.services.pasts._store.read() as transaction:
        assert len(transaction.scans.history(GTIN, serial)) == 2


def test_the_id_of_another_text_keeps_no_scan_from_being_recorded(stage: Stage) -> None:
    good, serial = url(stage)
    check(stage.client(), (f"{ID}01", "https://elsewhere.example/"))
    check(stage.client(), (f"{ID}01", good))
    assert scans_of(stage, serial) == 1


def test_while_the_store_is_away_nothing_counts_as_answered(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, serial = url(stage)
    write = SqlStore.write

    def fail(store: SqlStore) -> None:
        raise StoreUnavailableError

    monkeypatch.setattr(SqlStore, "write", fail)
    answer = check(stage.client(), (f"{ID}01", good))
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    monkeypatch.setattr(SqlStore, "write", write)
    assert check(stage.client(), (f"{ID}01", good)).status_code == 200
    assert scans_of(stage, serial) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"scans": []},
        {"scans": [{"id": "x", "text": "text"}]},
        {"scans": [{"id": "00" * 16, "text": ""}]},
        {"scans": [{"id": "00" * 16, "text": "text"}] * (MOST_SCANS + 1)},
        {},
    ],
)
def test_what_is_no_list_of_scans_is_refused(stage: Stage, body: dict[str, Any]) -> None:
    answer = stage.client().post("/scan/check", json=body, headers={"Accept": "application/json"})
    assert answer.status_code == 422


def test_another_site_s_page_cannot_send_scans_in_somebody_s_name(stage: Stage) -> None:
    assert check(stage.client(), (f"{ID}01", "text"), Origin="https://evil.example").status_code == 403


def test_one_device_is_one_viewer_however_much_it_sends(stage: Stage) -> None:
    good, _ = url(stage)
    client = stage.client()
    texts = [rows(check(client, (f"{ID}{number:02}", good)))[0]["text"] for number in range(3)]
    assert all("No other customer" in text for text in texts)
