"""The camera page without its camera: what it is told about hosts, and photographs sent to it."""

from io import BytesIO

import pytest
from werkzeug.test import TestResponse

from tagserver.config import Settings
from tagserver.ports import StoreUnavailableError
from tagserver.ports.imaging import Corners, ImageCode, ImageRefusedError, SeenSymbol
from tagserver.services.keys import Trust
from tests.tagserver.web.cast import Stage
from tests.tagserver.web.conftest import Template, open_stage

CORNERS: Corners = ((0, 0), (9, 0), (9, 9), (0, 9))
FOREIGN = "https://id.example.net/<b>"


def send(stage: Stage, *texts: str, origin: str = "http://localhost") -> TestResponse:
    """A photograph on which the reader sees `texts`."""
    stage.eyes.seen = tuple(SeenSymbol(text=text, corners=CORNERS, stage="test") for text in texts)
    return post(stage, b"picture", origin=origin)


def post(stage: Stage, picture: bytes, *, origin: str = "http://localhost") -> TestResponse:
    form = {"image": (BytesIO(picture), "photo.jpg")}
    headers = {"Accept": "text/html", "Origin": origin}
    return stage.client().post("/scan/photo", data=form, headers=headers)


def test_the_page_may_use_the_camera_and_knows_every_host(stage: Stage) -> None:
    answer = stage.call(None, "GET", "/scan", accept="text/html")
    assert 'data-hosts="ID.EXAMPLE.COM TAGS.EXAMPLE.ORG"' in answer.text
    assert "camera=(self)" in answer.headers["Permissions-Policy"]
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "script-src 'self' 'wasm-unsafe-eval'; " in policy
    assert "'unsafe-" not in policy


def test_the_page_is_there_while_the_record_is_not(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(trust: Trust) -> None:
        raise StoreUnavailableError

    monkeypatch.setattr(Trust, "now_in_force", fail)
    answer = stage.call(None, "GET", "/scan", accept="text/html")
    assert answer.status_code == 200
    assert 'data-hosts="ID.EXAMPLE.COM"' in answer.text


def test_one_label_on_a_photograph_gives_its_verdict_page(stage: Stage) -> None:
    stage.register()
    answer = send(stage, stage.addresses(stage.issue())[0])
    assert answer.status_code == 200
    assert "Matches the producer" in answer.text
    assert "viewer=" in answer.headers["Set-Cookie"]
    assert "camera=()" in answer.headers["Permissions-Policy"]


def test_a_label_that_is_read_twice_is_one(stage: Stage) -> None:
    stage.register()
    text = stage.addresses(stage.issue())[0]
    assert "Matches the producer" in send(stage, text, text).text


def test_a_foreign_code_is_shown_and_is_no_link(stage: Stage) -> None:
    text = send(stage, FOREIGN).text
    assert "Not one of our codes" in text
    assert 'href="https:' not in text


def test_several_codes_are_listed_the_worst_first(stage: Stage) -> None:
    stage.register()
    batch = stage.issue()
    good, bad = stage.addresses(batch)[:2]
    broken = bad[:-1] + ("1" if bad[-1] != "1" else "2")
    text = send(stage, FOREIGN, good, broken).text
    path = good.removeprefix("HTTPS://ID.EXAMPLE.COM").replace("&", "&amp;")
    assert f'href="{path}"' in text
    assert "https://id.example.net/&lt;b&gt;" in text
    assert text.count('class="card code-line') == 3
    assert text.index("code-line bad") < text.index("code-line none") < text.index("code-line good")


def test_more_codes_than_are_looked_at_are_told(stage: Stage) -> None:
    text = send(stage, *(f"text {number}" for number in range(203))).text
    assert "3 more were left out" in text


def test_a_photograph_without_a_code_brings_the_form_again(stage: Stage) -> None:
    answer = send(stage)
    assert answer.status_code == 200
    assert "No code was found on that photograph" in answer.text
    assert 'action="/scan/photo"' in answer.text


@pytest.mark.parametrize(
    ("code", "status", "words"),
    [
        (ImageCode.TOO_MANY_PIXELS, 413, "too large"),
        (ImageCode.FORMAT_UNSUPPORTED, 415, "JPEG, PNG, WebP or HEIC"),
        (ImageCode.UNREADABLE, 422, "could not be read"),
        (ImageCode.READER_MISSING, 501, "Type the numbers instead"),
        (ImageCode.READER_BUSY, 503, "Try again shortly"),
    ],
)
def test_a_photograph_that_is_refused_brings_the_form_again(
    stage: Stage, code: ImageCode, status: int, words: str
) -> None:
    stage.eyes.seen = ImageRefusedError(code, "no")
    answer = post(stage, b"picture")
    assert answer.status_code == status
    assert words in answer.text
    assert 'role="alert"' in answer.text


def test_no_photograph_and_too_large_ones_bring_the_form_again(
    template: Template, settings: Settings
) -> None:
    with open_stage(settings, template.tokens, max_image_bytes=1_000) as stage:
        for size, status, words in (
            (0, 422, "Choose a photograph"),
            (1_001, 413, "large"),
            (99_000, 413, "large"),
        ):
            answer = post(stage, b"x" * size)
            assert answer.status_code == status
            assert words in answer.text
        assert stage.eyes.given == []


def test_another_site_s_page_cannot_send_photographs_in_somebody_s_name(stage: Stage) -> None:
    assert send(stage, "text", origin="https://evil.example").status_code == 403
    assert stage.eyes.given == []


def test_the_page_s_script_gets_every_code_with_its_corners_and_its_verdict(stage: Stage) -> None:
    stage.register()
    good = stage.addresses(stage.issue())[0]
    corners: Corners = ((9.5, 0), (19, 0), (19, 9), (9, 9))
    stage.eyes.seen = (
        SeenSymbol(text=good, corners=CORNERS, stage="test"),
        SeenSymbol(text=FOREIGN, corners=CORNERS, stage="test"),
        SeenSymbol(text=good, corners=corners, stage="test"),
    )
    form = {"image": (BytesIO(b"picture"), "photo.jpg")}
    headers = {"Accept": "application/json", "Origin": "http://localhost"}
    answer = stage.client().post("/scan/photo", data=form, headers=headers)
    assert answer.status_code == 200
    assert answer.json is not None
    codes = answer.json["codes"]
    assert [code["row"]["kind"] for code in codes] == ["match", "not_ours", "match"]
    assert codes[2]["corners"] == [[9.5, 0], [19, 0], [19, 9], [9, 9]]
    assert codes[0]["row"]["path"] == good.removeprefix("HTTPS://ID.EXAMPLE.COM")
    assert answer.json["left_out"] == 0


def test_the_page_s_script_is_told_of_pictures_that_are_refused_as_programs_are(stage: Stage) -> None:
    stage.eyes.seen = ImageRefusedError(ImageCode.UNREADABLE, "no")
    form = {"image": (BytesIO(b"picture"), "photo.jpg")}
    answer = stage.client().post("/scan/photo", data=form, headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["code"] == "IMAGE_UNREADABLE"
