from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest

from tagcore.history import Thresholds
from tagserver.ports import AlreadyExistsError, NotStoredError, Picture, Product, Store
from tests.tagserver.store.cast import (
    DISTILLERY,
    GTIN,
    HOSPITAL,
    MINUTE,
    NOW,
    OTHER_GTIN,
    product,
    settle,
)

FULL = Product(
    gtin=OTHER_GTIN,
    org_id=DISTILLERY,
    name="白酒 53 %",
    description="Two lines\nof text",
    size="500 ml",
    markets=("CN", "DE"),
    instructions="Keep the bottle closed.",
    created_at=NOW,
    thresholds=Thresholds(
        burst_viewers=9, burst_window=timedelta(hours=36), speed_kmh=900.5, distance_km=1.0
    ),
)
PICTURE = Picture(media_type="image/webp", data=b"RIFF\x00\xff")


def test_a_product_comes_back_as_it_was_stored(store: Store) -> None:
    settle(store)
    with store.write() as tx:
        tx.products.add(FULL)
    with store.read() as tx:
        assert tx.products.find(OTHER_GTIN) == FULL
        assert tx.products.find(GTIN) == product()


def test_a_gtin_belongs_to_one_organisation_for_ever(store: Store) -> None:
    settle(store)
    with pytest.raises(AlreadyExistsError), store.write() as tx:
        tx.products.add(replace(product(), org_id=HOSPITAL))
    with store.write() as tx:
        tx.products.update(replace(product(), org_id=HOSPITAL, created_at=NOW + MINUTE, name="New"))
    with store.read() as tx:
        assert tx.products.find(GTIN) == replace(product(), name="New")


def test_refuses_to_change_a_product_that_is_not_there(store: Store) -> None:
    with pytest.raises(NotStoredError), store.write() as tx:
        tx.products.update(product())


def test_lists_an_organisations_products_by_gtin(store: Store) -> None:
    settle(store)
    with store.write() as tx:
        tx.products.add(FULL)
    with store.read() as tx:
        assert tx.products.of_organisation(DISTILLERY) == (product(), FULL)
        assert tx.products.of_organisation(HOSPITAL) == ()


def test_a_picture_replaces_the_one_before_and_its_digest_is_on_the_product(store: Store) -> None:
    settle(store)
    with store.write() as tx:
        tx.products.set_picture(GTIN, Picture(media_type="image/png", data=b"old"))
        shown = tx.products.set_picture(GTIN, PICTURE)
    with store.read() as tx:
        assert tx.products.picture(GTIN) == PICTURE
        assert tx.products.find(GTIN) == shown
    assert shown.image == sha256(PICTURE.data).hexdigest()


def test_an_edit_keeps_the_picture(store: Store) -> None:
    settle(store)
    with store.write() as tx:
        shown = tx.products.set_picture(GTIN, PICTURE)
        tx.products.update(replace(product(), name="New"))
    with store.read() as tx:
        assert tx.products.find(GTIN) == replace(shown, name="New")


def test_a_product_without_a_picture_gives_none(store: Store) -> None:
    settle(store)
    with store.read() as tx:
        assert tx.products.picture(GTIN) is None


def test_refuses_a_picture_of_a_product_that_is_not_there(store: Store) -> None:
    with pytest.raises(NotStoredError), store.write() as tx:
        tx.products.set_picture(GTIN, PICTURE)


def test_refuses_a_digest_without_its_picture(store: Store) -> None:
    settle(store)
    with pytest.raises(ValueError, match="set_picture"), store.write() as tx:
        tx.products.add(replace(FULL, image="00"))
