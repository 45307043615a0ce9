from base64 import b32decode, b32encode
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from tagserver.ports import AccountId, SecondFactor
from tagserver.services.codes import Codes
from tagserver.services.errors import AccessError, Refusal, ServiceError
from tagserver.services.throttle import CODE
from tests.tagserver.services.cast import SECRET, Office, Randomness
from tests.tagserver.services.people import (
    ADA,
    BO,
    HOME,
    PASSWORD,
    Telephone,
    assert_refused,
    logged_in,
    move_in,
    trail,
    with_codes,
)

RFC_6238 = {
    59: "287082",
    1111111109: "081804",
    1111111111: "050471",
    1234567890: "005924",
    2000000000: "279037",
    20000000000: "353130",
}
"""Appendix B, SHA-1, the last six of eight digits."""


def codes() -> Codes:
    return Codes(secret=SECRET, random_bytes=Randomness(b"codes"), issuer="Origin check")


def factor(secret: str) -> SecondFactor:
    account = AccountId("ada")
    return SecondFactor(account_id=account, sealed=codes().seal(secret, account))


@pytest.mark.parametrize(("seconds", "code"), RFC_6238.items())
def test_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    secret = b32encode(b"12345678901234567890").decode()
    now = datetime.fromtimestamp(seconds, UTC)
    assert codes().step_of(code, factor(secret), now) == seconds // 30
    assert Telephone(secret=secret).code(now) == code


def test_a_secret_is_sealed_and_opens_for_its_own_account_alone() -> None:
    secret = codes().new_secret()
    assert len(b32decode(secret)) == 20
    mine = factor(secret)
    assert secret.encode() not in mine.sealed
    now = datetime(2026, 3, 1, tzinfo=UTC)
    codes().step_of(Telephone(secret=secret).code(now), mine, now)
    stolen = SecondFactor(account_id=AccountId("bo"), sealed=mine.sealed)
    with pytest.raises(AccessError) as caught:
        codes().step_of(Telephone(secret=secret).code(now), stolen, now)
    assert_refused(Refusal.CODE_REFUSED, caught, "code")


def test_the_symbol_says_what_authenticators_ask_for(office: Office) -> None:
    move_in(office)
    session, _ = logged_in(office)
    enrolment = office.services.totp.begin(session, password=PASSWORD, address=HOME)
    uri = urlsplit(enrolment.uri)
    assert (uri.scheme, uri.netloc, unquote(uri.path)) == ("otpauth", "totp", f"/Origin check:{ADA}")
    assert parse_qs(uri.query) == {"secret": [enrolment.secret], "issuer": ["Origin check"]}
    assert enrolment.secret not in repr(enrolment)


def test_turning_on_needs_the_password_and_a_first_code(any_office: Office) -> None:
    move_in(any_office)
    session, _ = logged_in(any_office)
    totp = any_office.services.totp
    with pytest.raises(AccessError) as caught:
        totp.begin(session, password="a river that never was", address=HOME)
    assert_refused(Refusal.LOGIN_REFUSED, caught, "password")
    with pytest.raises(ServiceError) as not_begun:
        totp.enable(session, "000000", address=HOME)
    assert_refused(Refusal.TOTP_NOT_BEGUN, not_begun)
    telephone = Telephone(secret=totp.begin(session, password=PASSWORD, address=HOME).secret)
    with pytest.raises(AccessError) as wrong:
        totp.enable(session, telephone.wrong(any_office.clock.now), address=HOME)
    assert_refused(Refusal.CODE_REFUSED, wrong, "code")
    assert not totp.is_on(session)
    logged_in(any_office)
    recovery = totp.enable(session, telephone.code(any_office.clock.now), address=HOME)
    assert totp.is_on(session)
    assert len(set(recovery)) == totp.recovery_left(session) == 10
    assert trail(any_office)[-1] == ("totp.on", "")


def test_beginning_again_makes_the_earlier_secret_void(office: Office) -> None:
    move_in(office)
    session, _ = logged_in(office)
    first, second = (
        Telephone(secret=office.services.totp.begin(session, password=PASSWORD, address=HOME).secret)
        for _ in range(2)
    )
    with pytest.raises(AccessError):
        office.services.totp.enable(session, first.code(office.clock.now), address=HOME)
    office.services.totp.enable(session, second.code(office.clock.now), address=HOME)


def test_the_code_that_turned_codes_on_logs_nobody_in(office: Office) -> None:
    move_in(office)
    telephone, _ = with_codes(office)
    pending = office.services.sessions.log_in(ADA, PASSWORD, address=HOME).token
    with pytest.raises(AccessError) as caught:
        office.services.sessions.confirm_code(pending, telephone.code(office.clock.now), address=HOME)
    assert_refused(Refusal.CODE_REFUSED, caught, "code")


def test_what_is_on_is_not_turned_on_again(office: Office) -> None:
    move_in(office)
    session, _ = logged_in(office)
    telephone, _ = with_codes(office)
    office.clock.advance(timedelta(minutes=1))
    with pytest.raises(ServiceError) as caught:
        office.services.totp.begin(session, password=PASSWORD, address=HOME)
    assert_refused(Refusal.TOTP_ON, caught)
    with pytest.raises(ServiceError) as caught:
        office.services.totp.enable(session, telephone.code(office.clock.now), address=HOME)
    assert_refused(Refusal.TOTP_ON, caught)


@pytest.mark.parametrize("proof", ["totp", "recovery"])
def test_turning_off_needs_a_code_of_either_kind(any_office: Office, proof: str) -> None:
    move_in(any_office)
    session, _ = logged_in(any_office)
    telephone, recovery = with_codes(any_office)
    any_office.clock.advance(timedelta(minutes=1))
    totp = any_office.services.totp
    with pytest.raises(AccessError) as caught:
        totp.disable(session, telephone.wrong(any_office.clock.now), address=HOME)
    assert_refused(Refusal.CODE_REFUSED, caught, "code")
    code = recovery[0] if proof == "recovery" else telephone.code(any_office.clock.now)
    totp.disable(session, code, address=HOME)
    assert not totp.is_on(session)
    assert totp.recovery_left(session) == 0
    assert trail(any_office)[-1] == ("totp.off", proof)
    logged_in(any_office)
    for verb in (totp.disable, totp.renew_recovery):
        with pytest.raises(ServiceError) as off:
            verb(session, "000000", address=HOME)
        assert_refused(Refusal.TOTP_OFF, off)


def test_new_recovery_codes_end_the_old_ones(office: Office) -> None:
    move_in(office)
    session, _ = logged_in(office)
    _, old = with_codes(office)
    fresh = office.services.totp.renew_recovery(session, old[0], address=HOME)
    assert set(fresh).isdisjoint(old)
    with pytest.raises(AccessError):
        office.services.totp.disable(session, old[1], address=HOME)
    office.services.totp.disable(session, fresh[1], address=HOME)


def test_recovery_codes_are_80_random_bits_to_read_out_and_are_stored_hashed(office: Office) -> None:
    move_in(office)
    _, recovery = with_codes(office)
    assert all(len(code) == 19 and not set(code) & set("ILOU") for code in recovery)
    raw = b"".join(path.read_bytes() for path in office.folder.glob("origintag.db*"))
    assert not any(code.encode() in raw or code.replace("-", "").encode() in raw for code in recovery)


def test_a_recovery_code_is_good_for_its_own_account_alone(office: Office) -> None:
    move_in(office)
    _, recovery = with_codes(office)
    move_in(office, BO)
    bo, _ = logged_in(office, BO)
    bos = Telephone(secret=office.services.totp.begin(bo, password=PASSWORD, address=HOME).secret)
    office.services.totp.enable(bo, bos.code(office.clock.now), address=HOME)
    with pytest.raises(AccessError):
        office.services.totp.disable(bo, recovery[0], address=HOME)


def test_guessing_at_a_stolen_session_is_throttled_too(office: Office) -> None:
    move_in(office)
    session, _ = logged_in(office)
    telephone, recovery = with_codes(office)
    wrong = telephone.wrong(office.clock.now)
    for number in range(CODE.tries):
        with pytest.raises(AccessError) as caught:
            office.services.totp.disable(session, wrong, address=f"192.0.2.{number}")
        assert_refused(Refusal.CODE_REFUSED, caught, "code")
    with pytest.raises(AccessError) as caught:
        office.services.totp.disable(session, recovery[0], address=HOME)
    assert_refused(Refusal.LOGIN_THROTTLED, caught)
