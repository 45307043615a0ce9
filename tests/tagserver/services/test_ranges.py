from datetime import timedelta
from functools import partial

import pytest

from tagcore.errors import TransitionError
from tagcore.states import Action, State
from tagserver.ports import (
    Batch,
    BatchNumber,
    IdempotencyConflictError,
    OrgId,
    StateConflictError,
)
from tagserver.services.errors import AccessError, Refusal, ServiceError
from tagserver.services.units import RangeOutcome, Report, Run
from tests.tagserver.services.cast import HOSPITAL, INSPECTOR, RIVAL, Office, an_order
from tests.tagserver.store.cast import all_at_once


def states(office: Office, batch: Batch) -> list[State]:
    return [
        office.services.pasts.of(None, batch.gtin, tag.identity.serial).state.standing.state
        for tag in office.tags(batch)
    ]


def with_key(office: Office, batch: Batch, key: str, last: int | None = None) -> RangeOutcome:
    report = Report(action=Action.ACTIVATE, idempotency_key=key)
    return office.services.units.report_range(office.caller(), batch.number, report, last=last)


def refusal(office: Office, batch: Batch, first: int, last: int) -> Refusal:
    with pytest.raises(ServiceError) as caught:
        office.report_range(batch, Action.ACTIVATE, first, last)
    return caught.value.code


def test_a_whole_batch_is_activated_at_once(any_office: Office) -> None:
    batch = any_office.issue()
    outcome = any_office.report_range(batch, Action.ACTIVATE)
    assert outcome == RangeOutcome(applied=(Run(first=0, last=4, state=State.ACTIVE),), refused=())
    assert states(any_office, batch) == [State.ACTIVE] * 5


def test_labels_that_were_spoilt_in_printing_stay_void_when_the_batch_is_activated(
    any_office: Office,
) -> None:
    batch = any_office.issue(an_order(6000))
    any_office.report_range(batch, Action.VOID, 100, 139)
    outcome = any_office.report_range(batch, Action.ACTIVATE)
    assert outcome.applied == (
        Run(first=0, last=99, state=State.ACTIVE),
        Run(first=140, last=5999, state=State.ACTIVE),
    )
    assert outcome.refused == (Run(first=100, last=139, state=State.VOID),)
    tags = any_office.tags(batch)
    for index, want in ((99, State.ACTIVE), (100, State.VOID), (139, State.VOID), (140, State.ACTIVE)):
        past = any_office.services.pasts.of(None, batch.gtin, tags[index].identity.serial)
        assert past.state.standing.state is want


def test_labels_found_spoilt_after_the_activation_are_voided_too(office: Office) -> None:
    batch = office.released()
    office.report_range(batch, Action.VOID, 1, 2)
    want = [State.ACTIVE, State.VOID, State.VOID, State.ACTIVE, State.ACTIVE]
    assert states(office, batch) == want


def test_units_with_events_of_their_own_keep_their_standing(any_office: Office) -> None:
    batch = any_office.released()
    serial = any_office.tags(batch)[1].identity.serial
    any_office.services.units.report(
        any_office.caller(HOSPITAL), batch.gtin, serial, Report(action=Action.DISPENSE)
    )
    any_office.report_range(batch, Action.SHIP)
    assert states(any_office, batch)[:3] == [State.SHIPPED, State.DISPENSED, State.SHIPPED]


def test_a_range_that_the_table_refuses_everywhere_is_an_error_and_changes_nothing(office: Office) -> None:
    batch = office.released()
    with pytest.raises(TransitionError):
        office.report_range(batch, Action.ACTIVATE)
    assert len(office.services.access.trail(action="range.activate")) == 1


@pytest.mark.parametrize(("first", "last"), [(-1, 2), (3, 2), (0, 5), (5, 5), (0, 2**40)])
def test_a_range_lies_in_its_batch(office: Office, first: int, last: int) -> None:
    assert refusal(office, office.issue(), first, last) is Refusal.INPUT_INVALID


def test_a_batch_that_is_not_issued_yet_has_no_events(office: Office) -> None:
    queued = office.services.issuing.request(office.caller(), an_order(), idempotency_key="key").batch
    assert refusal(office, queued, 0, 4) is Refusal.BATCH_NOT_ISSUED


def test_a_batch_that_never_was_is_not_found(office: Office) -> None:
    with pytest.raises(ServiceError) as caught:
        office.services.units.report_range(office.caller(), BatchNumber(99), Report(action=Action.ACTIVATE))
    assert caught.value.code is Refusal.NOT_FOUND


@pytest.mark.parametrize("org", [RIVAL, HOSPITAL, INSPECTOR])
def test_only_its_producer_reports_on_ranges_of_a_batch(office: Office, org: OrgId) -> None:
    batch = office.released()
    with pytest.raises(AccessError) as caught:
        office.report_range(batch, Action.REPORT_STOLEN, org=org)
    assert caught.value.code is Refusal.NOT_YOURS


def test_a_report_with_a_key_is_carried_out_once_and_answered_the_same(any_office: Office) -> None:
    batch = any_office.issue()
    any_office.report_range(batch, Action.VOID, 2, 2)
    first = with_key(any_office, batch, "key")
    any_office.report_range(batch, Action.SHIP)
    any_office.clock.advance(timedelta(days=1))
    assert with_key(any_office, batch, "key") == first
    assert any_office.services.issuing.find(batch.number).range_seq == 5
    with pytest.raises(IdempotencyConflictError):
        with_key(any_office, batch, "key", last=3)


def test_of_two_reports_on_a_range_at_once_one_wins(any_office: Office) -> None:
    batch = any_office.issue()
    results = all_at_once([partial(any_office.report_range, batch, Action.ACTIVATE)] * 4)
    won = [result for result in results if isinstance(result, RangeOutcome)]
    lost = [result for result in results if isinstance(result, TransitionError | StateConflictError)]
    assert (len(won), len(lost)) == (1, 3)


def test_an_outcome_is_the_same_after_it_was_stored() -> None:
    outcome = RangeOutcome(
        applied=(Run(first=0, last=3, state=State.ACTIVE),), refused=(Run(first=4, last=4, state=State.VOID),)
    )
    assert RangeOutcome.from_json(outcome.to_json()) == outcome


def test_events_of_a_range_are_in_the_past_of_each_of_its_units(office: Office) -> None:
    batch = office.released()
    office.report_range(batch, Action.VOID, 3, 4)
    tags = office.tags(batch)
    pasts = [
        office.services.pasts.of(office.caller(), batch.gtin, tag.identity.serial).range_events
        for tag in (tags[0], tags[3])
    ]
    actions = [[event.change.action for event in events or ()] for events in pasts]
    assert actions == [[Action.ACTIVATE], [Action.VOID, Action.ACTIVATE]]
