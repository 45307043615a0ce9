from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from tagcore.states import Action, Standing, State
from tagserver.ports import (
    BatchNumber,
    NotStoredError,
    StateConflictError,
    Store,
    Unit,
    UnitEvent,
    UnitState,
)
from tests.tagserver.store.cast import (
    GTIN,
    HOSPITAL,
    MINUTE,
    NOW,
    OTHER_GTIN,
    all_at_once,
    change,
    make_batch,
    settle,
    unit,
)

ACTIVATE = change(Action.ACTIVATE, State.ACTIVE)
DISPENSE = change(Action.DISPENSE, State.DISPENSED, State.ACTIVE, party=HOSPITAL)
VOID = change(Action.VOID, State.VOID)


@pytest.fixture(autouse=True)
def a_batch(store: Store) -> None:
    settle(store)
    make_batch(store)


def state_of(store: Store, of: Unit) -> UnitState:
    with store.read() as tx:
        return tx.units.state(of)


def activate(store: Store, of: Unit) -> UnitEvent:
    with store.write() as tx:
        return tx.units.apply(ACTIVATE, expected=tx.units.state(of))


def test_a_unit_nobody_touched_is_in_its_batchs_base_state(store: Store) -> None:
    assert state_of(store, unit(7)) == UnitState(
        unit=unit(7), standing=Standing(state=State.PRINTED), version=0
    )


@pytest.mark.parametrize(
    "stranger",
    [
        pytest.param(unit(6_000), id="past the end of its batch"),
        pytest.param(unit(-1), id="before its beginning"),
        pytest.param(unit(0, batch=2), id="of no batch"),
        pytest.param(replace(unit(0), gtin=OTHER_GTIN), id="of another product"),
    ],
)
def test_refuses_a_unit(store: Store, stranger: object) -> None:
    with pytest.raises(NotStoredError):
        state_of(store, stranger)  # type: ignore[arg-type]  # pytest's parameters have no type


def test_an_event_gives_the_unit_a_state_of_its_own(store: Store) -> None:
    event = activate(store, unit(7))
    assert event == UnitEvent(unit=unit(7), seq=1, change=ACTIVATE)
    assert state_of(store, unit(7)) == UnitState(unit=unit(7), standing=ACTIVATE.to, version=1)
    assert state_of(store, unit(8)).standing.state is State.PRINTED


def test_a_units_events_are_kept_in_order(store: Store) -> None:
    activate(store, unit(7))
    with store.write() as tx:
        tx.units.apply(DISPENSE, expected=tx.units.state(unit(7)))
    with store.read() as tx:
        events = tx.units.events(GTIN, unit(7).serial)
        assert tx.units.events(GTIN, unit(7).serial, limit=1) == events[:1]
        assert tx.units.events(GTIN, unit(8).serial) == ()
    assert [(event.seq, event.change) for event in events] == [(2, DISPENSE), (1, ACTIVATE)]
    assert state_of(store, unit(7)).standing == DISPENSE.to


@pytest.mark.parametrize("has_own_state", [False, True])
def test_of_two_hospitals_that_dispense_one_unit_at_once_one_wins(store: Store, has_own_state: bool) -> None:
    if has_own_state:
        activate(store, unit(7))
    read = state_of(store, unit(7))

    def dispense() -> UnitEvent:
        with store.write() as tx:
            return tx.units.apply(DISPENSE, expected=read)

    answers = all_at_once([dispense] * 4)
    assert [type(answer) for answer in answers].count(UnitEvent) == 1
    assert [type(answer) for answer in answers].count(StateConflictError) == 3
    with store.read() as tx:
        assert len(tx.units.events(GTIN, unit(7).serial)) == read.version + 1


def test_a_change_that_was_decided_on_an_older_state_is_refused(store: Store) -> None:
    old = state_of(store, unit(7))
    activate(store, unit(7))
    with pytest.raises(StateConflictError, match=r"want printed \(version 0\)"), store.write() as tx:
        tx.units.apply(DISPENSE, expected=old)


def test_a_first_event_is_refused_when_a_range_event_came_between(store: Store) -> None:
    old = state_of(store, unit(7))
    with store.write() as tx:
        tx.units.apply_to_range(VOID, batch=BatchNumber(1), first=0, last=10, expected_range_seq=0)
    with pytest.raises(StateConflictError, match="got void, want printed"), store.write() as tx:
        tx.units.apply(ACTIVATE, expected=old)
    assert state_of(store, unit(7)).version == 0


def test_first_events_of_different_units_do_not_wait_for_one_another(store: Store, database_url: str) -> None:
    if not database_url.startswith("postgresql"):
        return  # SQLite has one writer at a time
    with store.write() as tx:
        tx.units.apply(ACTIVATE, expected=tx.units.state(unit(1)))
        activate(store, unit(2))
    assert state_of(store, unit(1)).version == state_of(store, unit(2)).version == 1


def test_no_first_event_slips_past_a_range_event(store: Store) -> None:
    """Whoever read "printed" may activate only while it is still true: a range event either waits or forbids
    it.
    """
    read = [state_of(store, unit(index)) for index in range(4)]

    def void() -> None:
        with store.write() as tx:
            tx.units.apply_to_range(VOID, batch=BatchNumber(1), first=0, last=99, expected_range_seq=0)
            assert {state.unit.index for state in tx.units.own_states(BatchNumber(1), 0, 99)} == {
                index for index in range(4) if tx.units.state(unit(index)).version
            }

    def activate_as_read(expected: UnitState) -> None:
        with store.write() as tx:
            tx.units.apply(ACTIVATE, expected=expected)

    tasks: list[Callable[[], None]] = [void, *(partial(activate_as_read, expected) for expected in read)]
    answers = all_at_once(tasks)
    assert answers[0] is None
    for index, answer in enumerate(answers[1:]):
        found = state_of(store, unit(index))
        if answer is None:
            assert (found.version, found.standing.state) == (1, State.ACTIVE)
        else:
            assert isinstance(answer, StateConflictError)
            assert (found.version, found.standing.state) == (0, State.VOID)


def test_a_change_needs_its_time_and_its_party(store: Store) -> None:
    nameless = replace(ACTIVATE, to=replace(ACTIVATE.to, party=None))
    with pytest.raises(ValueError, match="time and its party"), store.write() as tx:
        tx.units.apply(nameless, expected=tx.units.state(unit(1)))


def test_an_unnoted_place_and_no_previous_state_come_back_so(store: Store) -> None:
    bare = replace(ACTIVATE, to=replace(ACTIVATE.to, place=None, country=None, previous=None), note="")
    with store.write() as tx:
        tx.units.apply(bare, expected=tx.units.state(unit(1)))
    with store.read() as tx:
        assert tx.units.events(GTIN, unit(1).serial)[0].change == bare


def test_units_with_a_state_of_their_own_are_listed_by_index(store: Store) -> None:
    for index in (30, 10, 20):
        activate(store, unit(index))
    with store.read() as tx:
        listed = tx.units.own_states(BatchNumber(1), 10, 29)
        assert tx.units.own_states(BatchNumber(1), 0, 5_999, limit=1) == listed[:1]
    assert [state.unit.index for state in listed] == [10, 20]


def test_the_time_of_an_event_keeps_its_microseconds(store: Store) -> None:
    late = replace(ACTIVATE, to=replace(ACTIVATE.to, since=NOW + MINUTE))
    with store.write() as tx:
        tx.units.apply(late, expected=tx.units.state(unit(1)))
    assert state_of(store, unit(1)).standing.since == NOW + MINUTE
