from dataclasses import replace

import pytest

from tagserver.ports import AlreadyExistsError, OrgId, Picture
from tagserver.services.errors import AccessError, Refusal, ServiceError
from tests.tagserver.services.cast import (
    DISTILLERY,
    GTIN,
    HOSPITAL,
    PRODUCTS,
    RIVAL,
    RIVAL_GTIN,
    Office,
    gtin_of,
)

NEW = replace(PRODUCTS[0], gtin=gtin_of("0950600013437"), name="新酒")
PNG = Picture(media_type="image/png", data=b"a picture")


def refusal(office: Office, org: OrgId, **changes: object) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        office.services.products.register(
            office.caller(org),
            replace(NEW, **changes),  # type: ignore[arg-type] # a test names fields that exist
        )
    return caught.value


def test_a_producer_registers_its_products_and_anybody_finds_them(any_office: Office) -> None:
    products = any_office.services.products
    products.register(any_office.caller(), replace(NEW, markets=("CN", "FR"), description="两\n行"))
    found = products.find(NEW.gtin)
    assert (found.name, found.markets, found.description) == ("新酒", ("CN", "FR"), "两\n行")
    assert NEW.gtin in {product.gtin for product in products.of(any_office.caller())}
    assert {product.gtin for product in products.of(any_office.caller(RIVAL))} == {RIVAL_GTIN}


def test_a_gtin_under_nobodys_or_anothers_prefix_is_refused(office: Office) -> None:
    for gtin in (gtin_of("0952000100002"), gtin_of("0962000100002"), gtin_of("0000009638507")):
        assert refusal(office, DISTILLERY, gtin=gtin).code is Refusal.NOT_YOURS


def test_nobody_registers_for_another(office: Office) -> None:
    assert refusal(office, RIVAL).code is Refusal.NOT_YOURS
    assert refusal(office, HOSPITAL, org_id=HOSPITAL).code is Refusal.SCOPE_MISSING


def test_a_product_is_registered_once(office: Office) -> None:
    with pytest.raises(AlreadyExistsError):
        office.services.products.register(office.caller(), PRODUCTS[0])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 201),
        ("name", "two\nlines"),
        ("size", "x" * 201),
        ("description", "x" * 5001),
        ("description", "a\0"),
        ("instructions", "\ud800"),
        ("markets", ("cn",)),
        ("markets", ("CN", "")),
        ("markets", ("CHN",)),
    ],
)
def test_what_no_column_could_hold_is_refused(office: Office, field: str, value: object) -> None:
    found = refusal(office, DISTILLERY, **{field: value})
    assert (found.code, found.field) == (Refusal.INPUT_INVALID, field)


def test_a_picture_is_the_producers_to_set_and_anybodys_to_see(any_office: Office) -> None:
    products = any_office.services.products
    assert products.picture(GTIN) is None
    assert products.set_picture(any_office.caller(), GTIN, PNG).image is not None
    assert products.picture(GTIN) == PNG
    with pytest.raises(AccessError):
        products.set_picture(any_office.caller(RIVAL), GTIN, PNG)
    with pytest.raises(ServiceError) as caught:
        products.set_picture(any_office.caller(), NEW.gtin, PNG)
    assert caught.value.code is Refusal.NOT_FOUND
