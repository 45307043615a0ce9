"""POST /v1/verify and /v1/verify/image."""

from io import BytesIO

import pytest

from tagserver.ports.imaging import ImageCode, ImageRefusedError, SeenSymbol
from tests.tagserver.web.cast import GTIN, HOSPITAL, Stage

SQUARE = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))


def test_a_scanned_text_is_verified(stage: Stage) -> None:
    stage.register()
    answer = stage.call(None, "POST", "/v1/verify", json={"text": stage.addresses(stage.issue())[0]})
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["verdict"]["level"] == "match"
    assert "Set-Cookie" not in answer.headers


def test_an_address_as_browsers_write_it_is_the_same_tag(stage: Stage) -> None:
    stage.register()
    batch = stage.issue()
    text = stage.addresses(batch)[0].replace(f"HTTPS://{batch.host}", "https://id.example.com")
    answer = stage.call(None, "POST", "/v1/verify", json={"text": text})
    assert answer.json is not None
    assert answer.json["verdict"]["level"] == "match"


def test_a_foreign_code_says_where_it_would_lead(stage: Stage) -> None:
    answer = stage.call(None, "POST", "/v1/verify", json={"text": "https://elsewhere.example/x"})
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["verdict"]["level"] == "not_ours"
    assert "https://elsewhere.example/x" in answer.json["verdict"]["headline"]["text"]


def test_typed_numbers_are_put_right_and_known_but_unchecked(stage: Stage) -> None:
    stage.register()
    batch = stage.issue()
    serial = stage.serials(batch)[0]
    typed = f"{serial[:4]} {serial[4:8]} {serial[8:]}".lower().replace("0", "o")
    answer = stage.call(
        None, "POST", "/v1/verify", json={"gtin": GTIN[1:], "serial": typed, "lot": "L26-0914"}
    )
    assert answer.json is not None
    assert answer.json["verdict"]["headline"]["code"] == "RECORD_ONLY"
    assert answer.json["tag"]["serial"] == serial
    assert answer.json["tag"]["profile"] is None


def test_a_typed_expiry_that_differs_is_found(stage: Stage) -> None:
    stage.register()
    serial = stage.serials(stage.issue())[0]
    answer = stage.call(None, "POST", "/v1/verify", json={"gtin": GTIN, "serial": serial, "expiry": "301231"})
    assert answer.json is not None
    assert answer.json["verdict"]["headline"]["code"] == "EXPIRY_MISMATCH"
    assert answer.json["tag"]["expiry"] == "301231"


def test_a_serial_that_was_never_issued_is_stopped(stage: Stage) -> None:
    stage.register()
    answer = stage.call(None, "POST", "/v1/verify", json={"gtin": GTIN, "serial": "0000000000000"})
    assert answer.json is not None
    assert answer.json["verdict"]["headline"]["code"] == "UNIT_UNKNOWN"
    assert answer.json["state"] is None


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({}, "INPUT_INVALID", None),
        ({"gtin": GTIN}, "INPUT_INVALID", None),
        ({"text": "x", "gtin": GTIN, "serial": "A"}, "INPUT_INVALID", None),
        ({"text": "x", "extra": 1}, "INPUT_INVALID", "extra"),
        ({"text": 5}, "INPUT_INVALID", "text"),
        ({"text": "x" * 8_001}, "INPUT_INVALID", "text"),
        ({"text": "\ud800"}, "INPUT_INVALID", "text"),
        ({"gtin": "09506000134353", "serial": "A"}, "GTIN_INVALID", "gtin"),
        ({"gtin": 9506000134352, "serial": "A"}, "INPUT_INVALID", "gtin"),
        ({"gtin": GTIN, "serial": "é"}, "GS1_SYNTAX", "serial"),
        ({"text": "x", "place": {"latitude": 91, "longitude": 0}}, "INPUT_INVALID", "place.latitude"),
        ({"text": "x", "place": {"latitude": 1}}, "INPUT_INVALID", "place"),
        ({"text": "x", "place": {"country": "cn"}}, "INPUT_INVALID", "place.country"),
        ({"text": "x", "place": {"latitude": "nan", "longitude": 0}}, "INPUT_INVALID", "place.latitude"),
        ([], "INPUT_INVALID", None),
    ],
)
def test_a_body_that_is_not_right_is_refused_by_field(
    stage: Stage, body: object, code: str, field: str | None
) -> None:
    answer = stage.call(None, "POST", "/v1/verify", json=body)
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None
    assert answer.json["code"] == code
    assert answer.json.get("field") == field


def test_what_is_no_json_is_a_bad_request(stage: Stage) -> None:
    answer = stage.call(None, "POST", "/v1/verify", data=b"{", content_type="application/json")
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["code"] == "BAD_REQUEST"


def test_a_photograph_is_answered_symbol_by_symbol(stage: Stage) -> None:
    stage.register()
    stage.eyes.seen = (
        SeenSymbol(text=stage.addresses(stage.issue())[0], corners=SQUARE, stage="zxing"),
        SeenSymbol(text="https://elsewhere.example/", corners=SQUARE, stage="opencv"),
    )
    answer = stage.call(
        HOSPITAL, "POST", "/v1/verify/image", data=b"\xff\xd8picture", content_type="image/jpeg"
    )
    assert answer.status_code == 200
    assert answer.json is not None
    first, second = answer.json["symbols"]
    assert first["corners"] == [list(point) for point in SQUARE]
    assert first["verification"]["verdict"]["level"] == "match"
    assert second["stage"] == "opencv"
    assert second["verification"]["verdict"]["headline"]["code"] == "FOREIGN_CODE"
    assert answer.json["left_out"] == 0
    assert stage.eyes.given == [b"\xff\xd8picture"]


def test_a_photograph_comes_in_a_form_with_its_place(stage: Stage) -> None:
    stage.register()
    stage.eyes.seen = (SeenSymbol(text=stage.addresses(stage.issue())[0], corners=SQUARE, stage="zxing"),)
    form = {
        "image": (BytesIO(b"picture"), "a.jpg"),
        "country": "CN",
        "latitude": "31.2",
        "longitude": "121.5",
    }
    answer = stage.call(None, "POST", "/v1/verify/image", data=form)
    assert answer.status_code == 200
    assert stage.eyes.given == [b"picture"]


def test_a_picture_without_a_symbol_is_an_answer_too(stage: Stage) -> None:
    answer = stage.call(None, "POST", "/v1/verify/image", data=b"picture")
    assert answer.json == {"symbols": [], "left_out": 0}


def test_a_picture_full_of_codes_is_answered_in_part(stage: Stage) -> None:
    stage.eyes.seen = tuple(SeenSymbol(text=f"{n}", corners=SQUARE, stage="zxing") for n in range(205))
    answer = stage.call(None, "POST", "/v1/verify/image", data=b"picture")
    assert answer.json is not None
    assert len(answer.json["symbols"]) == 200
    assert answer.json["left_out"] == 5


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (b"", "image"),
        ({"picture": (BytesIO(b"x"), "a.jpg")}, "image"),
        ({"image": (BytesIO(), "a")}, "image"),
    ],
)
def test_a_request_without_a_picture_is_refused(stage: Stage, data: object, field: str) -> None:
    answer = stage.call(None, "POST", "/v1/verify/image", data=data)
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["field"] == field


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (ImageCode.TOO_LARGE, 413),
        (ImageCode.TOO_MANY_PIXELS, 413),
        (ImageCode.FORMAT_UNSUPPORTED, 415),
        (ImageCode.UNREADABLE, 422),
        (ImageCode.TOO_SLOW, 422),
        (ImageCode.CRASHED, 422),
        (ImageCode.READER_BUSY, 503),
        (ImageCode.READER_MISSING, 501),
    ],
)
def test_what_the_reader_refuses_has_a_status(stage: Stage, code: ImageCode, status: int) -> None:
    stage.eyes.seen = ImageRefusedError(code, "because")
    answer = stage.call(None, "POST", "/v1/verify/image", data=b"picture")
    assert answer.status_code == status
    assert answer.json is not None
    assert answer.json["code"] == code
