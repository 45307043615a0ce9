"""Tokens over HTTP."""

from datetime import timedelta

import pytest

from tagserver.ports import Scope
from tests.tagserver.web.cast import HOSPITAL, PRODUCER, Stage


@pytest.mark.parametrize(
    "header",
    ["Bearer ot_beef_beef", "Bearer x", "Bearer", "Basic dXNlcjpwYXNz", "", "Bearer " + "a" * 5_000],
)
@pytest.mark.parametrize("path", ["/healthz", "/v1/batches", "/01/x"])
def test_a_token_that_is_not_valid_is_refused_everywhere(stage: Stage, header: str, path: str) -> None:
    answer = stage.client().get(path, headers={"Authorization": header, "Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.json is not None
    assert answer.json["code"] == "TOKEN_INVALID"
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="origintag"'


def test_an_answer_never_holds_the_token(stage: Stage) -> None:
    token = stage.tokens[PRODUCER]
    answer = stage.client().get("/v1/batches", headers={"Authorization": f"Bearer {token}x"})
    assert answer.status_code == 401
    assert token not in answer.text


def test_a_revoked_token_is_refused_at_once(stage: Stage) -> None:
    assert stage.call(PRODUCER, "GET", "/v1/batches").status_code == 200
    stage.services.access.revoke_token(stage.tokens[PRODUCER].split("_")[1])
    assert stage.call(PRODUCER, "GET", "/v1/batches").status_code == 401


def test_the_scheme_may_be_in_any_case(stage: Stage) -> None:
    answer = stage.client().get("/v1/batches", headers={"Authorization": f"bearer {stage.tokens[PRODUCER]}"})
    assert answer.status_code == 200


def test_a_token_without_the_scope_verify_is_no_professional(stage: Stage) -> None:
    _, text = stage.services.access.create_token(
        HOSPITAL, name="events", scopes=[Scope.EVENTS], lifetime=timedelta(days=1)
    )
    stage.register()
    body = {"text": stage.addresses(stage.issue())[0]}
    for token, said in ((text, "compare the pack"), (stage.tokens[HOSPITAL], "Verified")):
        answer = stage.client().post("/v1/verify", json=body, headers={"Authorization": f"Bearer {token}"})
        assert answer.json is not None
        assert said in answer.json["verdict"]["headline"]["text"]
