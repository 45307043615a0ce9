"""The trust bundle and the health of the server."""

from tagcore.trust import parse_trust
from tagserver.bootstrap import root_signer
from tests.tagserver.web.cast import HOST, Stage

PATH = "/.well-known/tag-trust.json"


def test_before_the_first_bundle_there_is_none(stage: Stage) -> None:
    answer = stage.call(None, "GET", PATH)
    assert answer.status_code == 404
    assert answer.json is not None
    assert answer.json["code"] == "TRUST_NOT_PUBLISHED"


def test_the_bundle_is_served_as_it_was_signed(stage: Stage) -> None:
    stage.services.trust.sign(root_signer(stage.settings))
    answer = stage.call(None, "GET", PATH)
    assert answer.status_code == 200
    bundle = parse_trust(answer.data, stage.settings.root_key)
    assert HOST in bundle.hosts
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    again = stage.call(None, "GET", PATH, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_a_living_server_says_so_whatever_the_store_does(stage: Stage) -> None:
    stage.health["ready"] = False
    assert stage.call(None, "GET", "/healthz").json == {"status": "ok"}
    answer = stage.call(None, "GET", "/readyz")
    assert (answer.status_code, answer.json) == (503, {"status": "unavailable"})


def test_a_ready_server_says_so(stage: Stage) -> None:
    answer = stage.call(None, "GET", "/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})
