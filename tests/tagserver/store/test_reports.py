from dataclasses import replace

import pytest

from tagcore.history import Place
from tagserver.ports import (
    AccountId,
    AlreadyExistsError,
    NotStoredError,
    OrgId,
    Report,
    ReportReason,
    ReportStatus,
    StateConflictError,
    Store,
)
from tests.tagserver.store.cast import DISTILLERY, GTIN, HOSPITAL, MINUTE, NOW, all_at_once, settle

BEIJING = Place(country="CN", latitude=39.75, longitude=116.25, radius_km=40.0)


def report(name: str = "r1", *, minutes: int = 0) -> Report:
    return Report(
        id=name,
        gtin=GTIN,
        serial="SERIAL0",
        org_id=DISTILLERY,
        at=NOW + minutes * MINUTE,
        reason=ReportReason.OPENED,
        text="The cap was loose.\n瓶盖松了",
        contact="ada@example.com",
        verdict="SEEN_ELSEWHERE",
        place=BEIJING,
        viewer=b"\x01" * 16,
    )


def active(one: Report) -> Report:
    return replace(one, status=ReportStatus.ACTIVE, handled_by=AccountId("ada"))


def test_a_report_comes_back_as_it_was_stored(store: Store) -> None:
    settle(store)
    bare = Report(
        id="r2", gtin=GTIN, serial=None, org_id=DISTILLERY, at=NOW, reason=ReportReason.OTHER, place=None
    )
    with store.write() as tx:
        tx.reports.add(report())
        tx.reports.add(bare)
    with store.read() as tx:
        assert tx.reports.find("r1") == report()
        assert tx.reports.find("r2") == bare
        assert tx.reports.find("r3") is None


def test_a_report_shows_neither_contact_nor_words_in_a_log() -> None:
    assert "ada@" not in repr(report())
    assert "cap" not in repr(report())


def test_refuses_a_report_twice_and_one_to_nobody(store: Store) -> None:
    settle(store)
    with store.write() as tx:
        tx.reports.add(report())
    with pytest.raises(AlreadyExistsError), store.write() as tx:
        tx.reports.add(report())
    with pytest.raises(NotStoredError, match="organisation of report"), store.write() as tx:
        tx.reports.add(replace(report("r2"), org_id=OrgId("nobody")))


def test_lists_an_organisations_own_newest_first_page_by_page(store: Store) -> None:
    settle(store)
    reports = [report("b", minutes=1), report("a"), report("d", minutes=1), report("c", minutes=2)]
    with store.write() as tx:
        for one in reports:
            tx.reports.add(one)
        tx.reports.add(replace(report("other", minutes=1), org_id=HOSPITAL))
    with store.read() as tx:
        pages = [
            [one.id for one in tx.reports.of_organisation(DISTILLERY, limit=2, after=after)]
            for after in (None, "d", "a", "unknown")
        ]
    assert pages == [["c", "d"], ["b", "a"], [], []]


def test_lists_and_counts_by_status(store: Store) -> None:
    settle(store)
    with store.write() as tx:
        tx.reports.add(report())
        tx.reports.add(report("r2"))
        tx.reports.settle(active(report()), expected=ReportStatus.NEW)
    with store.read() as tx:
        found = tx.reports.of_organisation(DISTILLERY, limit=9, status=ReportStatus.ACTIVE)
        assert found == (active(report()),)
        assert tx.reports.counts(DISTILLERY) == {
            ReportStatus.NEW: 1,
            ReportStatus.ACTIVE: 1,
            ReportStatus.CLOSED: 0,
        }
        assert set(tx.reports.counts(HOSPITAL).values()) == {0}


def test_of_several_that_take_one_report_at_once_one_gets_it(store: Store) -> None:
    settle(store)
    with store.write() as tx:
        tx.reports.add(report())

    def take() -> None:
        with store.write() as tx:
            tx.reports.settle(active(report()), expected=ReportStatus.NEW)

    outcomes = all_at_once([take] * 4)
    assert sorted(type(one).__name__ for one in outcomes) == ["NoneType"] + ["StateConflictError"] * 3


def test_closing_keeps_reason_and_time(store: Store) -> None:
    settle(store)
    closed = replace(report(), status=ReportStatus.CLOSED, closing_reason="Replaced.", closed_at=NOW + MINUTE)
    with store.write() as tx:
        tx.reports.add(report())
        tx.reports.settle(closed, expected=ReportStatus.NEW)
        assert tx.reports.find("r1") == closed
    with pytest.raises(StateConflictError), store.write() as tx:
        tx.reports.settle(active(report()), expected=ReportStatus.NEW)


def test_people_are_forgotten_and_the_report_stays(store: Store) -> None:
    settle(store)
    bare = replace(report("bare"), contact="", viewer=None, place=Place(country="CN"))
    with store.write() as tx:
        for one in (report(), report("r2"), report("new", minutes=1), bare):
            tx.reports.add(one)
        assert tx.reports.forget_people(before=NOW + MINUTE, limit=1) == 1
        assert tx.reports.forget_people(before=NOW + MINUTE) == 1
        assert tx.reports.forget_people(before=NOW + MINUTE) == 0
    with store.read() as tx:
        erased = {"contact": "", "viewer": None, "place": Place(country="CN")}
        assert tx.reports.find("r1") == replace(report(), **erased)  # type: ignore[arg-type] # fields of a report
        assert tx.reports.find("new") == report("new", minutes=1)
