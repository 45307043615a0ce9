from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tagcore.errors import Gs1SyntaxError
from tagcore.history import Place
from tagserver.ports import Report, ReportReason, ReportStatus, Scope
from tagserver.services.access import Caller
from tagserver.services.errors import AccessError, Refusal, ServiceError
from tagserver.services.reports import Complaint
from tests.tagserver.services.cast import (
    DISTILLERY,
    GTIN,
    HOSPITAL,
    NOW,
    RIVAL,
    Office,
    gtin_of,
    sight,
)
from tests.tagserver.services.people import assert_refused, logged_in, move_in

BEIJING = Place(country="CN", latitude=39.75, longitude=116.25, radius_km=40.0)
KEPT = timedelta(days=180)


def complaint(**more: object) -> Complaint:
    plain = Complaint(
        gtin=GTIN,
        serial="SERIAL0",
        reason=ReportReason.OPENED,
        text=" The cap was loose.\n瓶盖松了 ",
        contact=" ada@example.com ",
        verdict="SEEN_ELSEWHERE",
    )
    return replace(plain, **more)  # type: ignore[arg-type] # a test names fields that exist


def filed(office: Office, **more: object) -> Report:
    return office.services.reports.file(complaint(**more), sight("somebody", BEIJING))


def test_a_report_reaches_the_producer_of_the_product(any_office: Office) -> None:
    report = filed(any_office)
    assert (report.status, report.at, report.org_id) == (ReportStatus.NEW, NOW, DISTILLERY)
    assert (report.text, report.contact) == ("The cap was loose.\n瓶盖松了", "ada@example.com")
    assert (report.viewer, report.place) == (sight("somebody").viewer, BEIJING)
    reports = any_office.services.reports
    assert reports.of(any_office.caller()) == (report,)
    assert reports.find(any_office.caller(), report.id) == report
    assert reports.of(any_office.caller(RIVAL)) == ()


def test_a_report_needs_no_more_than_product_and_reason(office: Office) -> None:
    report = filed(office, serial=None, text="", contact="", verdict="")
    assert (report.serial, report.text, report.contact, report.verdict) == (None, "", "", "")


def test_a_product_that_was_never_registered_goes_to_the_producer_of_its_prefix(office: Office) -> None:
    assert filed(office, gtin=gtin_of("0950600099999")).org_id == DISTILLERY
    assert filed(office, gtin=gtin_of("0952000199999")).org_id == RIVAL


def test_refuses_a_report_that_nobody_answers_for(office: Office) -> None:
    with pytest.raises(ServiceError) as caught:
        filed(office, gtin=gtin_of("0400638133393"))
    assert_refused(Refusal.NOT_FOUND, caught, "gtin")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text", "x" * 2_001),
        ("text", "x" * 6_000),
        ("text", "\x00"),
        ("contact", "x" * 201),
        ("contact", "two\nlines"),
        ("verdict", "GENUINE"),
    ],
)
def test_refuses_a_field_that_is_too_long_or_no_text(office: Office, field: str, value: str) -> None:
    with pytest.raises(ServiceError) as caught:
        filed(office, **{field: value})
    assert_refused(Refusal.INPUT_INVALID, caught, field)


def test_refuses_a_serial_that_is_none(office: Office) -> None:
    with pytest.raises(Gs1SyntaxError):
        filed(office, serial="a b")


def test_takes_2000_characters_of_any_script(office: Office) -> None:
    assert len(filed(office, text="假" * 2_000).text) == 2_000


def test_a_producer_takes_a_report_and_closes_it_with_a_reason(any_office: Office) -> None:
    move_in(any_office)
    session, _ = logged_in(any_office)
    caller, reports = any_office.services.accounts.caller(session), any_office.services.reports
    report = filed(any_office)
    taken = reports.take(caller, report.id)
    assert (taken.status, taken.handled_by) == (ReportStatus.ACTIVE, session.account.id)
    any_office.clock.advance(timedelta(hours=1))
    closed = reports.close(caller, report.id, " Replaced the bottle. ")
    assert (closed.status, closed.closing_reason) == (ReportStatus.CLOSED, "Replaced the bottle.")
    assert closed.closed_at == NOW + timedelta(hours=1)
    assert reports.find(caller, report.id) == closed
    assert reports.of(caller, status=ReportStatus.NEW) == ()
    newest, before = any_office.services.access.trail(limit=2)
    assert [before.action, newest.action] == ["report.take", "report.close"]
    assert (newest.account_id, newest.subject) == (session.account.id, report.id)


def test_a_new_report_may_be_closed_at_once_and_a_closed_one_stays_so(office: Office) -> None:
    caller, reports = office.caller(), office.services.reports
    report = filed(office)
    reports.close(caller, report.id, "Twice the same.")
    both: tuple[Callable[[], object], ...] = (
        lambda: reports.take(caller, report.id),
        lambda: reports.close(caller, report.id, "No."),
    )
    for again in both:
        with pytest.raises(ServiceError) as caught:
            again()
        assert_refused(Refusal.TRANSITION_REFUSED, caught)
    other = filed(office)
    reports.take(caller, other.id)
    with pytest.raises(ServiceError) as caught:
        reports.take(caller, other.id)
    assert_refused(Refusal.TRANSITION_REFUSED, caught)


@pytest.mark.parametrize("reason", ["", " \n", "x" * 2_001])
def test_closing_needs_a_reason(office: Office, reason: str) -> None:
    report = filed(office)
    with pytest.raises(ServiceError) as caught:
        office.services.reports.close(office.caller(), report.id, reason)
    assert_refused(Refusal.INPUT_INVALID, caught, "reason")
    assert office.services.reports.find(office.caller(), report.id) == report


def test_nobody_but_the_producer_sees_or_closes_a_report(office: Office) -> None:
    report, reports = filed(office), office.services.reports
    rival = office.caller(RIVAL)
    acts: tuple[Callable[[], object], ...] = (
        lambda: reports.find(rival, report.id),
        lambda: reports.take(rival, report.id),
        lambda: reports.close(rival, report.id, "Mine."),
        lambda: reports.find(rival, "unknown"),
    )
    for act in acts:
        with pytest.raises(ServiceError) as caught:
            act()
        assert_refused(Refusal.NOT_FOUND, caught)


@pytest.mark.parametrize("org", [DISTILLERY, HOSPITAL])
def test_reports_need_their_scope(office: Office, org: str) -> None:
    report, reports = filed(office), office.services.reports
    organisation = office.services.access.organisation(org)
    caller = Caller(organisation=organisation, token_id=None, scopes=frozenset(Scope) - {Scope.REPORTS})
    acts: tuple[Callable[[], object], ...] = (
        lambda: reports.of(caller),
        lambda: reports.counts(caller),
        lambda: reports.find(caller, report.id),
        lambda: reports.take(caller, report.id),
        lambda: reports.close(caller, report.id, "Mine."),
    )
    for act in acts:
        with pytest.raises(AccessError) as caught:
            act()
        assert_refused(Refusal.SCOPE_MISSING, caught)
    assert Scope.REPORTS not in office.caller(HOSPITAL).scopes


def test_lists_page_by_page_and_counts(office: Office) -> None:
    caller, reports = office.caller(), office.services.reports
    made = []
    for _ in range(5):
        made.append(filed(office))
        office.clock.advance(timedelta(seconds=1))
    newest_first = tuple(reversed(made))
    assert reports.of(caller, limit=3) == newest_first[:3]
    assert reports.of(caller, limit=3, after=made[2].id) == newest_first[3:]
    assert reports.of(caller, limit=0) == newest_first[:1]
    reports.take(caller, made[0].id)
    assert reports.counts(caller) == {
        ReportStatus.NEW: 4,
        ReportStatus.ACTIVE: 1,
        ReportStatus.CLOSED: 0,
    }


def test_contact_viewer_and_coordinates_are_forgotten_after_the_period_and_the_rest_stays(
    any_office: Office,
) -> None:
    reports = any_office.services.reports
    old = [filed(any_office) for _ in range(3)]
    any_office.clock.now = NOW + KEPT
    assert reports.forget() == 0  # on the last moment of the period
    any_office.clock.advance(timedelta(microseconds=1))
    new = filed(any_office)
    assert reports.forget(at_once=2) == 3
    found = reports.of(any_office.caller())
    assert found[0] == new
    erased = replace(old[0], contact="", viewer=None, place=Place(country="CN"))
    assert reports.find(any_office.caller(), old[0].id) == erased
    assert reports.forget() == 0
