from datetime import timedelta

from tagcore.history import Place
from tests.tagserver.services.cast import GTIN, NOW, Office, an_order, sight

BEIJING = Place(country="CN", latitude=39.75, longitude=116.25, radius_km=40.0)
KEPT = timedelta(days=90)


def test_viewers_and_coordinates_are_forgotten_after_the_period_and_the_rest_stays(
    any_office: Office,
) -> None:
    batch = any_office.released()
    url, serial = any_office.urls(batch)[0], any_office.tags(batch)[0].identity.serial
    any_office.verify(url, sight("one", BEIJING))
    any_office.clock.now = NOW + KEPT
    assert any_office.services.retention.forget() == 0  # on the last moment of the period
    any_office.clock.advance(timedelta(microseconds=1))
    any_office.verify(url, sight("two", BEIJING))
    assert any_office.services.retention.forget() == 1
    with any_office.store.read() as transaction:
        newer, older = transaction.scans.history(GTIN, serial)
    assert (older.viewer, older.place, older.at, older.headline) == (
        None,
        Place(country="CN"),
        NOW,
        "FIRST_SCAN",
    )
    assert (newer.viewer, newer.place) == (sight("two").viewer, BEIJING)
    assert any_office.services.retention.forget() == 0


def test_forgetting_goes_in_steps_until_all_is_forgotten(office: Office) -> None:
    for url in office.urls(office.released(an_order(7))):
        office.verify(url)
    office.clock.advance(KEPT + timedelta(seconds=1))
    assert office.services.retention.forget(at_once=3) == 7


def test_a_verdict_long_after_knows_only_of_viewers_that_are_not_forgotten(office: Office) -> None:
    url = office.urls(office.released(an_order(expiry=None)))[0]
    office.verify(url, sight("one", BEIJING))
    office.clock.advance(KEPT + timedelta(days=1))
    office.services.retention.forget()
    verification = office.verify(url, sight("two"))
    assert verification.dossier.history is not None
    assert verification.dossier.history.other_viewers == 0
    past = office.services.pasts.of(None, GTIN, verification.serial or "")
    assert (past.totals.scans, past.totals.first_seen) == (2, NOW)
