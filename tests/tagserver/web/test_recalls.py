"""Recalls over HTTP."""

from typing import Any

import pytest

from tagserver.ports import OrgId
from tests.tagserver.web.cast import (
    DISTRIBUTOR,
    FREE_GTIN,
    GTIN,
    INSPECTOR,
    OTHER_PRODUCER,
    PRODUCER,
    Stage,
)

ORDER: dict[str, Any] = {"gtin": GTIN, "lot": "L26-0914", "reason": "the seal may leak"}


def test_a_recall_is_in_force_until_it_is_lifted(stage: Stage) -> None:
    stage.register()
    path = stage.paths(stage.issue())[0]
    made = stage.call(PRODUCER, "POST", "/v1/recalls", json=ORDER)
    assert made.status_code == 201
    assert made.json is not None
    assert stage.call(None, "GET", path).json["verdict"]["level"] == "stop"  # type: ignore[index] # a verification
    lifted = stage.call(PRODUCER, "POST", f"/v1/recalls/{made.json['id']}/lift")
    assert lifted.status_code == 200
    assert lifted.json is not None
    assert lifted.json["lifted_at"] is not None
    assert stage.call(None, "GET", path).json["verdict"]["level"] == "match"  # type: ignore[index] # as above
    listed = stage.call(None, "GET", f"/v1/products/{GTIN}/recalls").json
    assert listed == {"recalls": [lifted.json]}


def test_an_inspector_recalls_any_product_and_alone_may_lift_that(stage: Stage) -> None:
    stage.register()
    stage.issue()
    made = stage.call(INSPECTOR, "POST", "/v1/recalls", json={**ORDER, "kind": "withdraw"})
    assert made.status_code == 201
    assert made.json is not None
    refused = stage.call(PRODUCER, "POST", f"/v1/recalls/{made.json['id']}/lift")
    assert refused.status_code == 403
    assert refused.json is not None
    assert refused.json["code"] == "NOT_YOURS"


@pytest.mark.parametrize(
    ("who", "change", "status", "code"),
    [
        (None, {}, 401, "TOKEN_MISSING"),
        (OTHER_PRODUCER, {}, 403, "NOT_YOURS"),
        (DISTRIBUTOR, {}, 403, "SCOPE_MISSING"),
        (PRODUCER, {"reason": "  "}, 422, "INPUT_INVALID"),
        (PRODUCER, {"kind": "forget"}, 422, "INPUT_INVALID"),
        (PRODUCER, {"serial": ""}, 422, "GS1_SYNTAX"),
        (PRODUCER, {"gtin": FREE_GTIN}, 404, "NOT_FOUND"),
        (PRODUCER, {"lot": "MISTYPED"}, 404, "NOT_FOUND"),
    ],
)
def test_a_recall_may_be_refused(
    stage: Stage, who: OrgId | None, change: dict[str, Any], status: int, code: str
) -> None:
    stage.register()
    stage.issue()
    answer = stage.call(who, "POST", "/v1/recalls", json={**ORDER, **change})
    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (status, code)


def test_what_was_never_ordered_is_404(stage: Stage) -> None:
    assert stage.call(PRODUCER, "POST", "/v1/recalls/beef/lift").status_code == 404
    assert stage.call(None, "GET", f"/v1/products/{GTIN}/recalls").status_code == 404


def test_recalls_in_force_are_for_everybody_and_may_be_kept_a_while(stage: Stage) -> None:
    stage.register()
    stage.issue()
    assert stage.call(None, "GET", "/v1/recalls").json == {"recalls": []}
    made = stage.call(PRODUCER, "POST", "/v1/recalls", json=ORDER).json
    answer = stage.call(None, "GET", "/v1/recalls")
    assert answer.json == {"recalls": [made]}
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    tag = {"If-None-Match": answer.headers["ETag"]}
    assert stage.call(None, "GET", "/v1/recalls", headers=tag).status_code == 304
    assert made is not None
    stage.call(PRODUCER, "POST", f"/v1/recalls/{made['id']}/lift")
    assert stage.call(None, "GET", "/v1/recalls", headers=tag).json == {"recalls": []}
