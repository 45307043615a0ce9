from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from tagcore.errors import TransitionError
from tagcore.states import (
    FINAL,
    TRANSITIONS,
    UNDO_WINDOW,
    UNDOABLE,
    Action,
    Actor,
    Role,
    Standing,
    State,
    allowed_roles,
    next_standing,
)

NOW = datetime(2026, 7, 1, tzinfo=UTC)

# State -> the actions that it allows, as docs/spec/verdicts.md shows them, and what becomes of it.
TRADE = "ship receive dispense sell open sample export lock report_stolen destroy recall withdraw expire"
ALLOWED: dict[State, str] = {
    State.PRINTED: "activate lock report_stolen destroy void recall withdraw expire",
    State.ACTIVE: TRADE + " void",
    State.SHIPPED: TRADE,
    State.RECEIVED: TRADE,
    State.DISPENSED: "open report_stolen destroy recall withdraw expire",
    State.SOLD: "open report_stolen destroy recall withdraw expire",
    State.OPENED: "report_stolen destroy recall withdraw expire",
    State.SAMPLE: "report_stolen destroy recall withdraw expire",
    State.EXPORTED: "report_stolen destroy recall withdraw expire",
    State.LOCKED: "report_stolen destroy recall withdraw expire",
    State.STOLEN: "destroy",
    State.DESTROYED: "",
    State.VOID: "",
    State.RECALLED: "destroy",
    State.WITHDRAWN: "destroy",
    State.EXPIRED: "destroy recall withdraw",
}
ROLES: dict[Action, str] = {
    Action.ACTIVATE: "producer",
    Action.SHIP: "producer distributor hospital",
    Action.RECEIVE: "producer distributor hospital",
    Action.DISPENSE: "hospital",
    Action.SELL: "producer distributor",
    Action.OPEN: "producer distributor hospital",
    Action.SAMPLE: "producer distributor hospital inspector",
    Action.EXPORT: "producer distributor",
    Action.LOCK: "producer distributor hospital inspector",
    Action.REPORT_STOLEN: "producer distributor hospital inspector",
    Action.DESTROY: "producer distributor hospital inspector",
    Action.VOID: "producer",
    Action.RECALL: "producer inspector",
    Action.WITHDRAW: "producer inspector",
    Action.EXPIRE: "producer distributor hospital inspector",
}
TARGETS: dict[Action, State] = {
    Action.ACTIVATE: State.ACTIVE,
    Action.SHIP: State.SHIPPED,
    Action.RECEIVE: State.RECEIVED,
    Action.DISPENSE: State.DISPENSED,
    Action.SELL: State.SOLD,
    Action.OPEN: State.OPENED,
    Action.SAMPLE: State.SAMPLE,
    Action.EXPORT: State.EXPORTED,
    Action.LOCK: State.LOCKED,
    Action.REPORT_STOLEN: State.STOLEN,
    Action.DESTROY: State.DESTROYED,
    Action.VOID: State.VOID,
    Action.RECALL: State.RECALLED,
    Action.WITHDRAW: State.WITHDRAWN,
    Action.EXPIRE: State.EXPIRED,
}


def actor(role: Role = Role.HOSPITAL, party: str = "org-1", place: str | None = "ward 3") -> Actor:
    return Actor(party=party, role=role, place=place, country="DE")


def test_the_table_has_a_row_for_every_action_but_undo() -> None:
    assert set(TRANSITIONS) == set(Action) - {Action.UNDO}
    assert set(ALLOWED) == set(State)


@pytest.mark.parametrize("action", TRANSITIONS)
@pytest.mark.parametrize("state", State)
def test_the_table_decides_for_every_state_action_and_role(state: State, action: Action) -> None:
    for role in Role:
        current = Standing(state=state, since=NOW, party="org-9")
        if action in ALLOWED[state].split() and role in ROLES[action].split():
            after = next_standing(current, action, actor(role), NOW + timedelta(hours=1))
            assert after == Standing(
                state=TARGETS[action],
                since=NOW + timedelta(hours=1),
                party="org-1",
                place="ward 3",
                country="DE",
                previous=state,
            )
        else:
            with pytest.raises(TransitionError):
                next_standing(current, action, actor(role), NOW)


def test_an_administrator_of_the_server_handles_no_units() -> None:
    assert not [action for action in Action if Role.ADMIN in allowed_roles(action)]


def test_no_final_state_is_undoable() -> None:
    assert not FINAL & UNDOABLE


DISPENSED = Standing(
    state=State.DISPENSED, since=NOW, party="org-1", place="ward 3", country="DE", previous=State.RECEIVED
)


@pytest.mark.parametrize(("state", "previous"), list(product(State, [State.ACTIVE, None])))
def test_undoes_every_undoable_state_with_a_past_and_no_other(state: State, previous: State | None) -> None:
    current = replace(DISPENSED, state=state, previous=previous)
    if state in UNDOABLE and previous is not None:
        assert next_standing(current, Action.UNDO, actor(), NOW).state is previous
    else:
        with pytest.raises(TransitionError, match="never undone"):
            next_standing(current, Action.UNDO, actor(), NOW)


def test_undoes_until_the_end_of_the_tenth_day() -> None:
    assert next_standing(DISPENSED, Action.UNDO, actor(), NOW + UNDO_WINDOW).state is State.RECEIVED
    with pytest.raises(TransitionError, match="within 10 days"):
        next_standing(DISPENSED, Action.UNDO, actor(), NOW + UNDO_WINDOW + timedelta(seconds=1))


def test_undoes_nothing_whose_time_is_not_known() -> None:
    with pytest.raises(TransitionError, match="within 10 days"):
        next_standing(replace(DISPENSED, since=None), Action.UNDO, actor(), NOW)


def test_undoes_only_for_the_same_party() -> None:
    with pytest.raises(TransitionError, match="only the party"):
        next_standing(DISPENSED, Action.UNDO, actor(party="org-2"), NOW)


def test_undoes_only_at_the_same_place() -> None:
    with pytest.raises(TransitionError, match="only at the place"):
        next_standing(DISPENSED, Action.UNDO, actor(place="ward 4"), NOW)


def test_undoes_only_for_a_role_that_handles_units() -> None:
    with pytest.raises(TransitionError, match="admin may not"):
        next_standing(DISPENSED, Action.UNDO, actor(Role.ADMIN), NOW)


def test_lifts_a_lock_at_any_time_and_place() -> None:
    locked = replace(DISPENSED, state=State.LOCKED)
    after = next_standing(locked, Action.UNDO, actor(place="office"), NOW + timedelta(days=400))
    assert after.state is State.RECEIVED


def test_an_undoing_is_never_undone() -> None:
    opened = replace(DISPENSED, state=State.OPENED, previous=State.SOLD)
    sold = next_standing(opened, Action.UNDO, actor(), NOW)
    assert (sold.state, sold.previous) == (State.SOLD, None)
    with pytest.raises(TransitionError, match="never undone"):
        next_standing(sold, Action.UNDO, actor(), NOW)
