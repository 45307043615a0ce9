"""The database really gone, locked or cut off: the answer is that nobody can check, never that it matches."""

import sqlite3
from pathlib import Path

import pytest

from tagcore.evidence import Typed
from tagcore.reasons import Code, Level
from tagcore.tag import Profile, format_url
from tagserver.ports import StoreUnavailableError
from tagserver.services.verify import Verification
from tagserver.store import database
from tests.postgres import PostgresServer
from tests.tagserver.services.cast import (
    DISTILLERY,
    GTIN,
    HOST,
    Forger,
    Office,
    of_serials,
    open_office,
    sight,
    signed_by,
)


def assert_cannot_check(verification: Verification) -> None:
    assert verification.verdict.headline.code is Code.CANNOT_CHECK
    assert verification.verdict.level is Level.UNCHECKED
    assert [reason.code for reason in verification.verdict.reasons] == [Code.CANNOT_CHECK]
    assert verification.dossier.unit is None


def every_way(office: Office, url: str) -> list[Verification]:
    verifying, who = office.services.verifying, sight("anybody")
    typed = Typed(gtin=GTIN, serial="0000000000000")
    return [
        verifying.verify_text(url, who),
        verifying.verify_path(url.removeprefix(f"HTTPS://{HOST}"), who),
        verifying.verify_typed(typed, who),
    ]


def test_without_the_database_file_nothing_is_checked(office: Office) -> None:
    url = office.urls(office.released())[0]
    lose_the_store(office)
    for verification in every_way(office, url):
        assert_cannot_check(verification)


def test_without_its_folder_nothing_is_checked_although_the_keys_were_read_just_before(
    office: Office,
) -> None:
    url = office.urls(office.released())[0]
    office.services.trust.now_in_force()
    office.store.close()
    office.folder.rename(office.folder.with_name("elsewhere"))
    for verification in every_way(office, url):
        assert_cannot_check(verification)


def lose_the_store(office: Office) -> None:
    office.store.close()
    for path in office.folder.glob("origintag.db*"):
        path.unlink()


def test_the_published_keys_find_a_forgery_without_the_store_and_claim_nothing_better(office: Office) -> None:
    office.services.trust.sign(office.root)
    batch = office.released()
    genuine = office.urls(batch)[0]
    forged = signed_by(Forger.with_seed(bytes(32)), office.tags(batch)[0])
    lose_the_store(office)
    for verification in every_way(office, genuine):
        assert_cannot_check(verification)
    verdict = office.verify(format_url(forged, HOST, Profile.DIGITAL_LINK)).verdict
    assert [reason.code for reason in verdict.reasons] == [Code.SIGNATURE_INVALID, Code.CANNOT_CHECK]
    foreign = office.verify(format_url(forged, "EVIL.EXAMPLE.COM", Profile.DIGITAL_LINK))
    assert foreign.verdict.headline.code is Code.FOREIGN_CODE


def test_a_key_that_the_published_bundle_lacks_is_no_finding_in_an_outage(office: Office) -> None:
    office.services.trust.sign(office.root)
    office.services.keys.rotate(DISTILLERY)
    url = office.urls(office.released())[0]
    lose_the_store(office)
    assert_cannot_check(office.verify(url))


def test_a_damaged_published_bundle_is_as_good_as_none(office: Office) -> None:
    url = office.urls(office.released())[0]
    (office.folder / "trust.json").write_bytes(b"{}")
    lose_the_store(office)
    assert_cannot_check(office.verify(url))


def test_a_scan_that_cannot_be_recorded_is_no_match(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever holds the write lock lets others read: the evidence is good, yet the scan would be lost."""
    url = office.urls(office.released())[0]
    monkeypatch.setattr(database, "BUSY_TIMEOUT_SECONDS", 0)
    impatient = open_office(office.folder, office.database_url)
    holder = sqlite3.connect(office.folder / "origintag.db", isolation_level=None)
    try:
        holder.execute("BEGIN IMMEDIATE")
        assert_cannot_check(impatient.verify(url))
        holder.execute("ROLLBACK")
        assert impatient.verify(url).verdict.headline.code is Code.FIRST_SCAN
    finally:
        holder.close()
        impatient.store.close()


def test_a_forgery_is_still_called_one_when_only_the_recording_fails(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    forged = signed_by(Forger.with_seed(bytes(32)), office.tags(office.released())[0])
    monkeypatch.setattr(database, "BUSY_TIMEOUT_SECONDS", 0)
    impatient = open_office(office.folder, office.database_url)
    holder = sqlite3.connect(office.folder / "origintag.db", isolation_level=None)
    try:
        holder.execute("BEGIN IMMEDIATE")
        verdict = impatient.verify(format_url(forged, HOST, Profile.DIGITAL_LINK)).verdict
    finally:
        holder.close()
        impatient.store.close()
    assert [reason.code for reason in verdict.reasons] == [Code.SIGNATURE_INVALID, Code.CANNOT_CHECK]


def test_without_a_batchs_list_of_serials_its_product_cannot_be_checked(office: Office) -> None:
    batch = office.released(of_serials("A", "B"))
    url = office.urls(batch)[0]
    (office.folder / "batches" / f"{batch.number}.serials").write_bytes(b"damaged")
    assert_cannot_check(office.verify(url))
    (office.folder / "batches" / f"{batch.number}.serials").unlink()
    assert_cannot_check(office.verify(url))


def test_a_list_of_serials_that_may_not_be_read_is_an_outage(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = office.urls(office.released(of_serials("A", "B")))[0]

    def refuse(self: Path, *_arguments: object, **_named: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", refuse)
    assert_cannot_check(office.verify(url))


def test_a_database_server_that_is_cut_off_is_an_outage_and_then_over(
    postgres_office: Office, postgres_server: PostgresServer
) -> None:
    url = postgres_office.urls(postgres_office.released())[0]
    name = postgres_office.database_url.rpartition("/")[2].partition("?")[0]
    postgres_server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    postgres_server.execute(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    )
    for verification in every_way(postgres_office, url):
        assert_cannot_check(verification)
    postgres_server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    assert postgres_office.verify(url).verdict.headline.code is Code.FIRST_SCAN


def test_other_verbs_say_that_the_store_is_away(office: Office) -> None:
    lose_the_store(office)
    with pytest.raises(StoreUnavailableError):
        office.services.issuing.work_once(owner="worker")
    with pytest.raises(StoreUnavailableError):
        office.services.trust.now_in_force()
    with pytest.raises(StoreUnavailableError):
        office.services.access.authenticate("ot_" + "0" * 16 + "_" + "0" * 64)


def test_what_was_in_force_is_not_believed_longer_during_an_outage(office: Office) -> None:
    before = office.services.trust.now_in_force()
    lose_the_store(office)
    assert office.services.trust.now_in_force() is before
    office.clock.now = office.clock.now.replace(minute=31)
    with pytest.raises(StoreUnavailableError):
        office.services.trust.now_in_force()
