from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagcore.history import History, Place, Scan, Signal, Thresholds, distance_km, summarise
from tests.tagcore.strategies import moments

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
PARIS = Place(country="FR", latitude=48.8566, longitude=2.3522)
LYON = Place(country="FR", latitude=45.7640, longitude=4.8357)  # 392 km from Paris
BEIJING = Place(country="CN", latitude=39.9042, longitude=116.4074)  # 8,200 km from Paris
DEFAULTS = Thresholds()
ME = b"me"


def scan(hours_ago: float, viewer: bytes = b"other", place: Place | None = None, **more: bool) -> Scan:
    return Scan(at=NOW - timedelta(hours=hours_ago), viewer=viewer, place=place, **more)


def summary(*past: Scan, place: Place | None = None, thresholds: Thresholds = DEFAULTS) -> History:
    return summarise(past, scan(0, ME, place), thresholds)


def travels(*past: Scan, place: Place | None = None) -> bool:
    return Signal.IMPOSSIBLE_TRAVEL in summary(*past, place=place).signals


def test_a_first_scan_has_no_past() -> None:
    assert summary(place=PARIS) == History(
        total=0,
        other_viewers=0,
        first_at=None,
        first_country=None,
        seen_before_by_viewer=False,
        signals=frozenset(),
    )


def test_the_same_viewer_again_is_no_other_viewer() -> None:
    history = summary(scan(3, ME), scan(2, ME))
    assert (history.total, history.other_viewers, history.seen_before_by_viewer) == (2, 0, True)
    assert history.first_at is None


def test_tells_the_first_of_the_others_in_whatever_order_they_come() -> None:
    history = summary(scan(1, b"b", BEIJING), scan(9, ME), scan(5, b"a", PARIS), scan(3, b"a"))
    assert (history.total, history.other_viewers) == (4, 2)
    assert (history.first_at, history.first_country) == (NOW - timedelta(hours=5), "FR")


def test_a_first_scan_without_a_place_has_no_country() -> None:
    assert summary(scan(5)).first_country is None


# ---- impossible travel


def test_finds_travel_faster_than_an_airliner() -> None:
    assert travels(scan(10, place=PARIS), place=BEIJING)


def test_finds_no_travel_at_an_airliners_pace() -> None:
    assert not travels(scan(11, place=PARIS), place=BEIJING)


def test_finds_travel_between_past_scans_too() -> None:
    assert travels(scan(9, b"a", PARIS), scan(8, b"b", BEIJING))


def test_two_scans_at_one_moment_far_apart_are_travel() -> None:
    assert travels(scan(0, place=PARIS), place=BEIJING)


def test_finds_no_travel_within_a_region() -> None:
    near = replace(LYON, latitude=47.0)
    assert not travels(scan(0.01, place=PARIS), place=near)


def test_takes_both_radii_off_the_distance() -> None:
    assert travels(scan(0.1, place=PARIS), place=LYON)
    assert not travels(scan(0.1, place=replace(PARIS, radius_km=50)), place=replace(LYON, radius_km=50))


def test_a_vpns_address_makes_no_travel() -> None:
    assert not travels(scan(1, place=PARIS, reliable_place=False), place=BEIJING)


def test_a_scan_without_coordinates_is_passed_over() -> None:
    country_only = scan(1, b"c", Place(country="US"))
    half = scan(1, b"d", Place(latitude=1.0))
    assert not travels(country_only, half, place=BEIJING)
    assert travels(scan(2, b"a", PARIS), country_only, half, scan(1, b"e"), place=BEIJING)


def test_one_persons_device_makes_no_travel_with_itself() -> None:
    assert not travels(scan(1, ME, PARIS), place=BEIJING)


def test_an_organisation_makes_travel_with_itself() -> None:
    assert travels(scan(1, ME, PARIS, professional=True), place=BEIJING)


# ---- bursts


def viewers(count: int, hours_ago: float) -> list[Scan]:
    return [scan(hours_ago, bytes([number])) for number in range(count)]


def bursts(*past: Scan) -> bool:
    return Signal.VIEWER_BURST in summary(*past).signals


def test_five_strangers_within_thirty_days_are_a_burst_and_four_are_not() -> None:
    assert bursts(*viewers(5, 24 * 29))
    assert not bursts(*viewers(4, 24 * 29))


def test_strangers_of_long_ago_are_no_burst() -> None:
    assert not bursts(*viewers(5, 24 * 30))


def test_one_viewer_many_times_is_no_burst() -> None:
    assert not bursts(*[scan(hours) for hours in range(50)])


def test_the_trades_checks_are_no_crowd() -> None:
    history = summary(*(replace(check, professional=True) for check in viewers(9, 5)))
    assert history.signals == frozenset()
    assert (history.total, history.other_viewers) == (9, 0)


def test_a_product_may_have_thresholds_of_its_own() -> None:
    strict = Thresholds(burst_viewers=2, burst_window=timedelta(hours=1))
    assert summary(*viewers(2, 0.5), thresholds=strict).signals == {Signal.VIEWER_BURST}


# ---- distances


@pytest.mark.parametrize(("a", "b", "km"), [(PARIS, LYON, 392), (PARIS, BEIJING, 8_220), (PARIS, PARIS, 0)])
def test_measures_great_circles(a: Place, b: Place, km: int) -> None:
    assert distance_km(a, b) == pytest.approx(km, rel=0.01, abs=0.1)


def test_measures_half_around_the_world() -> None:
    here, there = Place(latitude=0.0, longitude=0.0), Place(latitude=0.0, longitude=180.0)
    assert distance_km(here, there) == pytest.approx(20_015, rel=0.001)


def test_measures_nothing_without_coordinates() -> None:
    for place in (Place(), Place(latitude=1.0), Place(longitude=1.0)):
        assert distance_km(place, PARIS) is None
        assert distance_km(PARIS, place) is None


coordinates = st.none() | st.floats(-90, 90)
places = st.none() | st.builds(
    Place,
    country=st.none() | st.sampled_from(["CN", "DE"]),
    latitude=coordinates,
    longitude=coordinates,
    radius_km=st.floats(0, 1000),
)
scans = st.builds(
    Scan,
    at=moments,
    viewer=st.sampled_from([b"a", b"b", b"c"]),
    place=places,
    reliable_place=st.booleans(),
    professional=st.booleans(),
)


@given(st.lists(scans, max_size=12), scans)
def test_any_past_has_a_summary_that_its_order_does_not_change(past: list[Scan], present: Scan) -> None:
    distinct = list({scan.at: scan for scan in past}.values())
    history = summarise(distinct, present, DEFAULTS)
    assert history == summarise(distinct[::-1], present, DEFAULTS)
    assert history.other_viewers <= history.total == len(distinct)
    assert (history.first_at is None) == (history.other_viewers == 0)
