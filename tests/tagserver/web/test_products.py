"""Products and their pictures."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from tagserver.ports import OrgId
from tests.tagserver.web.cast import (
    DISTRIBUTOR,
    FREE_GTIN,
    GTIN,
    OTHER_GTIN,
    OTHER_PRODUCER,
    PRODUCER,
    Stage,
)

BODY: dict[str, Any] = {
    "gtin": GTIN,
    "name": "Red Sorghum Baijiu 52 %",
    "size": "500 ml",
    "markets": ["CN", "SG"],
    "instructions": "Take it back.\nKeep the box.",
    "thresholds": {"burst_viewers": 9},
}


def picture(kind: str = "PNG", size: tuple[int, int] = (30, 20)) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "red").save(out, kind)
    return out.getvalue()


def test_a_producer_registers_its_product_and_everybody_reads_it(stage: Stage) -> None:
    answer = stage.call(PRODUCER, "POST", "/v1/products", json=BODY)
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/v1/products/{GTIN}"
    read = stage.call(None, "GET", f"/v1/products/{GTIN}")
    assert read.status_code == 200
    assert read.json == answer.json
    assert read.json is not None
    assert read.json["markets"] == ["CN", "SG"]
    assert read.json["organisation"] == PRODUCER
    thresholds = stage.services.products.find(GTIN).thresholds
    assert thresholds is not None
    assert thresholds.burst_viewers == 9


@pytest.mark.parametrize(
    ("who", "gtin", "status", "code"),
    [
        (None, GTIN, 401, "TOKEN_MISSING"),
        (OTHER_PRODUCER, GTIN, 403, "NOT_YOURS"),
        (PRODUCER, OTHER_GTIN, 403, "NOT_YOURS"),
        (DISTRIBUTOR, GTIN, 403, "SCOPE_MISSING"),
    ],
)
def test_others_register_nothing(stage: Stage, who: OrgId | None, gtin: str, status: int, code: str) -> None:
    answer = stage.call(who, "POST", "/v1/products", json={**BODY, "gtin": gtin})
    assert answer.status_code == status
    assert answer.json is not None
    assert answer.json["code"] == code


def test_a_gtin_is_registered_once(stage: Stage) -> None:
    stage.register()
    answer = stage.call(PRODUCER, "POST", "/v1/products", json=BODY)
    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["code"] == "ALREADY_EXISTS"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"gtin": "123"}, "gtin"),
        ({"name": ""}, "name"),
        ({"name": "two\nlines"}, "name"),
        ({"instructions": "a\x00b"}, "instructions"),
        ({"markets": ["China"]}, "markets.0"),
        ({"thresholds": {"burst_viewers": 1}}, "thresholds.burst_viewers"),
    ],
)
def test_fields_are_checked(stage: Stage, change: dict[str, Any], field: str) -> None:
    answer = stage.call(PRODUCER, "POST", "/v1/products", json={**BODY, **change})
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["field"] == field


def test_a_product_that_is_not_there_is_404(stage: Stage) -> None:
    for path in (
        f"/v1/products/{FREE_GTIN}",
        f"/v1/products/{FREE_GTIN}/picture",
        "/v1/products/0950",
        "/v1/products/09506000134353",
    ):
        answer = stage.call(None, "GET", path)
        assert answer.status_code == 404
        assert answer.json is not None
        assert answer.json["code"] == "NOT_FOUND"


def test_a_picture_is_written_anew_and_cacheable(stage: Stage) -> None:
    stage.register()
    answer = stage.call(PRODUCER, "PUT", f"/v1/products/{GTIN}/picture", data=picture())
    assert answer.status_code == 200
    assert answer.json is not None
    read = stage.call(None, "GET", answer.json["picture"])
    assert read.mimetype == "image/jpeg"
    assert "max-age" in read.headers["Cache-Control"]
    assert Image.open(BytesIO(read.data)).size == (30, 20)
    again = stage.call(None, "GET", answer.json["picture"], headers={"If-None-Match": read.headers["ETag"]})
    assert again.status_code == 304


def test_only_the_products_owner_sets_its_picture(stage: Stage) -> None:
    stage.register()
    for who, code in ((None, "TOKEN_MISSING"), (OTHER_PRODUCER, "NOT_YOURS"), (DISTRIBUTOR, "SCOPE_MISSING")):
        answer = stage.call(who, "PUT", f"/v1/products/{GTIN}/picture", data=picture())
        assert answer.json is not None
        assert answer.json["code"] == code


def test_what_is_no_picture_is_refused(stage: Stage) -> None:
    stage.register()
    answer = stage.call(PRODUCER, "PUT", f"/v1/products/{GTIN}/picture", data=b"hello")
    assert answer.status_code == 415
    assert answer.json is not None
    assert answer.json["code"] == "IMAGE_FORMAT_UNSUPPORTED"


def test_the_picture_stands_on_the_verdict_page(stage: Stage) -> None:
    stage.register()
    stage.call(PRODUCER, "PUT", f"/v1/products/{GTIN}/picture", data=picture())
    page = stage.call(None, "GET", stage.paths(stage.issue())[0], accept="text/html").text
    assert f'<img src="/v1/products/{GTIN}/picture?v=' in page
    assert 'alt="Picture of Red Sorghum Baijiu 52 %"' in page
