from dataclasses import replace

import pytest
from sqlalchemy import Engine, text

from tagcore.entries import EntryKind
from tagserver.ports import (
    AlreadyExistsError,
    KeyId,
    LogState,
    NewEntry,
    StateConflictError,
    Store,
    StoredCheckpoint,
)
from tagserver.store import SqlStore
from tests.tagserver.store.cast import NOW, all_at_once

STATE = LogState(
    origin="id.example.com/log", key_id=KeyId("log-1"), public_key=bytes(range(32)), created_at=NOW
)


def entry(number: int) -> NewEntry:
    return NewEntry(kind=EntryKind.BATCH, subject=f"batch {number}", data=b"%d" % number, at=NOW)


def checkpoint(size: int) -> StoredCheckpoint:
    return StoredCheckpoint(size=size, root=bytes([size]) * 32, note=b"note %d" % size, at=NOW)


def add(store: Store, *numbers: int) -> None:
    with store.write() as tx:
        for number in numbers:
            tx.log.add(entry(number))


def place(store: Store, count: int, size: int) -> None:
    with store.write() as tx:
        ids = [waiting.id for waiting in tx.log.pending(count)]
        tx.log.place(ids, checkpoint(size), b"peaks")


@pytest.fixture
def begun(store: Store) -> Store:
    with store.write() as tx:
        tx.log.create(STATE)
    return store


def test_a_workspace_has_one_log(begun: Store) -> None:
    with pytest.raises(AlreadyExistsError), begun.write() as tx:
        tx.log.create(replace(STATE, origin="other.example/log"))
    with begun.read() as tx:
        assert tx.log.state() == STATE


def test_there_is_none_before_it_is_made(store: Store) -> None:
    with store.write() as tx:
        assert tx.log.state() is None
        assert tx.log.hold() is None


def test_entries_wait_in_their_order_and_get_their_places_in_it(begun: Store) -> None:
    add(begun, 3, 1, 2)
    with begun.read() as tx:
        assert [waiting.subject for waiting in tx.log.pending(2)] == ["batch 3", "batch 1"]
        assert tx.log.pending_count() == 3
    place(begun, 2, 2)
    with begun.read() as tx:
        assert [(found.index, found.data) for found in tx.log.entries(0, 9)] == [(0, b"3"), (1, b"1")]
        assert [waiting.subject for waiting in tx.log.pending(9)] == ["batch 2"]
        state = tx.log.state()
        assert state == replace(STATE, size=2, peaks=b"peaks")


def test_a_place_is_given_once(begun: Store) -> None:
    add(begun, 1)
    place(begun, 1, 1)
    with begun.read() as tx:
        (first,) = tx.log.entries(0, 1)
    with pytest.raises(StateConflictError), begun.write() as tx:
        tx.log.place([first.id], checkpoint(2), b"")


def test_refuses_a_place_that_does_not_follow_the_last_one(begun: Store) -> None:
    add(begun, 1)
    with pytest.raises(StateConflictError), begun.write() as tx:
        tx.log.place([1], checkpoint(3), b"")
    with begun.read() as tx:
        assert tx.log.pending_count() == 1
        assert tx.log.newest_checkpoint() is None


def test_of_two_that_hold_it_at_once_one_waits(begun: Store, database_url: str) -> None:
    add(begun, *range(20))

    def one() -> None:
        with begun.write() as tx:
            state = tx.log.hold()
            assert state is not None
            (waiting,) = tx.log.pending(1)
            tx.log.place([waiting.id], checkpoint(state.size + 1), b"")

    assert all_at_once([one] * 8) == [None] * 8
    with begun.read() as tx:
        assert [found.data for found in tx.log.entries(0, 9)] == [b"%d" % number for number in range(8)]


def test_finds_entries_by_what_they_are_about(begun: Store) -> None:
    add(begun, 1, 2, 1)
    with begun.read() as tx:
        assert [found.id for found in tx.log.of_subject(EntryKind.BATCH, "batch 1")] == [1, 3]
        assert tx.log.of_subject(EntryKind.KEY, "batch 1") == ()


def test_finds_the_newest_checkpoint_up_to_a_size(begun: Store) -> None:
    for size in (1, 2, 3):
        add(begun, size)
        place(begun, 1, size)
    with begun.read() as tx:
        assert tx.log.newest_checkpoint() == checkpoint(3)
        assert tx.log.newest_checkpoint(at_most=2) == checkpoint(2)
        assert tx.log.newest_checkpoint(at_most=0) is None
        assert (tx.log.checkpoint(1), tx.log.checkpoint(7)) == (checkpoint(1), None)


def test_what_is_published_never_moves_backwards(begun: Store) -> None:
    add(begun, 1, 2)
    place(begun, 2, 2)
    for size in (2, 1):
        with begun.write() as tx:
            tx.log.note_published(size)
    with begun.read() as tx:
        state = tx.log.state()
        assert state is not None
        assert state.published == 2


def test_the_first_reason_to_stop_stays_until_it_is_taken_back(begun: Store) -> None:
    for problem in ("first", "second"):
        with begun.write() as tx:
            tx.log.note_fork(problem)
    with begun.write() as tx:
        state = tx.log.state()
        assert state is not None
        assert state.fork == "first"
        tx.log.note_fork(None)
        state = tx.log.state()
        assert state is not None
        assert state.fork is None


def test_adopts_what_was_published_and_gives_one_that_waits_its_place(begun: Store) -> None:
    add(begun, 1)
    with begun.write() as tx:
        tx.log.adopt(entry(7), 0)
        tx.log.adopt(entry(1), 1)
        tx.log.adopt_checkpoint(checkpoint(2), b"peaks")
    with begun.read() as tx:
        assert [(found.index, found.data) for found in tx.log.entries(0, 9)] == [(0, b"7"), (1, b"1")]
        assert tx.log.pending_count() == 0
        assert tx.log.newest_checkpoint() == checkpoint(2)


def test_the_database_itself_refuses_two_entries_in_one_place(engine: Engine) -> None:
    store = SqlStore(engine)
    add(store, 1, 2)
    with pytest.raises(Exception, match=r"(?i)unique"), engine.begin() as connection:
        connection.execute(text("UPDATE log_entry SET leaf_index = 0"))
