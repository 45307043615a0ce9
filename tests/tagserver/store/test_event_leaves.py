import pytest

from tagserver.ports import AlreadyExistsError, EventBlock, Store
from tests.tagserver.store.cast import NOW

BLOCK = EventBlock(number=0, count=2, root=bytes(32), at=NOW)


def add(store: Store, subject: str, seq: int) -> None:
    with store.write() as tx:
        tx.event_leaves.add(subject=subject, seq=seq, salt=bytes([seq]) * 16, leaf=bytes([seq]) * 32, at=NOW)


@pytest.fixture
def filled(store: Store) -> Store:
    for subject, seq in (("unit b", 1), ("unit a", 1), ("unit a", 2)):
        add(store, subject, seq)
    return store


def test_leaves_wait_in_their_order(filled: Store) -> None:
    with filled.read() as tx:
        waiting = tx.event_leaves.waiting(2)
    assert [(leaf.subject, leaf.seq, leaf.block) for leaf in waiting] == [
        ("unit b", 1, None),
        ("unit a", 1, None),
    ]
    assert waiting[0].salt == bytes([1]) * 16


def test_an_event_is_committed_to_once(filled: Store) -> None:
    with pytest.raises(AlreadyExistsError):
        add(filled, "unit a", 2)


def test_a_block_takes_leaves_in_the_order_given(filled: Store) -> None:
    with filled.write() as tx:
        first, second, third = (leaf.id for leaf in tx.event_leaves.waiting(9))
        tx.event_leaves.close(BLOCK, [second, first])
    with filled.read() as tx:
        inside = tx.event_leaves.of_block(0)
        assert [(leaf.id, leaf.place) for leaf in inside] == [(second, 0), (first, 1)]
        assert [leaf.id for leaf in tx.event_leaves.waiting(9)] == [third]
        assert tx.event_leaves.block(0) == tx.event_leaves.newest_block() == BLOCK


def test_a_blocks_number_is_used_once(filled: Store) -> None:
    with filled.write() as tx:
        tx.event_leaves.close(BLOCK, [])
    with pytest.raises(AlreadyExistsError), filled.write() as tx:
        tx.event_leaves.close(BLOCK, [1])


def test_there_is_no_block_before_the_first(filled: Store) -> None:
    with filled.read() as tx:
        assert tx.event_leaves.newest_block() is None
        assert tx.event_leaves.block(0) is None
        assert tx.event_leaves.of_block(0) == ()


def test_finds_the_leaves_of_some_subjects(filled: Store) -> None:
    with filled.read() as tx:
        found = tx.event_leaves.of_subjects(["unit a", "unit c"])
    assert [(leaf.subject, leaf.seq) for leaf in found] == [("unit a", 1), ("unit a", 2)]
