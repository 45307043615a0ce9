from dataclasses import replace

import pytest

from tagserver.ports import AlreadyExistsError, NotStoredError, Recall, RecallKind, Store
from tests.tagserver.store.cast import DISTILLERY, GTIN, MINUTE, NOW, OTHER_GTIN, product, settle

OF_LOT = Recall(
    id="r1",
    gtin=GTIN,
    lot="LOT1",
    serial=None,
    kind=RecallKind.RECALL,
    reason="glass splinters",
    instructions="Do not drink; bring it back.",
    at=NOW,
    by_org=DISTILLERY,
)


@pytest.fixture(autouse=True)
def a_recall(store: Store) -> None:
    settle(store)
    with store.write() as tx:
        tx.recalls.add(OF_LOT)


def in_force(store: Store, *, lot: str = "LOT1", serial: str = "S1") -> list[str]:
    with store.read() as tx:
        return [recall.id for recall in tx.recalls.in_force(GTIN, lot=lot, serial=serial)]


def add(store: Store, recall: Recall) -> None:
    with store.write() as tx:
        tx.recalls.add(recall)


def test_a_recall_comes_back_as_it_was_stored(store: Store) -> None:
    with store.read() as tx:
        assert tx.recalls.find("r1") == OF_LOT
        assert tx.recalls.find("r2") is None
        assert tx.recalls.in_force(GTIN, lot="LOT1", serial="S1") == (OF_LOT,)


def test_a_recall_of_a_lot_covers_every_unit_of_it_and_no_other(store: Store) -> None:
    assert in_force(store, serial="S999") == ["r1"]
    assert in_force(store, lot="LOT2") == []
    assert in_force(store, lot="") == []


def test_a_recall_of_units_without_a_lot_covers_those_alone(store: Store) -> None:
    add(store, replace(OF_LOT, id="r2", lot=""))
    assert in_force(store, lot="") == ["r2"]
    assert in_force(store) == ["r1"]


def test_a_recall_of_a_unit_covers_that_unit(store: Store) -> None:
    add(store, replace(OF_LOT, id="r2", lot=None, serial="S7"))
    assert in_force(store, lot="LOT2", serial="S7") == ["r2"]
    assert in_force(store, lot="LOT2", serial="S8") == []


def test_a_recall_of_a_product_covers_everything(store: Store) -> None:
    add(store, replace(OF_LOT, id="r2", lot=None, kind=RecallKind.WITHDRAW, at=NOW + MINUTE))
    assert in_force(store) == ["r2", "r1"]
    assert in_force(store, lot="LOT2") == ["r2"]


def test_a_lifted_recall_is_no_longer_in_force_but_stays_on_record(store: Store) -> None:
    with store.write() as tx:
        lifted = tx.recalls.lift("r1", at=NOW + MINUTE)
        assert tx.recalls.lift("r1", at=NOW + MINUTE * 2) == lifted
    assert lifted == replace(OF_LOT, lifted_at=NOW + MINUTE)
    assert in_force(store) == []
    with store.read() as tx:
        assert tx.recalls.of_product(GTIN) == (lifted,)


def test_refuses_to_lift_a_recall_that_is_not_there(store: Store) -> None:
    with pytest.raises(NotStoredError), store.write() as tx:
        tx.recalls.lift("r2", at=NOW)


def test_refuses_the_id_of_another_recall(store: Store) -> None:
    with pytest.raises(AlreadyExistsError):
        add(store, OF_LOT)


def test_refuses_a_recall_of_a_product_that_is_not_there(store: Store) -> None:
    with pytest.raises(NotStoredError):
        add(store, replace(OF_LOT, id="r2", gtin=OTHER_GTIN))


def test_all_in_force_are_those_of_every_product_that_are_not_lifted(store: Store) -> None:
    with store.write() as tx:
        tx.products.add(product(OTHER_GTIN))
    add(store, replace(OF_LOT, id="r2", gtin=OTHER_GTIN, lot=None, at=NOW + MINUTE))
    add(store, replace(OF_LOT, id="r3", lot=None, at=NOW + MINUTE * 2))
    with store.write() as tx:
        tx.recalls.lift("r3", at=NOW + MINUTE * 3)
    with store.read() as tx:
        assert [recall.id for recall in tx.recalls.all_in_force()] == ["r2", "r1"]
