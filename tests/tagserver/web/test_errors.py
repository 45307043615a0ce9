"""Every error has one status and one code."""

import logging

import pytest
from werkzeug.exceptions import ImATeapot, NotFound
from werkzeug.routing import RequestRedirect

from tagcore import errors as core
from tagserver import ports
from tagserver.labels.errors import ContentError
from tagserver.ports.imaging import ImageCode
from tagserver.services.errors import Refusal, ServiceError
from tagserver.web.errors import IMAGES, REFUSALS, STORE, known_codes, problem_of, respond
from tests.tagserver.web.cast import Stage


def test_no_kind_of_error_is_forgotten() -> None:
    assert set(REFUSALS) == set(Refusal)
    assert set(IMAGES) == set(ImageCode)
    assert set(STORE) == set(ports.StoreError.__subclasses__())
    assert "GTIN_INVALID" in known_codes()


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (core.GtinError("no"), 422, "GTIN_INVALID"),
        (core.TransitionError("sold", "ship", "no"), 409, "TRANSITION_REFUSED"),
        (ServiceError(Refusal.NO_SIGNING_KEY, "no"), 409, "NO_SIGNING_KEY"),
        (ports.StoreUnavailableError(), 503, "STORE_UNAVAILABLE"),
        (ports.StoreVersionError(found="1", expected="2"), 503, "STORE_VERSION"),
        (ports.StateConflictError("unit", expected="a", found="b"), 409, "STATE_CONFLICT"),
        (ports.LeafFileError(1, "/secret/path is short"), 500, "LEAF_FILE"),
        (ports.KeystoreError(ports.KeystoreCode.WRONG_PASSPHRASE), 500, "KEYSTORE_WRONG_PASSPHRASE"),
        (ContentError("no"), 422, "LABEL_CONTENT_INVALID"),
        (NotFound(), 404, "NOT_FOUND"),
        (ImATeapot(), 418, "BAD_REQUEST"),
        (RuntimeError("password=hunter2"), 500, "INTERNAL"),
    ],
)
def test_each_kind_is_mapped(error: Exception, status: int, code: str) -> None:
    problem = problem_of(error)
    assert (problem.status, problem.code) == (status, code)
    assert "hunter2" not in problem.detail
    assert "/secret" not in problem.detail


def test_an_unexpected_error_is_noted_without_what_it_says(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(stage.services.verifying, "verify_text", fail)
    with caplog.at_level(logging.ERROR):
        answer = stage.call(None, "POST", "/v1/verify", json={"text": "private text"})
    assert answer.status_code == 500
    assert answer.json is not None
    assert answer.json["code"] == "INTERNAL"
    assert "RuntimeError" in caplog.text
    assert "routes/verify.py" in caplog.text
    for secret in ("hunter2", "private text"):
        assert secret not in caplog.text
        assert secret not in answer.text


def test_a_redirect_is_no_problem() -> None:
    answer = respond(RequestRedirect("/elsewhere"))
    assert answer.status_code == 308
    assert answer.headers["Location"] == "/elsewhere"


def test_a_problem_names_its_description(stage: Stage) -> None:
    body = stage.call(None, "GET", "/v1/batches").json
    assert body is not None
    assert body["type"] == "/docs#TOKEN_MISSING"
    assert body["status"] == 401
    assert body["title"] == "Unauthorized"


def test_people_get_problems_as_pages(stage: Stage) -> None:
    answer = stage.call(None, "GET", "/nowhere", accept="text/html")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text
    assert stage.call(None, "GET", "/nowhere").mimetype == "application/problem+json"
    assert stage.call(None, "GET", "/v1/nowhere", accept="text/html").mimetype == "application/problem+json"


def test_another_method_is_told_which_there_are(stage: Stage) -> None:
    answer = stage.call(None, "DELETE", "/v1/verify")
    assert answer.status_code == 405
    assert answer.json is not None
    assert answer.json["code"] == "METHOD_NOT_ALLOWED"
    assert "POST" in answer.headers["Allow"]
