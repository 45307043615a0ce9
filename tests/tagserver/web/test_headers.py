"""Security headers and limits of size, on every kind of answer."""

import pytest

from tagserver.config import Settings
from tests.tagserver.web.cast import GTIN, PRODUCER, Stage
from tests.tagserver.web.conftest import Template, open_stage


@pytest.mark.parametrize(
    "path", ["/", "/docs", "/nowhere", "/v1/nowhere", "/healthz", "/01/x", "/openapi.json"]
)
def test_every_answer_says_what_a_page_may_do(stage: Stage, path: str) -> None:
    headers = stage.call(None, "GET", path, accept="text/html").headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in headers


def test_over_https_browsers_are_told_to_stay_there(stage: Stage) -> None:
    answer = stage.client().get("/", base_url="https://id.example.com")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=63072000")


def test_a_proxy_that_is_trusted_tells_the_scheme(template: Template, settings: Settings) -> None:
    for hops, told in ((0, False), (1, True)):
        with open_stage(settings, template.tokens, trusted_proxy_hops=hops) as stage:
            answer = stage.client().get("/", headers={"X-Forwarded-Proto": "https"})
            assert ("Strict-Transport-Security" in answer.headers) is told


def test_bodies_are_limited(template: Template, settings: Settings) -> None:
    with open_stage(settings, template.tokens, max_body_bytes=1_000, max_image_bytes=20_000) as stage:
        stage.register()
        answer = stage.call(None, "POST", "/v1/verify", json={"text": "x" * 1_000})
        assert answer.status_code == 413
        assert answer.json is not None
        assert answer.json["code"] == "BODY_TOO_LARGE"
        assert stage.call(None, "POST", "/v1/verify/image", data=b"x" * 20_000).status_code == 200
        for size in (20_001, 200_000):
            answer = stage.call(None, "POST", "/v1/verify/image", data=b"x" * size)
            assert answer.status_code == 413
            path = f"/v1/products/{GTIN}/picture"
            assert stage.call(PRODUCER, "PUT", path, data=b"x" * size).status_code == 413


def test_a_form_with_too_many_parts_is_refused(stage: Stage) -> None:
    form = {f"part{number}": "x" for number in range(30)}
    answer = stage.call(None, "POST", "/v1/verify/image", data=form, content_type="multipart/form-data")
    assert answer.status_code == 413
