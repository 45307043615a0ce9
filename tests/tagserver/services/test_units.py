from datetime import timedelta
from functools import partial

import pytest

from tagcore.errors import TransitionError
from tagcore.states import UNDO_WINDOW, Action, State
from tagserver.ports import (
    Batch,
    IdempotencyConflictError,
    OrgId,
    Scope,
    StateConflictError,
    UnitState,
)
from tagserver.services.access import Caller
from tagserver.services.errors import AccessError, Refusal, ServiceError
from tagserver.services.units import Report
from tests.tagserver.services.cast import (
    ADMIN,
    DISTILLERY,
    GTIN,
    HOSPITAL,
    INSPECTOR,
    NOW,
    RIVAL,
    RIVAL_GTIN,
    WHOLESALER,
    Office,
    an_order,
    of_serials,
)
from tests.tagserver.store.cast import all_at_once


def report(office: Office, org: OrgId, serial: str, action: Action, **more: str) -> UnitState:
    return office.services.units.report(office.caller(org), GTIN, serial, Report(action=action, **more))


def serial_of(office: Office, batch: Batch, index: int = 0) -> str:
    return office.tags(batch)[index].identity.serial


LIVES: dict[str, list[tuple[OrgId, Action, State | None]]] = {
    "through the trade to a patient": [
        (DISTILLERY, Action.ACTIVATE, State.ACTIVE),
        (DISTILLERY, Action.SHIP, State.SHIPPED),
        (WHOLESALER, Action.RECEIVE, State.RECEIVED),
        (WHOLESALER, Action.SHIP, State.SHIPPED),
        (HOSPITAL, Action.RECEIVE, State.RECEIVED),
        (HOSPITAL, Action.DISPENSE, State.DISPENSED),
        (HOSPITAL, Action.DISPENSE, None),
        (HOSPITAL, Action.OPEN, State.OPENED),
    ],
    "not before it is activated": [
        (HOSPITAL, Action.DISPENSE, None),
        (WHOLESALER, Action.SHIP, None),
        (HOSPITAL, Action.ACTIVATE, None),
        (DISTILLERY, Action.ACTIVATE, State.ACTIVE),
        (DISTILLERY, Action.ACTIVATE, None),
    ],
    "sold, and the sale undone": [
        (DISTILLERY, Action.ACTIVATE, State.ACTIVE),
        (WHOLESALER, Action.SELL, State.SOLD),
        (HOSPITAL, Action.UNDO, None),
        (DISTILLERY, Action.UNDO, None),
        (WHOLESALER, Action.UNDO, State.ACTIVE),
        (WHOLESALER, Action.UNDO, None),
    ],
    "stolen is for ever, but may be destroyed": [
        (DISTILLERY, Action.ACTIVATE, State.ACTIVE),
        (WHOLESALER, Action.REPORT_STOLEN, State.STOLEN),
        (WHOLESALER, Action.UNDO, None),
        (HOSPITAL, Action.DISPENSE, None),
        (INSPECTOR, Action.DESTROY, State.DESTROYED),
        (INSPECTOR, Action.DESTROY, None),
    ],
    "locked and unlocked by an inspector": [
        (DISTILLERY, Action.ACTIVATE, State.ACTIVE),
        (INSPECTOR, Action.LOCK, State.LOCKED),
        (HOSPITAL, Action.DISPENSE, None),
        (DISTILLERY, Action.UNDO, None),
        (INSPECTOR, Action.UNDO, State.ACTIVE),
        (HOSPITAL, Action.DISPENSE, State.DISPENSED),
    ],
    "spoilt in printing": [
        (DISTILLERY, Action.VOID, State.VOID),
        (DISTILLERY, Action.ACTIVATE, None),
        (DISTILLERY, Action.UNDO, None),
    ],
    "only a hospital dispenses": [
        (DISTILLERY, Action.ACTIVATE, State.ACTIVE),
        (DISTILLERY, Action.DISPENSE, None),
        (WHOLESALER, Action.DISPENSE, None),
        (HOSPITAL, Action.SELL, None),
        (INSPECTOR, Action.SELL, None),
    ],
}


@pytest.mark.parametrize("life", LIVES.values(), ids=LIVES.keys())
def test_a_units_life_goes_as_the_table_says(
    any_office: Office, life: list[tuple[OrgId, Action, State | None]]
) -> None:
    serial = serial_of(any_office, any_office.issue())
    version = 0
    for org, action, want in life:
        any_office.clock.advance(timedelta(minutes=1))
        if want is None:
            with pytest.raises(TransitionError):
                report(any_office, org, serial, action)
            continue
        version += 1
        state = report(any_office, org, serial, action)
        assert (state.standing.state, state.standing.party, state.version) == (want, org, version)
        assert state.standing.since == any_office.clock.now
    assert len(any_office.services.units.events(GTIN, serial)) == version


def test_one_units_event_leaves_its_neighbours_alone(office: Office) -> None:
    batch = office.released()
    report(office, HOSPITAL, serial_of(office, batch, 2), Action.DISPENSE)
    states = [
        office.services.pasts.of(None, GTIN, serial_of(office, batch, index)).state.standing.state
        for index in range(batch.count)
    ]
    assert states == [State.ACTIVE, State.ACTIVE, State.DISPENSED, State.ACTIVE, State.ACTIVE]


def test_of_two_dispensings_at_once_one_wins(any_office: Office) -> None:
    serial = serial_of(any_office, any_office.released())
    task = partial(report, any_office, HOSPITAL, serial, Action.DISPENSE)
    results = all_at_once([task] * 5)
    won = [result for result in results if isinstance(result, UnitState)]
    lost = [result for result in results if isinstance(result, TransitionError | StateConflictError)]
    assert (len(won), len(lost)) == (1, 4)
    assert len(any_office.services.units.events(GTIN, serial)) == 1


def test_a_report_with_a_key_is_carried_out_once(any_office: Office) -> None:
    serial = serial_of(any_office, any_office.released())
    first = report(any_office, HOSPITAL, serial, Action.DISPENSE, idempotency_key="key")
    any_office.clock.advance(timedelta(days=1))
    again = report(any_office, HOSPITAL, serial, Action.DISPENSE, idempotency_key="key")
    assert again == first
    assert len(any_office.services.units.events(GTIN, serial)) == 1
    assert len(any_office.services.access.trail(action="unit.dispense")) == 1


def test_a_repeated_report_is_answered_as_the_first_time_whatever_happened_since(office: Office) -> None:
    serial = serial_of(office, office.released())
    first = report(office, WHOLESALER, serial, Action.SHIP, idempotency_key="key")
    report(office, HOSPITAL, serial, Action.DISPENSE)
    assert report(office, WHOLESALER, serial, Action.SHIP, idempotency_key="key") == first


def test_reports_with_one_key_that_arrive_together_are_carried_out_once(any_office: Office) -> None:
    serial = serial_of(any_office, any_office.released())
    task = partial(report, any_office, HOSPITAL, serial, Action.DISPENSE, idempotency_key="key")
    results = all_at_once([task] * 4)
    assert len({repr(result) for result in results}) == 1
    assert isinstance(results[0], UnitState)


@pytest.mark.parametrize(
    "change", [{"action": Action.SHIP}, {"note": "x"}, {"place": "B"}, {"country": "CN"}]
)
def test_the_same_key_for_another_report_is_a_conflict(office: Office, change: dict[str, str]) -> None:
    serial = serial_of(office, office.released())
    report(office, HOSPITAL, serial, Action.RECEIVE, idempotency_key="key")
    changed = {"action": Action.RECEIVE, "idempotency_key": "key", **change}
    with pytest.raises(IdempotencyConflictError):
        report(office, HOSPITAL, serial, **changed)  # type: ignore[arg-type] # actions are text


def test_a_refused_report_leaves_its_key_free(office: Office) -> None:
    serial = serial_of(office, office.issue())
    with pytest.raises(TransitionError):
        report(office, HOSPITAL, serial, Action.DISPENSE, idempotency_key="key")
    report(office, DISTILLERY, serial, Action.ACTIVATE)
    assert report(office, HOSPITAL, serial, Action.DISPENSE, idempotency_key="key").version == 2


def test_a_producer_touches_no_units_of_another(office: Office) -> None:
    serial = serial_of(office, office.released())
    with pytest.raises(AccessError) as caught:
        report(office, RIVAL, serial, Action.REPORT_STOLEN)
    assert caught.value.code is Refusal.NOT_YOURS
    assert office.services.units.events(GTIN, serial) == ()


def test_a_hospital_dispenses_units_of_any_producer(office: Office) -> None:
    batch = office.released(an_order(gtin=RIVAL_GTIN), org=RIVAL)
    state = office.services.units.report(
        office.caller(HOSPITAL), RIVAL_GTIN, serial_of(office, batch), Report(action=Action.DISPENSE)
    )
    assert state.standing.state is State.DISPENSED


@pytest.mark.parametrize("serial", ["0000000000000", "NONE", "", "x" * 100, "\0", "\ud800"])
def test_a_unit_that_never_was_is_not_found(any_office: Office, serial: str) -> None:
    any_office.released()
    any_office.released(of_serials("A", "B"))
    with pytest.raises(ServiceError) as caught:
        report(any_office, HOSPITAL, serial, Action.DISPENSE)
    assert caught.value.code is Refusal.NOT_FOUND


def test_events_need_their_scope(office: Office) -> None:
    batch = office.released()
    with pytest.raises(AccessError):
        report(office, ADMIN, serial_of(office, batch), Action.DESTROY)
    hospital = office.services.access.organisation(HOSPITAL)
    reader = Caller(organisation=hospital, token_id=None, scopes=frozenset({Scope.VERIFY}))
    with pytest.raises(AccessError):
        office.services.units.report(reader, GTIN, serial_of(office, batch), Report(action=Action.DISPENSE))
    with pytest.raises(AccessError):
        office.services.units.report_range(reader, batch.number, Report(action=Action.VOID))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("place", ""),
        ("place", "x" * 201),
        ("place", "a\0"),
        ("country", "cn"),
        ("country", "CHN"),
        ("country", ""),
        ("note", "x" * 5001),
        ("note", "\ud800"),
        ("idempotency_key", ""),
        ("idempotency_key", "k" * 201),
    ],
)
def test_a_report_that_the_database_could_not_hold_is_refused(field: str, value: str) -> None:
    with pytest.raises(ServiceError) as caught:
        Report(action=Action.SHIP, **{field: value})
    assert (caught.value.code, caught.value.field) == (Refusal.INPUT_INVALID, field)


def test_the_longest_report_is_kept_whole(any_office: Office) -> None:
    serial = serial_of(any_office, any_office.released())
    report(any_office, HOSPITAL, serial, Action.DISPENSE, place="地" * 200, country="CN", note="注\n" * 2500)
    (event,) = any_office.services.units.events(GTIN, serial)
    assert (len(event.change.to.place or ""), len(event.change.note)) == (200, 5000)


def test_an_undoing_is_by_the_same_party_at_the_same_place_within_ten_days(office: Office) -> None:
    serial = serial_of(office, office.released())
    report(office, HOSPITAL, serial, Action.DISPENSE, place="ward 1")
    for org, place in ((WHOLESALER, "ward 1"), (HOSPITAL, "ward 2")):
        with pytest.raises(TransitionError):
            report(office, org, serial, Action.UNDO, place=place)
    office.clock.now = NOW + UNDO_WINDOW + timedelta(microseconds=1)
    with pytest.raises(TransitionError):
        report(office, HOSPITAL, serial, Action.UNDO, place="ward 1")
    office.clock.now = NOW + UNDO_WINDOW
    state = report(office, HOSPITAL, serial, Action.UNDO, place="ward 1")
    assert state.standing.state is State.ACTIVE


def test_a_lock_may_be_lifted_at_any_time_and_place(office: Office) -> None:
    serial = serial_of(office, office.released())
    report(office, INSPECTOR, serial, Action.LOCK, place="office")
    office.clock.advance(100 * UNDO_WINDOW)
    assert report(office, INSPECTOR, serial, Action.UNDO).standing.state is State.ACTIVE
