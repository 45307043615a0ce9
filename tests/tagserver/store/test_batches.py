from dataclasses import replace
from functools import partial

import pytest

from tagserver.ports import (
    Batch,
    BatchNumber,
    BatchStatus,
    IdempotencyConflictError,
    KeyId,
    NotStoredError,
    OrgId,
    Store,
)
from tests.tagserver.store.cast import (
    DISTILLERY,
    GTIN,
    HOSPITAL,
    NOW,
    OTHER_GTIN,
    REQUEST,
    all_at_once,
    make_batch,
    new_batch,
    settle,
)


def test_a_new_batch_is_queued_with_all_that_was_asked_for(store: Store) -> None:
    settle(store)
    batch = make_batch(store)
    asked = new_batch()
    assert {name: getattr(batch, name) for name in asked.__slots__} == {
        name: getattr(asked, name) for name in asked.__slots__
    }
    assert (batch.number, batch.status, batch.done, batch.range_seq) == (1, BatchStatus.QUEUED, 0, 0)
    assert (batch.root, batch.issued_at, batch.failure) == (None, None, None)
    with store.read() as tx:
        assert tx.batches.find(batch.number) == batch
        assert tx.batches.find(BatchNumber(2)) is None


def test_a_batch_without_lot_and_expiry_comes_back_so(store: Store) -> None:
    settle(store)
    batch = make_batch(store, new=replace(new_batch(lot=""), expiry=None))
    assert (batch.lot, batch.expiry) == ("", None)


def test_the_same_request_gets_the_same_batch(store: Store) -> None:
    settle(store)
    with store.write() as tx:
        first = tx.batches.create(new_batch(), idempotency_key="k", request_hash=REQUEST)
    with store.write() as tx:
        again = tx.batches.create(new_batch(), idempotency_key="k", request_hash=REQUEST)
    assert (first.is_new, again.is_new) == (True, False)
    assert again.batch == first.batch


def test_the_same_key_for_another_request_is_refused(store: Store) -> None:
    settle(store)
    make_batch(store, "k")
    with pytest.raises(IdempotencyConflictError), store.write() as tx:
        tx.batches.create(new_batch(count=7), idempotency_key="k", request_hash=b"\x01" * 32)


def test_a_key_used_for_something_else_than_a_batch_is_refused(store: Store) -> None:
    settle(store)
    with store.write() as tx:
        tx.requests.begin(DISTILLERY, "k", REQUEST, at=NOW)
        tx.requests.complete(DISTILLERY, "k", "event 7")
    with pytest.raises(IdempotencyConflictError):
        make_batch(store, "k")


def test_one_request_sent_many_times_at_once_makes_one_batch(store: Store) -> None:
    settle(store)
    batches = all_at_once([lambda: make_batch(store, "k")] * 8)
    with store.read() as tx:
        (only,) = tx.batches.of_organisation(DISTILLERY)
    assert batches == [only] * 8


def test_batches_made_at_once_get_numbers_of_their_own(store: Store) -> None:
    settle(store)
    batches = all_at_once([partial(make_batch, store, str(n)) for n in range(8)])
    assert sorted(batch.number for batch in batches if isinstance(batch, Batch)) == list(range(1, 9))


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(replace(new_batch(), org_id=OrgId("nobody")), id="organisation"),
        pytest.param(replace(new_batch(), gtin=OTHER_GTIN), id="product"),
        pytest.param(replace(new_batch(), key_id=KeyId("none")), id="key"),
    ],
)
def test_refuses_a_batch_of_something_that_is_not_there(store: Store, wrong: object) -> None:
    settle(store)
    with pytest.raises(NotStoredError):
        make_batch(store, new=wrong)  # type: ignore[arg-type]  # pytest's parameters have no type
    assert make_batch(store).status is BatchStatus.QUEUED


def test_lists_an_organisations_batches_newest_first_page_by_page(store: Store) -> None:
    settle(store)
    made = [make_batch(store, str(n)) for n in range(5)]
    with store.read() as tx:
        first = tx.batches.of_organisation(DISTILLERY, limit=2)
        second = tx.batches.of_organisation(DISTILLERY, before=first[-1].number, limit=2)
        assert tx.batches.of_organisation(HOSPITAL) == ()
    assert [*first, *second] == [made[4], made[3], made[2], made[1]]


def test_finds_the_batches_of_a_lot(store: Store) -> None:
    settle(store)
    one = make_batch(store, "1")
    make_batch(store, "2", new_batch(lot="LOT2"))
    three = make_batch(store, "3")
    with store.read() as tx:
        assert tx.batches.of_lot(GTIN, "LOT1") == (one, three)
        assert tx.batches.of_lot(OTHER_GTIN, "LOT1") == ()


def test_finds_the_batches_whose_serials_were_supplied(store: Store) -> None:
    settle(store)
    make_batch(store, "1")
    two, three = (make_batch(store, key, new_batch(supplied=True)) for key in ("2", "3"))
    with store.read() as tx:
        assert tx.batches.with_supplied_serials(GTIN) == (three, two)


def test_a_batch_number_is_never_used_again(store: Store) -> None:
    settle(store)
    make_batch(store, "1")
    with pytest.raises(NotStoredError):
        make_batch(store, "2", replace(new_batch(), key_id=KeyId("none")))
    assert make_batch(store, "3").number >= 2
