from dataclasses import replace
from datetime import timedelta

import pytest

from tagcore.errors import TrustError
from tagcore.keys import KeyStatus
from tagcore.trust import TrustBundle, parse_trust
from tagserver.ports import KeyId, KeyPurpose, NotStoredError, OrgId
from tagserver.services import keys as keys_service
from tagserver.services.errors import Refusal, ServiceError
from tests.tagserver.services.cast import (
    DISTILLERY,
    GTIN,
    HOSPITAL,
    HOST,
    NOW,
    RIVAL,
    RIVAL_GTIN,
    RIVAL_HOST,
    Forger,
    Office,
)
from tests.tagserver.store.cast import all_at_once


def in_force(office: Office) -> TrustBundle:
    return office.services.trust.now_in_force(timedelta(0))


def status(office: Office, slot: int) -> KeyStatus:
    issuer = in_force(office).issuer(GTIN)
    assert issuer is not None
    key = issuer.key(slot)
    assert key is not None
    return key.status


def refusal(office: Office, org_id: str, lifetime: timedelta = timedelta(days=10)) -> Refusal:
    with pytest.raises(ServiceError) as caught:
        office.services.keys.create(org_id, lifetime=lifetime)
    return caught.value.code


def test_a_new_key_takes_the_next_slot_and_is_valid_from_now_on(any_office: Office) -> None:
    key = any_office.services.keys.create(DISTILLERY, lifetime=timedelta(days=10))
    assert (key.id, key.slot, key.status) == ("distillery-1", 1, KeyStatus.ACTIVE)
    assert (key.not_before, key.not_after) == (NOW, NOW + timedelta(days=10))
    assert any_office.services.keys.of(DISTILLERY)[1] == key
    opened = any_office.keystore.signing_key(key.id, KeyPurpose.ISSUER)
    assert opened.public_key == key.public_key


def test_keys_are_for_producers_that_exist(office: Office) -> None:
    assert refusal(office, "nobody") is Refusal.NOT_FOUND
    assert refusal(office, HOSPITAL) is Refusal.ROLE_MISSING


@pytest.mark.parametrize("days", [-1, 0, 0.99, 50 * 365 + 1, 900_000])
def test_a_key_lives_a_day_at_least_and_fifty_years_at_most(office: Office, days: float) -> None:
    assert refusal(office, DISTILLERY, timedelta(days=days)) is Refusal.INPUT_INVALID
    assert len(office.keystore.keys()) == 4  # no sealed key was left behind


def test_slots_are_never_used_again_and_run_out(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys_service, "SLOTS", 3)
    office.services.keys.revoke(office.services.keys.create(DISTILLERY).id)
    assert office.services.keys.create(DISTILLERY).slot == 2
    assert refusal(office, DISTILLERY) is Refusal.KEY_SLOTS_USED_UP


def test_rotating_retires_the_older_keys_and_leaves_revoked_ones_revoked(any_office: Office) -> None:
    keys = any_office.services.keys
    keys.revoke("distillery-0")
    second, third = keys.create(DISTILLERY), keys.rotate(DISTILLERY)
    statuses = {key.slot: key.status for key in keys.of(DISTILLERY)}
    assert statuses == {0: KeyStatus.REVOKED, second.slot: KeyStatus.RETIRED, third.slot: KeyStatus.ACTIVE}
    assert [key.status for key in keys.of(RIVAL)] == [KeyStatus.ACTIVE]


def test_revoking_keeps_the_first_time_and_takes_retired_keys_too(office: Office) -> None:
    keys = office.services.keys
    keys.rotate(DISTILLERY)
    first = keys.revoke("distillery-0")
    office.clock.advance(timedelta(days=1))
    assert keys.revoke("distillery-0").revoked_at == first.revoked_at == NOW
    with pytest.raises(NotStoredError):
        keys.revoke("distillery-9")


def test_what_was_done_with_keys_is_in_the_audit_trail(office: Office) -> None:
    office.services.keys.rotate(DISTILLERY)
    office.services.keys.revoke("distillery-0")
    office.services.trust.sign(office.root)
    actions = [(entry.action, entry.subject) for entry in office.services.access.trail(limit=4)]
    assert actions == [
        ("trust.sign", "1"),
        ("key.revoke", "distillery-0"),
        ("key.retire", "distillery-0"),
        ("key.create", "distillery-1"),
    ]


def test_a_sealed_key_left_by_a_crash_does_no_harm(office: Office) -> None:
    """The crash came after the private half was durable and before its record was."""
    left = office.keystore.create_signing_key(KeyId("distillery-1"), KeyPurpose.ISSUER, at=NOW)
    key = office.services.keys.create(DISTILLERY)
    assert (key.id, key.slot) == ("distillery-1-2", 1)
    assert key.public_key != left.public_key
    assert office.issue().key_id == key.id
    issuer = in_force(office).issuer(GTIN)
    assert issuer is not None
    assert left.public_key not in {known.public_key for known in issuer.keys}


def test_a_record_is_never_there_without_its_private_half(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    class DiskFullError(Exception):
        pass

    def fail(*_arguments: object, **_named: object) -> None:
        raise DiskFullError

    monkeypatch.setattr(type(office.keystore), "create_signing_key", fail)
    with pytest.raises(DiskFullError):
        office.services.keys.create(DISTILLERY)
    assert len(office.services.keys.of(DISTILLERY)) == 1


def test_keys_made_at_once_never_share_a_slot(any_office: Office) -> None:
    all_at_once([lambda: any_office.services.keys.create(DISTILLERY)] * 4)
    slots = [key.slot for key in any_office.services.keys.of(DISTILLERY)]
    assert slots == list(range(len(slots)))
    assert len(slots) > 1


def test_the_bundle_in_force_names_producers_with_their_covers_hosts_and_keys(office: Office) -> None:
    bundle = in_force(office)
    assert bundle.hosts == {HOST, RIVAL_HOST}
    assert {issuer.name for issuer in bundle.issuers} == {"The distillery", "The rival"}
    owner = bundle.issuer(RIVAL_GTIN)
    assert owner is not None
    assert (owner.name, len(owner.keys)) == ("The rival", 1)


def test_a_revocation_is_in_force_before_the_root_key_has_signed_it(office: Office) -> None:
    office.services.trust.sign(office.root)
    assert status(office, 0) is KeyStatus.ACTIVE
    office.services.keys.revoke("distillery-0")
    assert status(office, 0) is KeyStatus.REVOKED


def test_what_is_in_force_is_read_again_after_two_seconds(office: Office) -> None:
    trust = office.services.trust
    before = trust.now_in_force()
    office.services.keys.revoke("distillery-0")
    office.clock.advance(timedelta(seconds=1.9))
    assert trust.now_in_force() is before
    office.clock.advance(timedelta(seconds=0.1))
    assert trust.now_in_force() is not before


def test_a_clock_that_is_set_back_keeps_no_old_bundle_in_force(office: Office) -> None:
    before = office.services.trust.now_in_force()
    office.clock.advance(timedelta(hours=-1))
    assert office.services.trust.now_in_force() is not before


def test_signed_bundles_count_up_and_are_believed_by_whoever_pins_the_root(any_office: Office) -> None:
    trust = any_office.services.trust
    assert trust.published() is None
    versions = [trust.sign(any_office.root).version for _ in range(3)]
    assert versions == [1, 2, 3]
    data = trust.published()
    assert data is not None
    bundle = parse_trust(data, any_office.root.public_key)
    assert (bundle.version, bundle.issued) == (3, NOW.replace(microsecond=0))
    assert bundle.expires - bundle.issued == timedelta(days=90)
    assert bundle.issuer(GTIN) is not None


def test_the_published_bundle_stays_as_it_is_until_it_is_signed_anew(office: Office) -> None:
    office.services.trust.sign(office.root)
    before = office.services.trust.published()
    office.services.keys.rotate(DISTILLERY)
    assert office.services.trust.published() == before
    office.services.trust.sign(office.root)
    assert office.services.trust.published() != before


def test_only_the_pinned_root_key_signs(office: Office) -> None:
    with pytest.raises(ServiceError) as caught:
        office.services.trust.sign(Forger.with_seed(bytes(32)))
    assert caught.value.code is Refusal.INPUT_INVALID
    assert office.services.trust.published() is None


def test_a_damaged_bundle_is_not_replaced_by_one_that_begins_to_count_anew(office: Office) -> None:
    office.services.trust.sign(office.root)
    (office.folder / "trust.json").write_bytes(b"{}")
    with pytest.raises(TrustError):
        office.services.trust.sign(office.root)


@pytest.mark.parametrize("lifetime", [keys_service.SHORTEST_LIFETIME, keys_service.LONGEST_LIFETIME])
def test_every_lifetime_that_is_allowed_makes_a_bundle_that_can_be_read(
    office: Office, lifetime: timedelta
) -> None:
    office.services.keys.create(DISTILLERY, lifetime=lifetime)
    office.services.keys.revoke("distillery-0")
    office.services.trust.sign(office.root)
    assert office.services.trust.sign(office.root).version == 2


def test_a_producer_that_covers_nothing_is_not_in_the_bundle(office: Office) -> None:
    empty = replace(
        office.services.access.organisation(DISTILLERY), id=OrgId("empty"), name="Empty", prefixes=()
    )
    office.services.access.add_organisation(empty)
    assert "Empty" not in {issuer.name for issuer in in_force(office).issuers}
