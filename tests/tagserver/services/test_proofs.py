from datetime import timedelta
from pathlib import Path

import pytest

from tagcore.errors import Step
from tagcore.evidence import Failed, Pending, Proven
from tagcore.proof import verify_proof
from tagcore.reasons import Code
from tagcore.tag import format_url
from tagcore.trust import TrustBundle, parse_trust
from tagserver.ports import Batch
from tagserver.services.errors import AccessError, ServiceError
from tests.tagserver.services.cast import RIVAL, Forger, Office, an_order, gtin_of, signed_by


@pytest.fixture
def logged(office: Office) -> Office:
    office.services.logs.create()
    return office


def trust(office: Office) -> TrustBundle:
    """The bundle as verifiers read it."""
    office.services.trust.sign(office.root)
    data = office.services.trust.published()
    assert data is not None
    return parse_trust(data, office.root.public_key)


def damage(office: Office, statement: str) -> None:
    with office.store.write() as tx:
        tx.log._link.driver.execute(statement)


@pytest.mark.parametrize("count", [1, 5, 300])
def test_every_tag_of_a_logged_batch_has_a_proof_that_holds(logged: Office, count: int) -> None:
    batch = logged.issue(an_order(count))
    logged.services.logs.run()
    bundle = trust(logged)
    for index in {0, count // 2, count - 1}:
        data = logged.services.proofs.of_text(logged.urls(batch)[index])
        proven = verify_proof(data, bundle, logged.clock())
        assert (proven.index, proven.manifest.number, proven.log_index) == (index, batch.number, 3)


def test_the_producer_may_have_it_by_serial(logged: Office) -> None:
    batch = logged.issue()
    logged.services.logs.run()
    identity = logged.tags(batch)[2].identity
    data = logged.services.proofs.of_unit(logged.caller(), identity.gtin, identity.serial)
    assert data == logged.services.proofs.of_text(logged.urls(batch)[2])


def test_nobody_else_gets_a_signature_for_a_serial(logged: Office) -> None:
    batch = logged.issue()
    logged.services.logs.run()
    identity = logged.tags(batch)[0].identity
    with pytest.raises(AccessError):
        logged.services.proofs.of_unit(logged.caller(RIVAL), identity.gtin, identity.serial)


def test_there_is_none_before_the_batch_is_in_the_log(logged: Office) -> None:
    batch = logged.issue()
    with pytest.raises(ServiceError) as caught:
        logged.services.proofs.of_text(logged.urls(batch)[0])
    assert caught.value.code == "PROOF_PENDING"


def test_refuses_what_is_not_a_genuine_tag_of_the_unit(logged: Office) -> None:
    batch = logged.issue()
    logged.services.logs.run()
    first, second = logged.urls(batch)[:2]
    proofs = logged.services.proofs
    serial = logged.tags(batch)[0].identity.serial
    forged = signed_by(Forger.with_seed(bytes(32)), logged.tags(batch)[0])
    for text in ("HTTPS://OTHER.EXAMPLE.COM/1", format_url(forged, batch.host, batch.profile)):
        with pytest.raises(ServiceError) as caught:
            proofs.of_text(text)
        assert (caught.value.code, caught.value.field) == ("INPUT_INVALID", "tag")
    with pytest.raises(ServiceError, match="another unit"):
        proofs.of_text(second, serial=serial)
    with pytest.raises(ServiceError, match="another unit"):
        proofs.of_text(first, gtin=gtin_of("0950600013436"))


def standing(office: Office, batch: Batch) -> object:
    return office.verify(office.urls(batch)[0]).dossier.log.finding


def test_a_verification_tells_where_the_batch_stands(logged: Office) -> None:
    batch = logged.released()
    assert standing(logged, batch) == Pending()
    logged.services.logs.run()
    logged.clock.advance(timedelta(seconds=2))
    assert standing(logged, batch) == Proven()
    found = logged.verify(logged.urls(batch)[0]).dossier.log
    assert (found.index, found.size) == (3, 4)


def test_without_a_log_nothing_is_said(office: Office) -> None:
    batch = office.released()
    assert standing(office, batch) is None


def test_a_batch_changed_in_the_database_fails_although_it_was_seen_before(logged: Office) -> None:
    batch = logged.released()
    logged.services.logs.run()
    url = logged.urls(batch)[0]
    assert standing(logged, batch) == Proven()
    damage(logged, "UPDATE batch SET lot = 'OTHER'")
    verification = logged.verify(url)
    assert verification.dossier.log.finding == Failed(step=Step.BATCH_INCLUSION)
    assert Code.PROOF_INVALID in {reason.code for reason in verification.verdict.reasons}


def test_a_batch_that_nobody_logged_fails(logged: Office) -> None:
    batch = logged.released()
    damage(logged, "DELETE FROM log_entry WHERE kind = 'batch'")
    assert standing(logged, batch) == Failed(step=Step.LOG_INCLUSION)


def test_files_that_do_not_lead_to_the_signed_root_fail(logged: Office) -> None:
    batch = logged.released()
    logged.services.logs.run()
    tile: Path = logged.folder / "log" / "tile" / "0" / "000.p" / "4"
    tile.write_bytes(bytes(128))
    assert standing(logged, batch) == Failed(step=Step.LOG_INCLUSION)


def test_files_that_are_gone_are_an_outage_and_no_accusation(logged: Office) -> None:
    batch = logged.released()
    logged.services.logs.run()
    (logged.folder / "log" / "tile" / "0" / "000.p" / "4").unlink()
    assert standing(logged, batch) is None


def test_the_bundle_names_the_log_and_its_key(logged: Office) -> None:
    (log,) = trust(logged).logs
    state = logged.services.logs.status().state
    assert (log.origin, log.keys[0].public_key) == (state.origin, state.public_key)
    assert log.witnesses.threshold == 0


def test_a_bundle_without_a_log_names_none(office: Office) -> None:
    assert trust(office).logs == ()
