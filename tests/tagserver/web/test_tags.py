"""GET on a tag's own address."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from tagcore.gs1 import parse_expiry
from tagcore.tag import Profile
from tests.tagserver.web.cast import GTIN, HOSPITAL, INSPECTOR, PRODUCER, Stage


@pytest.mark.parametrize("profile", list(Profile))
def test_both_profiles_answer_json_to_programs(stage: Stage, profile: Profile) -> None:
    stage.register()
    batch = stage.issue(profile=profile, expiry=parse_expiry("281200"))
    answer = stage.call(None, "GET", stage.paths(batch)[0])
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    body = answer.json
    assert body is not None
    assert body["verdict"]["level"] == "match"
    assert body["verdict"]["headline"]["code"] == "FIRST_SCAN"
    assert body["verdict"]["headline"]["title"] == "Matches the producer's record"
    assert body["tag"] == {
        "gtin": GTIN,
        "lot": "L26-0914",
        "serial": stage.serials(batch)[0],
        "expiry": "281200",
        "profile": profile.value,
        "key_slot": 0,
    }
    assert body["batch"]["use_by"] == "2028-12-31"
    assert body["batch"]["count"] == 5
    assert body["product"]["producer"] == "Liu Family Distillery"
    assert body["history"] == {
        "first_seen": None,
        "other_viewers": 0,
        "first_country": None,
        "total": 0,
    }
    assert body["state"]["state"] == "active"
    assert datetime.fromisoformat(body["checked_at"]) - datetime.now(UTC) < timedelta(minutes=1)


@pytest.mark.parametrize("profile", list(Profile))
def test_both_profiles_answer_a_page_to_browsers(stage: Stage, profile: Profile) -> None:
    stage.register()
    batch = stage.issue(profile=profile)
    answer = stage.call(None, "GET", stage.paths(batch)[0], accept="text/html,*/*;q=0.8")
    assert answer.status_code == 200
    assert answer.mimetype == "text/html"
    assert "Matches the producer&#39;s record" in answer.text
    assert "One of 5 tags in lot L26-0914" in answer.text
    assert "proof of 3 steps, checked by this server" in answer.text
    assert "id.example.com" in answer.text


def test_a_client_without_a_preference_gets_the_page(stage: Stage) -> None:
    answer = stage.call(None, "GET", "/01/09506000134352/21/X", accept="*/*")
    assert answer.mimetype == "text/html"


def test_answers_are_never_kept_and_vary(stage: Stage) -> None:
    for accept in ("text/html", "application/json"):
        answer = stage.call(None, "GET", "/01/whatever", accept=accept)
        assert answer.headers["Cache-Control"] == "no-store"
        assert {name.lower() for name in answer.vary} == {"accept", "accept-language", "cookie"}
        assert answer.headers["X-Robots-Tag"] == "noindex"


def test_what_is_no_tag_is_not_ours(stage: Stage) -> None:
    answer = stage.call(None, "GET", "/01/09506000134352/21/ABC")
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["verdict"]["headline"]["code"] == "MALFORMED"
    assert answer.json["tag"] is None
    page = stage.call(None, "GET", "/01/09506000134352/21/ABC", accept="text/html")
    assert "Not one of our codes" in page.text


def test_a_changed_signature_says_do_not_use(stage: Stage) -> None:
    stage.register()
    path = re.sub(r"[0-9]{6}$", "123456", stage.paths(stage.issue())[0])
    answer = stage.call(None, "GET", path)
    assert answer.json is not None
    assert answer.json["verdict"]["level"] == "stop"
    assert answer.json["verdict"]["headline"]["code"] == "SIGNATURE_INVALID"
    page = stage.call(None, "GET", path, accept="text/html").text
    assert "What the code says" in page
    assert "Not signed by Liu Family Distillery" in page
    assert "Not among the tags that this lot was issued with" in page
    assert "Not anchored" not in page
    assert "/batches/" not in page


def test_a_changed_lot_says_do_not_use(stage: Stage) -> None:
    stage.register()
    path = stage.paths(stage.issue())[0].replace("L26-0914", "L26-0915")
    answer = stage.call(None, "GET", path)
    assert answer.json is not None
    codes = [reason["code"] for reason in answer.json["verdict"]["reasons"]]
    assert codes[:2] == ["SIGNATURE_INVALID", "BATCH_MISMATCH"]


def test_labels_that_were_never_released_are_suspect(stage: Stage) -> None:
    stage.register()
    answer = stage.call(None, "GET", stage.paths(stage.issue(active=False))[0])
    assert answer.json is not None
    assert answer.json["verdict"]["headline"]["code"] == "NOT_ACTIVATED"


def test_an_expired_unit_is_told_with_its_day(stage: Stage) -> None:
    stage.register()
    path = stage.paths(stage.issue(expiry=parse_expiry("240131")))[0]
    page = stage.call(None, "GET", path, accept="text/html").text
    assert "Expired" in page
    assert "31 January 2024" in page


def test_a_revoked_key_stops_its_tags(stage: Stage) -> None:
    stage.register()
    path = stage.paths(stage.issue())[0]
    stage.services.keys.revoke(stage.services.keys.of(PRODUCER)[0].id)
    stage.services.trust._cached = None
    page = stage.call(None, "GET", path, accept="text/html").text
    assert "Signed with a withdrawn key of Liu Family Distillery" in page


def test_a_tag_of_a_key_that_nobody_has_is_stopped(stage: Stage) -> None:
    stage.register()
    path = stage.paths(stage.issue())[0]
    head, number = path.rsplit("=", 1)
    other_slot = int(number) + (7 << 512)
    page = stage.call(None, "GET", f"{head}={other_slot}", accept="text/html").text
    assert "Signed by nobody that we know" in page


def test_a_recall_is_the_headline_with_the_producers_instructions(stage: Stage) -> None:
    stage.register()
    path = stage.paths(stage.issue())[0]
    order = {
        "gtin": GTIN,
        "lot": "L26-0914",
        "reason": "the seal may leak",
        "instructions": "Take it {back}.",
    }
    assert stage.call(PRODUCER, "POST", "/v1/recalls", json=order).status_code == 201
    headline = stage.call(None, "GET", path).json["verdict"]["headline"]  # type: ignore[index] # as asserted
    assert headline["code"] == "RECALLED"
    assert headline["advice"] == "Take it {back}."


def test_professionals_get_their_own_words_and_every_reason(stage: Stage) -> None:
    stage.register(markets=("CN",))
    batch = stage.issue()
    place = {"country": "DE"}
    text = stage.addresses(batch)[0]
    for who, shown in ((None, False), (HOSPITAL, True)):
        answer = stage.call(who, "POST", "/v1/verify", json={"text": text, "place": place})
        assert answer.json is not None
        codes = [reason["code"] for reason in answer.json["verdict"]["reasons"]]
        assert ("MARKET_DIVERSION" in codes) is shown
    page = stage.call(HOSPITAL, "GET", stage.paths(batch)[1], accept="text/html").text
    assert "Verified" in page


def test_the_page_of_one_tag_alone_in_its_batch_speaks_of_one(stage: Stage) -> None:
    stage.register()
    page = stage.call(None, "GET", stage.paths(stage.issue(count=1, lot=""))[0], accept="text/html").text
    assert "One of 1 tag<" in page
    assert "the tag is its lot&#39;s root" in page


def test_a_tag_whose_proof_cannot_be_read_says_that_it_was_not_checked(stage: Stage) -> None:
    stage.register()
    path = stage.paths(stage.issue())[0]
    for file in (stage.settings.home / "batches").iterdir():
        file.unlink()
    page = stage.call(None, "GET", path, accept="text/html").text
    assert "the proof could not be read and was not checked" in page


def test_an_outage_is_503_and_still_a_verdict(stage: Stage) -> None:
    stage.register()
    path = stage.paths(stage.issue())[0]
    stage.services.trust._cached = None
    database = stage.settings.home / "origintag.db"
    for file in stage.settings.home.glob("origintag.db*"):
        file.rename(file.with_name(f"away-{file.name}"))
    database.mkdir()
    stage.services.verifying._store._engine.dispose()  # type: ignore[attr-defined] # the real store
    answer = stage.call(None, "GET", path)
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["verdict"]["headline"]["code"] == "CANNOT_CHECK"
    page = stage.call(None, "GET", path, accept="text/html")
    assert page.status_code == 503
    assert "says nothing about the pack" in page.text
    assert "How we know" not in page.text
    refused = stage.call(PRODUCER, "GET", "/v1/batches")
    assert refused.status_code == 503
    assert refused.json is not None
    assert refused.json["code"] == "STORE_UNAVAILABLE"
    assert refused.headers["Retry-After"] == "5"


def test_a_get_changes_no_state(stage: Stage) -> None:
    stage.register()
    batch = stage.issue()
    for _ in range(3):
        stage.call(None, "GET", stage.paths(batch)[0], accept="text/html")
    history = stage.call(INSPECTOR, "GET", f"/v1/units/{GTIN}/{stage.serials(batch)[0]}/history").json
    assert history is not None
    assert [event["action"] for event in history["events"]] == ["activate"]


def test_a_lot_and_a_serial_may_hold_slashes_and_percent_signs(stage: Stage) -> None:
    stage.register()
    serials = ("A/21/B", "//", "50%2F", "?x=1", "a b"[:1], "+&=")
    batch = stage.issue(lot="A/B%21", count=len(serials), serials=serials)
    for path, serial in zip(stage.paths(batch), serials, strict=True):
        answer = stage.client().get(
            path, headers={"Accept": "application/json"}, environ_overrides={"RAW_URI": path}
        )
        assert answer.json is not None
        assert answer.json["verdict"]["level"] == "match", path
        assert answer.json["tag"]["serial"] == serial


def test_an_escape_that_is_not_canonical_is_no_tag(stage: Stage) -> None:
    stage.register()
    batch = stage.issue(serials=("A/B",), count=1)
    path = stage.paths(batch)[0]
    for changed in (path.replace("%2F", "%2f"), path.replace("21/A", "21/%41"), path + "&x=1", path + "#"):
        answer = stage.client().get(
            path, headers={"Accept": "application/json"}, environ_overrides={"RAW_URI": changed}
        )
        assert answer.json is not None
        assert answer.json["verdict"]["headline"]["code"] == "MALFORMED", changed
