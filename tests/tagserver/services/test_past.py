import pytest

from tagcore.gs1 import Gtin
from tagcore.states import Action
from tagserver.ports import OrgId, Scope
from tagserver.services.access import Caller
from tagserver.services.errors import Refusal, ServiceError
from tagserver.services.past import Past
from tagserver.services.units import Report
from tests.tagserver.services.cast import (
    ADMIN,
    BOX_GTIN,
    DISTILLERY,
    GTIN,
    HOSPITAL,
    INSPECTOR,
    RIVAL,
    WHOLESALER,
    Office,
    sight,
)


@pytest.fixture
def serial(office: Office) -> str:
    """A unit that was looked at twice, and dispensed."""
    batch = office.released()
    for viewer in ("one", "two"):
        office.verify(office.urls(batch)[0], sight(viewer))
    found = office.tags(batch)[0].identity.serial
    office.services.units.report(office.caller(HOSPITAL), GTIN, found, Report(action=Action.DISPENSE))
    return found


def past(office: Office, org: OrgId | None, serial: str, gtin: Gtin = GTIN) -> Past:
    return office.services.pasts.of(office.caller(org) if org else None, gtin, serial)


@pytest.mark.parametrize("org", [None, RIVAL, WHOLESALER, HOSPITAL])
def test_everybody_reads_the_totals_and_no_more(office: Office, serial: str, org: OrgId | None) -> None:
    found = past(office, org, serial)
    assert (found.totals.scans, found.totals.distinct_viewers) == (2, 2)
    assert (found.scans, found.events, found.range_events) == (None, None, None)


@pytest.mark.parametrize("org", [DISTILLERY, INSPECTOR, ADMIN])
def test_its_producer_and_inspectors_read_scans_and_events(office: Office, serial: str, org: OrgId) -> None:
    found = past(office, org, serial)
    assert [len(part or ()) for part in (found.scans, found.events, found.range_events)] == [2, 1, 1]


def test_a_token_without_the_scope_reads_what_the_public_does(office: Office, serial: str) -> None:
    organisation = office.services.access.organisation(DISTILLERY)
    caller = Caller(organisation=organisation, token_id=None, scopes=frozenset({Scope.BATCHES}))
    assert office.services.pasts.of(caller, GTIN, serial).scans is None


def test_a_unit_that_never_was_has_no_past(office: Office, serial: str) -> None:
    for gtin, other in ((GTIN, "NONE"), (BOX_GTIN, serial), (GTIN, serial.lower())):
        with pytest.raises(ServiceError) as caught:
            past(office, None, other, gtin)
        assert caught.value.code is Refusal.NOT_FOUND
