from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tagcore.evidence import NotOurs, Typed
from tagcore.gs1 import parse_expiry
from tagcore.history import Place, Thresholds
from tagcore.reasons import Code, Level
from tagcore.states import Action, State
from tagcore.tag import Profile, Tag, format_url
from tagcore.verdict import Verdict
from tagserver.ports import HISTORY_LIMIT, Batch, KeyPurpose, NewBatch, OrgId, Product, ScanRecord
from tagserver.services.units import Report
from tagserver.services.verify import Verification
from tests.tagserver.services.cast import (
    DISTILLERY,
    GTIN,
    HOSPITAL,
    HOST,
    NOW,
    RIVAL,
    RIVAL_GTIN,
    RIVAL_HOST,
    SERIALS,
    WHOLESALER,
    Forger,
    Office,
    an_order,
    gtin_of,
    issuer_signer,
    of_serials,
    sight,
    signed_by,
)
from tests.tagserver.store.cast import all_at_once

PARIS = Place(country="FR", latitude=48.75, longitude=2.25, radius_km=40.0)
TOKYO = Place(country="JP", latitude=35.75, longitude=139.75, radius_km=40.0)
HOUR = timedelta(hours=1)


def codes(verdict: Verdict) -> list[Code]:
    return [reason.code for reason in verdict.reasons]


def scans(office: Office, verification: Verification) -> tuple[ScanRecord, ...]:
    assert verification.gtin is not None
    assert verification.serial is not None
    with office.store.read() as transaction:
        return transaction.scans.history(verification.gtin, verification.serial)


def url_of(tag: Tag, host: str = HOST) -> str:
    return format_url(tag, host, Profile.DIGITAL_LINK)


def released_tag(office: Office) -> Tag:
    return office.tags(office.released())[0]


def test_the_first_scan_of_a_released_unit_matches_the_record(any_office: Office) -> None:
    verification = any_office.verify(any_office.urls(any_office.released())[0])
    assert codes(verification.verdict) == [Code.FIRST_SCAN]
    assert verification.verdict.level is Level.MATCH
    dossier = verification.dossier
    assert dossier.product is not None
    assert dossier.unit is not None
    assert dossier.batch is not None
    assert (dossier.product.gtin, dossier.unit.standing.state, dossier.batch.lot, dossier.issuer) == (
        GTIN,
        State.ACTIVE,
        "LOT1",
        "The distillery",
    )


@pytest.mark.parametrize("profile", Profile)
def test_a_tag_is_verified_by_its_url_as_printed_as_a_browser_makes_it_and_by_its_path(
    office: Office, profile: Profile
) -> None:
    url = office.urls(office.released(an_order(1, profile=profile)))[0]
    path = url.removeprefix(f"HTTPS://{HOST}")
    for verification in (
        office.verify(url),
        office.verify(f"  https://{HOST.lower()}{path}\r\n"),
        office.services.verifying.verify_path(path, sight("anybody")),
    ):
        assert verification.verdict.level is Level.MATCH
        assert verification.at == NOW


def test_another_viewer_is_told_of_the_first_one(any_office: Office) -> None:
    url = any_office.urls(any_office.released())[0]
    any_office.verify(url, sight("one", Place(country="CN")))
    any_office.clock.advance(timedelta(days=3))
    seen = any_office.verify(url, sight("two"))
    assert codes(seen.verdict) == [Code.SEEN_BEFORE]
    detail = seen.verdict.headline.detail
    assert (detail["viewers"], detail["date"], detail["country"]) == ("1", "2026-03-01", "CN")


def test_the_same_viewer_again_is_no_other_viewer(office: Office) -> None:
    url = office.urls(office.released())[0]
    for _ in range(3):
        assert codes(office.verify(url, sight("one")).verdict) == [Code.FIRST_SCAN]
        office.clock.advance(HOUR)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("https://example.com/", Code.FOREIGN_CODE),
        ("WIFI:S:net;;", Code.FOREIGN_CODE),
        ("", Code.FOREIGN_CODE),
        ("\0\ud800", Code.FOREIGN_CODE),
        (f"HTTPS://{HOST}/", Code.MALFORMED),
        (f"HTTPS://{HOST}/01/{GTIN}/21/A?s=1", Code.MALFORMED),
    ],
)
def test_what_is_no_tag_of_ours_is_called_so(any_office: Office, text: str, code: Code) -> None:
    verification = any_office.verify(text)
    assert codes(verification.verdict) == [code]
    assert verification.verdict.level is Level.NOT_OURS
    assert (verification.gtin, verification.serial) == (None, None)
    assert isinstance(verification.reading, NotOurs)
    assert verification.dossier.product is None


def test_a_path_that_is_no_tag_is_malformed_and_one_of_a_later_kind_cannot_be_checked(office: Office) -> None:
    verifying = office.services.verifying
    assert codes(verifying.verify_path("/", sight("x")).verdict) == [Code.MALFORMED]
    tag = released_tag(office)
    path = url_of(tag).removeprefix(f"HTTPS://{HOST}")
    head, _, number = path.rpartition("=")
    later = f"{head}={int(number) + (1 << 520)}"
    for verification in (
        verifying.verify_path(later, sight("x")),
        office.verify(f"HTTPS://{HOST}{later}"),
    ):
        assert codes(verification.verdict) == [Code.CANNOT_CHECK]


def test_a_genuine_tag_under_a_foreign_host_is_no_code_of_ours(office: Office) -> None:
    tag = released_tag(office)
    assert codes(office.verify(url_of(tag, "EVIL.EXAMPLE.COM")).verdict) == [Code.FOREIGN_CODE]
    # A host of the deployment's, but not of this product's owner.
    assert codes(office.verify(url_of(tag, RIVAL_HOST)).verdict) == [Code.FOREIGN_CODE]


def test_a_forged_signature_stops(any_office: Office) -> None:
    forged = signed_by(Forger.with_seed(b"\x01" * 32), released_tag(any_office))
    verification = any_office.verify(url_of(forged))
    assert codes(verification.verdict)[0] is Code.SIGNATURE_INVALID
    assert verification.verdict.level is Level.STOP


FIELDS: list[dict[str, object]] = [
    {"lot": "LOT2"},
    {"lot": ""},
    {"expiry": parse_expiry("281231")},
    {"expiry": None},
    {"serial": "0000000000000"},
    {"slot": 0, "serial": "A"},
]


@pytest.mark.parametrize("change", FIELDS)
def test_a_field_changed_under_a_genuine_signature_stops(office: Office, change: dict[str, object]) -> None:
    tag = released_tag(office)
    forged = replace(tag, identity=replace(tag.identity, **change))  # type: ignore[arg-type]
    verification = office.verify(url_of(forged))
    assert codes(verification.verdict)[0] is Code.SIGNATURE_INVALID


def test_another_producers_key_does_not_sign_this_product(office: Office) -> None:
    rival = office.keystore.signing_key(office.services.keys.of(RIVAL)[0].id, KeyPurpose.ISSUER)
    forged = signed_by(rival, released_tag(office))
    assert codes(office.verify(url_of(forged)).verdict)[0] is Code.SIGNATURE_INVALID


def test_a_slot_without_a_key_and_a_gtin_without_an_owner_are_unknown(office: Office) -> None:
    tag = released_tag(office)
    forger = Forger.with_seed(b"\x02" * 32)
    unknown_slot = signed_by(forger, tag, slot=7)
    nobodys = signed_by(forger, tag, gtin=gtin_of("0962000100001"))
    assert codes(office.verify(url_of(unknown_slot)).verdict)[0] is Code.KEY_UNKNOWN
    assert codes(office.verify(url_of(nobodys)).verdict)[0] is Code.KEY_UNKNOWN


def test_tags_of_a_revoked_key_stop_at_once(any_office: Office) -> None:
    url = any_office.urls(any_office.released())[0]
    any_office.services.keys.revoke("distillery-0")
    any_office.clock.advance(timedelta(seconds=2))
    verdict = any_office.verify(url).verdict
    assert (codes(verdict)[0], verdict.level) == (Code.KEY_REVOKED, Level.STOP)


def test_tags_of_a_retired_key_and_of_one_whose_time_is_over_stay_good(office: Office) -> None:
    url = office.urls(office.released(an_order(1, expiry=None)))[0]
    office.services.keys.rotate(DISTILLERY)
    office.clock.advance(timedelta(days=3 * 365))
    assert office.verify(url).verdict.level is Level.MATCH


def test_a_serial_that_never_was_with_a_valid_signature_says_that_the_key_leaked(any_office: Office) -> None:
    batch = any_office.released()
    invented = signed_by(issuer_signer(any_office, batch), any_office.tags(batch)[0], serial="INVENTED")
    verification = any_office.verify(url_of(invented))
    reason = verification.verdict.headline
    assert (reason.code, reason.level) == (Code.UNIT_UNKNOWN, Level.STOP)
    assert "key may have leaked" in reason.detail["key_alarm"]
    assert scans(any_office, verification) == ()


def test_the_next_serial_after_a_batchs_last_one_is_unknown(office: Office) -> None:
    batch = office.released()
    serial = office.keystore.serial_cipher(SERIALS).encrypt(batch.number, batch.count)
    invented = signed_by(issuer_signer(office, batch), office.tags(batch)[0], serial=serial)
    assert office.verify(url_of(invented)).verdict.headline.code is Code.UNIT_UNKNOWN


def test_units_of_a_batch_that_is_not_issued_are_unknown(office: Office) -> None:
    office.services.issuing.request(office.caller(), an_order(), idempotency_key="key")
    tag = office.tags(office.services.issuing.of(office.caller())[0])[0]
    assert office.verify(url_of(tag)).verdict.headline.code is Code.UNIT_UNKNOWN


def test_data_that_differ_from_the_record_stop_although_the_key_signed_them(office: Office) -> None:
    batch = office.released()
    tag, signer = office.tags(batch)[0], issuer_signer(office, batch)
    lot = signed_by(signer, tag, lot="LOT2")
    expiry = signed_by(signer, tag, expiry=parse_expiry("291231"))
    assert codes(office.verify(url_of(lot)).verdict)[0] is Code.BATCH_MISMATCH
    assert codes(office.verify(url_of(expiry)).verdict)[0] is Code.EXPIRY_MISMATCH
    unknown = signed_by(signer, tag, lot="NONE", serial="INVENTED")
    assert codes(office.verify(url_of(unknown)).verdict) == [Code.UNIT_UNKNOWN, Code.BATCH_UNKNOWN]


def act(
    office: Office, tag: Tag, action: Action, org: OrgId = DISTILLERY, country: str | None = None
) -> None:
    report = Report(action=action, country=country)
    office.services.units.report(office.caller(org), GTIN, tag.identity.serial, report)


@pytest.mark.parametrize(
    ("action", "code"),
    [
        (Action.REPORT_STOLEN, Code.STOLEN),
        (Action.DESTROY, Code.DESTROYED),
        (Action.LOCK, Code.BLOCKED),
        (Action.VOID, Code.VOID),
        (Action.RECALL, Code.RECALLED),
        (Action.WITHDRAW, Code.WITHDRAWN),
        (Action.EXPIRE, Code.EXPIRED),
    ],
)
def test_the_state_on_record_is_told(office: Office, action: Action, code: Code) -> None:
    tag = released_tag(office)
    act(office, tag, action)
    assert codes(office.verify(url_of(tag)).verdict)[0] is code


def test_a_unit_is_good_through_its_last_day_and_expired_after_it(office: Office) -> None:
    url = office.urls(office.released(an_order(expiry=parse_expiry("260331"))))[0]
    office.clock.now = NOW.replace(day=31, hour=23, minute=59, second=59)
    assert codes(office.verify(url).verdict) == [Code.FIRST_SCAN]
    office.clock.advance(timedelta(seconds=1))
    assert codes(office.verify(url).verdict) == [Code.EXPIRED]


def test_a_unit_that_was_never_released_is_suspect(office: Office) -> None:
    assert codes(office.verify(office.urls(office.issue())[0]).verdict) == [Code.NOT_ACTIVATED]


def test_a_unit_used_in_another_country_is_suspect_and_in_this_one_it_is_used(office: Office) -> None:
    tag = released_tag(office)
    act(office, tag, Action.DISPENSE, HOSPITAL, "CN")
    assert codes(office.verify(url_of(tag), sight("a", Place(country="CN"))).verdict) == [Code.USED]
    assert codes(office.verify(url_of(tag), sight("b", Place(country="FR"))).verdict) == [
        Code.DISPENSED_ELSEWHERE
    ]


def test_many_viewers_within_the_window_are_a_signal(any_office: Office) -> None:
    url = any_office.urls(any_office.released())[0]
    for number in range(5):
        assert any_office.verify(url, sight(f"viewer {number}")).verdict.level is Level.MATCH
        any_office.clock.advance(HOUR)
    assert codes(any_office.verify(url, sight("one more")).verdict) == [Code.SEEN_ELSEWHERE]
    any_office.clock.advance(timedelta(days=31))
    assert codes(any_office.verify(url, sight("much later")).verdict) == [Code.SEEN_BEFORE]


def test_a_product_may_have_thresholds_of_its_own(office: Office) -> None:
    with office.store.write() as transaction:
        product = transaction.products.find(GTIN)
        assert product is not None
        transaction.products.update(replace(product, thresholds=Thresholds(burst_viewers=2)))
    url = office.urls(office.released())[0]
    office.verify(url, sight("one"))
    office.verify(url, sight("two"))
    assert codes(office.verify(url, sight("three")).verdict) == [Code.SEEN_ELSEWHERE]


def test_a_unit_that_travels_faster_than_an_airliner_is_a_signal(any_office: Office) -> None:
    url = any_office.urls(any_office.released())[0]
    any_office.verify(url, sight("one", PARIS))
    any_office.clock.advance(HOUR)
    assert codes(any_office.verify(url, sight("two", TOKYO)).verdict) == [Code.SEEN_ELSEWHERE]


def test_a_place_that_is_not_reliable_makes_no_travel(office: Office) -> None:
    url = office.urls(office.released())[0]
    office.verify(url, sight("one", PARIS))
    office.clock.advance(HOUR)
    assert office.verify(url, sight("two", TOKYO, reliable_place=False)).verdict.level is Level.MATCH


def test_two_signals_together_are_a_suspicion_of_copies(office: Office) -> None:
    url = office.urls(office.released())[0]
    for number in range(5):
        office.verify(url, sight(f"viewer {number}", PARIS))
    office.clock.advance(HOUR)
    verdict = office.verify(url, sight("far away", TOKYO)).verdict
    assert (codes(verdict), verdict.level) == ([Code.CLONE_SUSPECT], Level.SUSPECT)


def test_trades_own_checks_are_no_crowd(office: Office) -> None:
    url = office.urls(office.released())[0]
    for number in range(10):
        office.verify(url, sight(f"clerk {number}", org_id=WHOLESALER))
    assert codes(office.verify(url, sight("buyer")).verdict) == [Code.FIRST_SCAN]


def test_a_diversion_from_its_market_is_told_to_professionals_only(office: Office) -> None:
    gtin = gtin_of("0950600013437")
    product = Product(gtin=gtin, org_id=DISTILLERY, name="For China", markets=("CN",), created_at=NOW)
    office.services.products.register(office.caller(), product)
    url = office.urls(office.released(an_order(gtin=gtin)))[0]
    verdict = office.verify(url, sight("one", Place(country="FR"))).verdict
    assert codes(verdict) == [Code.MARKET_DIVERSION, Code.FIRST_SCAN]
    assert codes(verdict.for_consumer()) == [Code.FIRST_SCAN]
    assert codes(office.verify(url, sight("two", Place(country="CN"))).verdict) == [Code.SEEN_BEFORE]
    assert codes(office.verify(url, sight("three")).verdict) == [Code.SEEN_BEFORE]


def test_the_worst_reason_is_the_headline_and_the_others_follow(office: Office) -> None:
    batch = office.released(an_order(expiry=parse_expiry("260131")))
    tag = office.tags(batch)[0]
    act(office, tag, Action.REPORT_STOLEN)
    forged = signed_by(Forger.with_seed(b"\x03" * 32), tag)
    assert codes(office.verify(url_of(forged)).verdict) == [
        Code.SIGNATURE_INVALID,
        Code.STOLEN,
        Code.EXPIRED,
    ]


def typed(office: Office, batch: Batch, *, by: str = "typist", **more: object) -> Verification:
    serial = office.tags(batch)[0].identity.serial
    asked: dict[str, object] = {"gtin": GTIN, "serial": serial, **more}
    return office.services.verifying.verify_typed(
        Typed(**asked),  # type: ignore[arg-type] # a test names fields that exist
        sight(by),
    )


def test_numbers_that_were_typed_never_match_more_than_the_record(any_office: Office) -> None:
    batch = any_office.released()
    verification = typed(any_office, batch)
    assert (codes(verification.verdict), verification.verdict.level) == (
        [Code.RECORD_ONLY],
        Level.UNCHECKED,
    )
    assert (verification.gtin, verification.serial) == (GTIN, any_office.tags(batch)[0].identity.serial)
    assert len(scans(any_office, verification)) == 1


def test_numbers_that_were_typed_are_held_against_the_record(office: Office) -> None:
    batch = office.released()
    assert codes(typed(office, batch, lot="LOT9").verdict)[0] is Code.BATCH_MISMATCH
    assert codes(typed(office, batch, expiry=parse_expiry("281231")).verdict)[0] is Code.EXPIRY_MISMATCH
    unknown = typed(office, batch, serial="NONE")
    assert codes(unknown.verdict) == [Code.UNIT_UNKNOWN]
    assert "No valid signature" in unknown.verdict.headline.detail["key_alarm"]
    assert codes(typed(office, batch, serial="NONE", lot="NONE").verdict) == [
        Code.UNIT_UNKNOWN,
        Code.BATCH_UNKNOWN,
    ]


def test_a_scan_is_recorded_once_with_the_verdict_that_was_given(any_office: Office) -> None:
    url = any_office.urls(any_office.released())[0]
    looked = sight("one", PARIS, org_id=WHOLESALER, reliable_place=False)
    verification = any_office.verify(url, looked)
    (scan,) = scans(any_office, verification)
    assert (scan.at, scan.viewer, scan.org_id, scan.place) == (NOW, looked.viewer, WHOLESALER, PARIS)
    assert (scan.level, scan.headline, scan.counted) == (Level.MATCH, Code.FIRST_SCAN, True)
    assert not scan.reliable_place
    # Each of an organisation's scans tells where the unit was; a person's second look tells nothing new.
    assert len(scans(any_office, any_office.verify(url, looked))) == 2
    person = sight("two")
    any_office.verify(url, person)
    any_office.verify(url, person)
    assert [scan.counted for scan in scans(any_office, verification)] == [False, True, True, True]


def test_an_organisation_that_scans_again_far_away_leaves_its_trace(any_office: Office) -> None:
    url = any_office.urls(any_office.released())[0]
    any_office.verify(url, sight("one", PARIS, org_id=WHOLESALER))
    any_office.verify(url, sight("one", TOKYO, org_id=WHOLESALER))
    assert codes(any_office.verify(url, sight("buyer")).verdict) == [Code.SEEN_ELSEWHERE]


def test_a_flood_of_repeats_does_not_wash_the_evidence_away(office: Office) -> None:
    url = office.urls(office.released())[0]
    for number in range(5):
        office.verify(url, sight(f"stranger {number}"))
    seen = scans(office, office.verify(url, sight("copier")))[0]
    with office.store.write() as transaction:
        for number in range(HISTORY_LIMIT):
            later = NOW + timedelta(microseconds=number + 1)
            transaction.scans.add(replace(seen, at=later, counted=False))
    assert Code.SEEN_ELSEWHERE in codes(office.verify(url, sight("buyer")).verdict)


def test_who_knows_only_the_numbers_leaves_no_evidence(office: Office) -> None:
    batch = office.released()
    for number in range(10):
        typed(office, batch, by=f"stranger {number}")
    assert codes(office.verify(office.urls(batch)[0], sight("buyer")).verdict) == [Code.FIRST_SCAN]


def test_bad_verdicts_are_recorded_too(office: Office) -> None:
    tag = office.tags(office.issue())[0]
    verification = office.verify(url_of(tag))
    assert [(scan.level, scan.headline) for scan in scans(office, verification)] == [
        (Level.SUSPECT, Code.NOT_ACTIVATED)
    ]


def test_previews_and_bots_are_recorded_and_do_not_count(office: Office) -> None:
    url = office.urls(office.released())[0]
    looks = [office.verify(url, sight(f"bot {number}", counted=False)) for number in range(10)]
    assert [codes(look.verdict) for look in looks] == [[Code.FIRST_SCAN]] * 10
    assert [scan.counted for scan in scans(office, looks[0])] == [False] * 10
    assert codes(office.verify(url, sight("buyer")).verdict) == [Code.FIRST_SCAN]


def test_a_forged_label_is_no_evidence_against_the_genuine_one(office: Office) -> None:
    batch = office.released()
    forged = signed_by(Forger.with_seed(b"\x05" * 32), office.tags(batch)[0])
    for number in range(6):
        office.verify(url_of(forged), sight(f"forger {number}"))
    assert codes(office.verify(office.urls(batch)[0], sight("buyer")).verdict) == [Code.FIRST_SCAN]


def test_an_organisations_own_scans_show_later_viewers_that_the_unit_was_at_two_places(
    office: Office,
) -> None:
    url = office.urls(office.released())[0]
    office.verify(url, sight("wholesaler", PARIS, org_id=WHOLESALER))
    office.clock.advance(HOUR)
    own = office.verify(url, sight("wholesaler", TOKYO, org_id=WHOLESALER))
    assert codes(own.verdict) == [Code.SEEN_ELSEWHERE]
    office.clock.advance(HOUR)
    assert codes(office.verify(url, sight("buyer")).verdict) == [Code.SEEN_ELSEWHERE]


def test_viewers_at_once_are_each_recorded(any_office: Office) -> None:
    url = any_office.urls(any_office.released())[0]

    def look(number: int) -> Callable[[], Verification]:
        return lambda: any_office.verify(url, sight(f"viewer {number}"))

    results = all_at_once([look(number) for number in range(8)])
    assert all(isinstance(result, Verification) for result in results)
    (first, *_) = results
    assert isinstance(first, Verification)
    assert len(scans(any_office, first)) == 8


def test_units_that_never_were_leave_no_row_whatever_their_signature(any_office: Office) -> None:
    batch = any_office.released()
    tag, signer = any_office.tags(batch)[0], issuer_signer(any_office, batch)
    forger = Forger.with_seed(b"\x04" * 32)
    for number in range(3):
        for who in (signer, forger):
            any_office.verify(url_of(signed_by(who, tag, serial=f"INVENTED{number}")))
    any_office.verify("https://example.com/")
    with any_office.store.read() as transaction:
        for number in range(3):
            assert transaction.scans.history(GTIN, f"INVENTED{number}") == ()


def test_units_with_the_producers_own_serials_are_verified_alike(any_office: Office) -> None:
    batch = any_office.released(of_serials("A-1", "A-2"))
    assert codes(any_office.verify(any_office.urls(batch)[1]).verdict) == [Code.FIRST_SCAN]
    invented = signed_by(issuer_signer(any_office, batch), any_office.tags(batch)[0], serial="A-3")
    assert any_office.verify(url_of(invented)).verdict.headline.code is Code.UNIT_UNKNOWN


def test_one_producers_tags_say_nothing_of_anothers(office: Office) -> None:
    batch = office.released(an_order(gtin=RIVAL_GTIN), org=RIVAL)
    verification = office.verify(office.urls(batch)[0])
    assert verification.dossier.issuer == "The rival"
    assert codes(verification.verdict) == [Code.FIRST_SCAN]


def test_a_batch_signed_outside_its_keys_time_is_not_believed(office: Office) -> None:
    """Only somebody with the key and the database could make one; the record itself gives it away."""
    batch = office.released()
    (key,) = office.services.keys.of(DISTILLERY)
    assert key.not_before == batch.created_at
    office.clock.now = key.not_after
    with office.store.write() as transaction:
        late = transaction.batches.create(
            late_batch(batch, office), idempotency_key="late", request_hash=bytes(32)
        )
    issued = office.services.issuing.work_on(late.batch.number, owner="thief")
    office.report_range(issued, Action.ACTIVATE)
    assert codes(office.verify(office.urls(issued)[0]).verdict)[0] is Code.KEY_REVOKED


def late_batch(batch: Batch, office: Office) -> NewBatch:
    return NewBatch(
        org_id=batch.org_id,
        gtin=batch.gtin,
        lot="LATE",
        expiry=None,
        count=1,
        profile=batch.profile,
        host=batch.host,
        key_id=batch.key_id,
        slot=batch.slot,
        serial_source=batch.serial_source,
        base_state=batch.base_state,
        created_at=office.clock.now,
    )
