from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tagcore.history import Place
from tagserver.ports import HISTORY_LIMIT, ScanRecord, ScanTotals, Store
from tagserver.store import scans as scans_module
from tests.tagserver.store.cast import GTIN, HOSPITAL, MINUTE, NOW, OTHER_GTIN, all_at_once

BERLIN = Place(country="DE", latitude=52.5, longitude=13.4, radius_km=25.0)
SCAN = ScanRecord(
    gtin=GTIN,
    serial="S1",
    at=NOW,
    viewer=b"\x01" * 16,
    org_id=None,
    place=BERLIN,
    reliable_place=True,
    level=0,
    headline="FIRST_SCAN",
    counted=True,
)


def add(store: Store, *scans: ScanRecord) -> None:
    with store.write() as tx:
        for scan in scans:
            tx.scans.add(scan)


def history(store: Store, *, limit: int = HISTORY_LIMIT) -> tuple[ScanRecord, ...]:
    with store.read() as tx:
        return tx.scans.history(GTIN, "S1", limit=limit)


def totals(store: Store) -> ScanTotals:
    with store.read() as tx:
        return tx.scans.totals(GTIN, "S1")


@pytest.mark.parametrize(
    "scan",
    [
        pytest.param(SCAN, id="by a consumer"),
        pytest.param(replace(SCAN, viewer=None, org_id=HOSPITAL, place=None, counted=False), id="by nobody"),
        pytest.param(replace(SCAN, place=Place(country="CN"), reliable_place=False), id="from a country"),
    ],
)
def test_a_scan_comes_back_as_it_was_stored(store: Store, scan: object) -> None:
    add(store, scan)  # type: ignore[arg-type]  # pytest's parameters have no type
    assert history(store) == (scan,)


def test_a_history_is_of_one_unit_newest_first_and_bounded(store: Store) -> None:
    mine = [replace(SCAN, at=NOW + MINUTE * n) for n in range(4)]
    add(store, mine[2], mine[0], mine[3], mine[1], replace(SCAN, serial="S2"), replace(SCAN, gtin=OTHER_GTIN))
    assert history(store) == tuple(reversed(mine))
    assert history(store, limit=2) == (mine[3], mine[2])


def test_a_history_has_never_more_than_a_thousand_scans(store: Store) -> None:
    add(store, *(replace(SCAN, at=NOW + timedelta(microseconds=n)) for n in range(1_005)))
    assert len(history(store, limit=99_999)) == 1_000


def test_scans_of_one_microsecond_are_all_kept(store: Store) -> None:
    add(store, *(replace(SCAN, viewer=bytes([n])) for n in range(5)))
    assert {scan.viewer for scan in history(store)} == {bytes([n]) for n in range(5)}


def test_scans_stored_at_once_are_all_kept(store: Store) -> None:
    assert all_at_once([lambda: add(store, SCAN)] * 6) == [None] * 6
    assert len(history(store)) == 6


def test_says_so_when_a_microsecond_is_full(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scans_module, "_SCANS_A_MICROSECOND", 1)
    add(store, SCAN)
    with pytest.raises(ValueError, match="one microsecond"):
        add(store, SCAN)


def test_ids_fit_64_bits_until_the_year_2112(store: Store) -> None:
    late = replace(SCAN, at=datetime(2112, 1, 1, tzinfo=UTC))
    add(store, late)
    assert history(store) == (late,)


def test_totals_count_viewers_and_countries_of_counted_scans(store: Store) -> None:
    add(
        store,
        replace(SCAN, at=NOW - MINUTE, counted=False),
        SCAN,
        replace(SCAN, at=NOW + MINUTE, place=Place(country="CN")),
        replace(SCAN, at=NOW + MINUTE * 2, viewer=b"\x02" * 16),
        replace(SCAN, at=NOW + MINUTE * 3, viewer=None, place=None),
    )
    assert totals(store) == ScanTotals(
        scans=4,
        distinct_viewers=2,
        countries=(("DE", 2), ("CN", 1)),
        first_seen=NOW,
        last_seen=NOW + MINUTE * 3,
        is_capped=False,
    )


def test_totals_of_a_unit_never_scanned_are_nothing(store: Store) -> None:
    assert totals(store) == ScanTotals(
        scans=0, distinct_viewers=0, countries=(), first_seen=None, last_seen=None, is_capped=False
    )


def test_totals_are_over_a_bounded_number_of_the_newest_scans(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scans_module, "TOTALS_LIMIT", 2)
    add(store, *(replace(SCAN, at=NOW + MINUTE * n, viewer=bytes([n])) for n in range(4)))
    found = totals(store)
    assert (found.scans, found.distinct_viewers, found.is_capped) == (2, 2, True)
    assert (found.first_seen, found.last_seen) == (NOW, NOW + MINUTE * 3)


def test_forgets_who_and_where_after_the_retention_period_but_not_that(store: Store) -> None:
    old, new = SCAN, replace(SCAN, at=NOW + MINUTE)
    add(store, old, new)
    with store.write() as tx:
        assert tx.scans.forget_viewers(before=NOW + MINUTE) == 1
        assert tx.scans.forget_viewers(before=NOW + MINUTE) == 0
    assert history(store) == (new, replace(old, viewer=None, place=Place(country="DE")))


def test_forgets_the_oldest_first_in_portions(store: Store) -> None:
    add(store, *(replace(SCAN, at=NOW + MINUTE * n) for n in range(5)))
    with store.write() as tx:
        assert tx.scans.forget_viewers(before=NOW + MINUTE * 9, limit=2) == 2
    assert [scan.viewer is None for scan in history(store)] == [False, False, False, True, True]


def test_a_scan_with_nothing_personal_is_left_alone(store: Store) -> None:
    add(store, replace(SCAN, viewer=None, place=Place(country="DE"), org_id=HOSPITAL))
    with store.write() as tx:
        assert tx.scans.forget_viewers(before=NOW + MINUTE) == 0


def test_a_ticket_is_noted_once_until_it_is_forgotten(store: Store) -> None:
    ticket, other = b"t" * 16, b"o" * 16
    with store.write() as tx:
        assert tx.scans.first_time(ticket, at=NOW)
        assert not tx.scans.first_time(ticket, at=NOW + MINUTE)
        assert tx.scans.first_time(other, at=NOW + MINUTE)
    with store.write() as tx:
        assert tx.scans.forget_tickets(before=NOW + MINUTE) == 1
        assert tx.scans.first_time(ticket, at=NOW + MINUTE)
        assert not tx.scans.first_time(other, at=NOW + MINUTE)


def test_a_ticket_of_a_transaction_that_failed_was_never_noted(store: Store) -> None:
    def fail() -> None:
        with store.write() as tx:
            tx.scans.first_time(b"t" * 16, at=NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with store.write() as tx:
        assert tx.scans.first_time(b"t" * 16, at=NOW)
