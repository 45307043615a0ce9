import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagcore.states import Action, Standing, State
from tagserver.ports import (
    BatchNumber,
    Change,
    NotStoredError,
    RangeState,
    StateConflictError,
    Store,
)
from tagserver.store.segments import visible_segments
from tests.tagserver.store.cast import all_at_once, change, make_batch, settle, unit

BATCH = BatchNumber(1)
BASE = Standing(state=State.PRINTED)
ACTIVATE = change(Action.ACTIVATE, State.ACTIVE)
VOID = change(Action.VOID, State.VOID, State.ACTIVE)
SHIP = change(Action.SHIP, State.SHIPPED, State.ACTIVE)


@pytest.fixture
def settled(store: Store) -> Store:
    settle(store)
    make_batch(store)
    return store


def apply(store: Store, to: Change, first: int, last: int, *, seq: int) -> RangeState:
    with store.write() as tx:
        return tx.units.apply_to_range(to, batch=BATCH, first=first, last=last, expected_range_seq=seq)


def states(store: Store, *indices: int) -> list[State]:
    with store.read() as tx:
        return [tx.units.state(unit(index)).standing.state for index in indices]


def test_activating_six_thousand_and_voiding_the_forty_spoilt_is_two_rows(settled: Store) -> None:
    apply(settled, ACTIVATE, 0, 5_999, seq=0)
    void = apply(settled, VOID, 100, 139, seq=1)
    assert void == RangeState(batch=BATCH, seq=2, first=100, last=139, change=VOID)
    assert states(settled, 0, 99, 100, 139, 140, 5_999) == [
        State.ACTIVE, State.ACTIVE, State.VOID, State.VOID, State.ACTIVE, State.ACTIVE,
    ]  # fmt: skip


def test_the_newest_range_over_a_unit_is_in_force(settled: Store) -> None:
    apply(settled, VOID, 10, 20, seq=0)
    apply(settled, ACTIVATE, 0, 5_999, seq=1)
    assert states(settled, 15) == [State.ACTIVE]


def test_a_units_own_state_goes_before_any_range(settled: Store) -> None:
    with settled.write() as tx:
        tx.units.apply(VOID, expected=tx.units.state(unit(15)))
    apply(settled, ACTIVATE, 0, 5_999, seq=0)
    assert states(settled, 14, 15) == [State.ACTIVE, State.VOID]


def test_a_unit_takes_its_first_event_from_the_range_that_it_is_in(settled: Store) -> None:
    apply(settled, ACTIVATE, 0, 5_999, seq=0)
    with settled.write() as tx:
        event = tx.units.apply(SHIP, expected=tx.units.state(unit(3)))
    assert event.seq == 1
    assert states(settled, 3) == [State.SHIPPED]


def test_several_ranges_may_change_in_one_transaction(settled: Store) -> None:
    with settled.write() as tx:
        for seq, (first, last) in enumerate([(0, 9), (20, 29)]):
            tx.units.apply_to_range(ACTIVATE, batch=BATCH, first=first, last=last, expected_range_seq=seq)
    with settled.read() as tx:
        batch = tx.batches.find(BATCH)
    assert batch is not None
    assert batch.range_seq == 2


def test_of_two_range_events_decided_on_the_same_state_one_wins(settled: Store) -> None:
    answers = all_at_once([lambda: apply(settled, ACTIVATE, 0, 9, seq=0)] * 3)
    assert sorted(type(answer).__name__ for answer in answers) == [
        "RangeState",
        "StateConflictError",
        "StateConflictError",
    ]


def test_refuses_a_range_event_decided_on_an_older_state(settled: Store) -> None:
    apply(settled, ACTIVATE, 0, 9, seq=0)
    with pytest.raises(StateConflictError, match="ranges of batch 1"):
        apply(settled, VOID, 0, 9, seq=0)


@pytest.mark.parametrize(("first", "last"), [(-1, 5), (5, 4), (0, 6_000)])
def test_refuses_a_range_outside_the_batch(settled: Store, first: int, last: int) -> None:
    with pytest.raises(ValueError, match="of a batch of 6000"):
        apply(settled, ACTIVATE, first, last, seq=0)
    with pytest.raises(ValueError, match="of a batch of 6000"), settled.read() as tx:
        tx.units.segments(BATCH, first, last)


def test_refuses_a_range_of_no_batch(store: Store) -> None:
    with pytest.raises(NotStoredError):
        apply(store, ACTIVATE, 0, 1, seq=0)


def test_reads_a_batch_as_runs_of_one_state(settled: Store) -> None:
    apply(settled, ACTIVATE, 0, 4_999, seq=0)
    apply(settled, VOID, 100, 139, seq=1)
    with settled.read() as tx:
        segments = tx.units.segments(BATCH, 50, 5_999)
    assert [(run.first, run.last, run.standing, run.seq) for run in segments] == [
        (50, 99, ACTIVATE.to, 1),
        (100, 139, VOID.to, 2),
        (140, 4_999, ACTIVATE.to, 1),
        (5_000, 5_999, BASE, 0),
    ]


def test_lists_the_range_events_over_a_unit_newest_first(settled: Store) -> None:
    everything = apply(settled, ACTIVATE, 0, 5_999, seq=0)
    apply(settled, VOID, 0, 9, seq=1)
    some = apply(settled, SHIP, 10, 20, seq=2)
    with settled.read() as tx:
        assert tx.units.range_events(BATCH, 15) == (some, everything)
        assert tx.units.range_events(BATCH, 15, limit=1) == (some,)


RANGES = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)).map(sorted), max_size=8)


@given(ranges=RANGES, window=st.tuples(st.integers(0, 30), st.integers(0, 30)).map(sorted))
def test_runs_say_of_every_index_what_painting_one_by_one_says(
    ranges: list[list[int]], window: list[int]
) -> None:
    events = [
        RangeState(batch=BATCH, seq=seq, first=first, last=last, change=ACTIVATE)
        for seq, (first, last) in enumerate(ranges, start=1)
    ]
    painted = [0] * 31
    for event in events:
        for index in range(event.first, event.last + 1):
            painted[index] = event.seq
    first, last = window
    runs = visible_segments(first, last, reversed(events), BASE)
    unrolled = [run.seq for run in runs for _ in range(run.first, run.last + 1)]
    assert unrolled == painted[first : last + 1]
    assert runs[0].first == first
    assert runs[-1].last == last
