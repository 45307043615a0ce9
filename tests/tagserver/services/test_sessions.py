from datetime import timedelta
from hashlib import sha256

import pytest

from tagserver.ports import Account, Organisation, OrgId, Store
from tagserver.services.errors import AccessError, Refusal, ServiceError
from tagserver.services.passwords import Argon2Cost
from tagserver.services.people import People, people_of
from tagserver.services.sessions import IDLE, LONGEST, PENDING, TOUCH_EVERY
from tagserver.services.throttle import ACCOUNT, ADDRESS, CODE, ThrottledError, network_of
from tests.tagserver.services.cast import DISTILLERY, NOW, SECRET, Office
from tests.tagserver.services.people import (
    ADA,
    BO,
    ELSEWHERE,
    HOME,
    PASSWORD,
    Telephone,
    assert_refused,
    logged_in,
    move_in,
    trail,
    with_codes,
)
from tests.tagserver.store.cast import all_at_once

MOMENT = timedelta(microseconds=1)
WRONG = "a river that never was"


def try_password(office: Office, login: str = ADA, password: str = WRONG, address: str = HOME) -> AccessError:
    with pytest.raises(AccessError) as caught:
        office.services.sessions.log_in(login, password, address=address)
    return caught.value


def try_code(office: Office, token: str, code: str, address: str = HOME) -> AccessError:
    with pytest.raises(AccessError) as caught:
        office.services.sessions.confirm_code(token, code, address=address)
    return caught.value


def assert_over(office: Office, token: str) -> None:
    with pytest.raises(AccessError) as caught:
        office.services.sessions.resume(token)
    assert_refused(Refusal.SESSION_INVALID, caught)


def half_in(office: Office) -> str:
    """The token of Ada, who has shown her password and owes the code."""
    started = office.services.sessions.log_in(ADA, PASSWORD, address=HOME, agent="Safari, iPhone")
    assert started.needs_code
    return started.token


def test_a_token_has_256_random_bits_and_is_stored_hashed(office: Office) -> None:
    move_in(office)
    session, token = logged_in(office)
    assert len(token) == 43
    with office.store.read() as tx:
        stored = tx.sessions.find(sha256(token.encode()).digest())
    assert stored is not None
    assert stored.id == session.id
    raw = b"".join(path.read_bytes() for path in office.folder.glob("origintag.db*"))
    assert token.encode() not in raw


@pytest.mark.parametrize("token", ["", "x", "\ud800", "A" * 43, "A" * 100_000])
def test_a_token_that_was_made_up_is_none(office: Office, token: str) -> None:
    move_in(office)
    assert_over(office, token)
    office.services.sessions.end(token)


def test_a_session_ends_after_30_minutes_without_activity_and_slides_until_then(any_office: Office) -> None:
    move_in(any_office)
    _, token = logged_in(any_office)
    for _ in range(3):
        any_office.clock.advance(IDLE - MOMENT)
        any_office.services.sessions.resume(token)
    any_office.clock.advance(IDLE)
    assert_over(any_office, token)


def test_a_session_ends_after_12_hours_whatever_is_done(office: Office) -> None:
    move_in(office)
    session, token = logged_in(office)
    assert session.expires_at == NOW + LONGEST == NOW + timedelta(hours=12)
    while office.clock.now < session.expires_at - timedelta(minutes=20):
        office.clock.advance(timedelta(minutes=20))
        office.services.sessions.resume(token)
    office.clock.now = session.expires_at - MOMENT
    office.services.sessions.resume(token)
    office.clock.advance(MOMENT)
    assert_over(office, token)


def test_the_last_use_is_written_once_a_minute_at_most(office: Office) -> None:
    move_in(office)
    session, token = logged_in(office)

    def seen_at_after(step: timedelta) -> timedelta:
        office.clock.advance(step)
        office.services.sessions.resume(token)
        return office.services.sessions.open(session)[0].seen_at - NOW

    assert seen_at_after(TOUCH_EVERY - MOMENT) == timedelta(0)
    assert seen_at_after(MOMENT) == TOUCH_EVERY
    assert seen_at_after(MOMENT) == TOUCH_EVERY


def test_logging_out_ends_this_session_alone(office: Office) -> None:
    move_in(office)
    _, token = logged_in(office)
    _, other = logged_in(office)
    office.services.sessions.end(token)
    assert_over(office, token)
    office.services.sessions.resume(other)


def test_a_person_sees_and_ends_own_sessions(any_office: Office) -> None:
    move_in(any_office)
    move_in(any_office, BO)
    session, token = logged_in(any_office)
    any_office.clock.advance(timedelta(minutes=1))
    other, other_token = logged_in(any_office)
    bos, bos_token = logged_in(any_office, BO)
    sessions = any_office.services.sessions
    assert [one.id for one in sessions.open(session)] == [other.id, session.id]
    assert {one.agent for one in sessions.open(session)} == {"Firefox, Linux"}
    sessions.revoke(session, other.id)
    assert_over(any_office, other_token)
    with pytest.raises(ServiceError) as caught:
        sessions.revoke(session, bos.id)
    assert_refused(Refusal.NOT_FOUND, caught)
    sessions.resume(bos_token)
    logged_in(any_office)
    assert sessions.end_others(session) == 1
    sessions.resume(token)
    assert trail(any_office)[-1] == ("session.revoke", "1")


def test_neither_pending_nor_idle_sessions_are_shown(office: Office) -> None:
    move_in(office)
    session, _ = logged_in(office)
    with_codes(office)
    half_in(office)
    office.clock.advance(IDLE)
    assert office.services.sessions.open(session) == ()
    assert office.services.sessions.forget() == 3


def test_the_name_of_a_browser_is_cut_and_printable(office: Office) -> None:
    move_in(office)
    started = office.services.sessions.log_in(ADA, PASSWORD, address=HOME, agent="Fire\nfox\x00" + "x" * 500)
    assert office.services.sessions.resume(started.token).agent == "Firefox" + "x" * 93


def test_nothing_tells_a_wrong_password_from_an_account_that_is_not_there_or_not_open(
    any_office: Office,
) -> None:
    move_in(any_office)
    move_in(any_office, BO)
    any_office.services.accounts.disable(BO)
    any_office.services.accounts.create("new@example.com", org_id=DISTILLERY, name="New")
    answers = [
        try_password(any_office),
        try_password(any_office, "nobody@example.com"),
        try_password(any_office, "no address at all"),
        try_password(any_office, BO, PASSWORD),
        try_password(any_office, "new@example.com", PASSWORD),
        try_password(any_office, "x" * 100_000),
        try_password(any_office, password=""),
    ]
    told = {(error.code, str(error), error.field) for error in answers}
    assert told == {(Refusal.LOGIN_REFUSED, "the name or the password is wrong", None)}
    failures = [detail for action, detail in trail(any_office) if action == "login.failed"]
    assert failures == ["password", "unknown", "unknown", "disabled", "not set up", "unknown", "password"]


def test_a_name_that_nobody_has_is_written_down_nowhere(office: Office) -> None:
    try_password(office, "my-password-in-the-wrong-field")
    raw = b"".join(path.read_bytes() for path in office.folder.glob("origintag.db*"))
    assert b"wrong-field" not in raw
    assert HOME.encode() not in raw


def test_the_login_is_taken_in_any_case(office: Office) -> None:
    move_in(office)
    logged_in(office, "  ADA@example.com ")


@pytest.mark.parametrize("login", [ADA, "nobody@example.com"])
def test_after_ten_wrong_passwords_even_the_right_one_waits_15_minutes(
    any_office: Office, login: str
) -> None:
    move_in(any_office)
    for number in range(ACCOUNT.tries):
        error = try_password(any_office, login, address=f"192.0.2.{number}")
        assert error.code is Refusal.LOGIN_REFUSED
        any_office.clock.advance(timedelta(seconds=10))
    error = try_password(any_office, login, PASSWORD, ELSEWHERE)
    assert isinstance(error, ThrottledError)
    assert error.code is Refusal.LOGIN_THROTTLED
    assert error.retry_after == ACCOUNT.window - timedelta(seconds=10)
    any_office.clock.advance(error.retry_after - MOMENT)
    assert try_password(any_office, login, PASSWORD, ELSEWHERE).code is Refusal.LOGIN_THROTTLED
    any_office.clock.advance(MOMENT)
    if login == ADA:
        logged_in(any_office)
    else:
        assert try_password(any_office, login, PASSWORD).code is Refusal.LOGIN_REFUSED
    assert [action for action, _ in trail(any_office)].count("login.throttled") == 1


def test_guesses_that_come_at_once_all_count(any_office: Office) -> None:
    move_in(any_office)

    def guess() -> Refusal:
        return try_password(any_office).code

    codes = all_at_once([guess] * (ACCOUNT.tries + 4))
    assert sorted(map(str, codes)) == ["LOGIN_REFUSED"] * ACCOUNT.tries + ["LOGIN_THROTTLED"] * 4


def test_people_log_in_at_once_from_one_address(any_office: Office) -> None:
    logins = [f"{n}@example.com" for n in range(4)]
    for login in logins:
        move_in(any_office, login)
    tasks = [lambda login=login: logged_in(any_office, login)[0].account.login for login in logins]
    assert all_at_once(tasks * 2) == logins * 2


def test_a_name_that_is_locked_locks_no_other(office: Office) -> None:
    move_in(office)
    move_in(office, BO)
    for _ in range(ACCOUNT.tries + 1):
        try_password(office)
    logged_in(office, BO)


def test_a_good_login_forgets_the_wrong_ones_before_it(office: Office) -> None:
    move_in(office)
    for _ in range(2):
        for _ in range(ACCOUNT.tries - 1):
            try_password(office)
        logged_in(office)
        office.clock.advance(ADDRESS.window)


def test_after_thirty_wrong_passwords_an_address_waits_and_others_do_not(any_office: Office) -> None:
    move_in(any_office)
    for number in range(ADDRESS.tries):
        assert try_password(any_office, f"{number}@example.com").code is Refusal.LOGIN_REFUSED
    assert try_password(any_office, ADA, PASSWORD).code is Refusal.LOGIN_THROTTLED
    any_office.services.sessions.log_in(ADA, PASSWORD, address=ELSEWHERE)
    any_office.clock.advance(ADDRESS.window)
    logged_in(any_office)


def test_an_address_that_is_shut_out_locks_no_account(office: Office) -> None:
    move_in(office)
    for number in range(ADDRESS.tries + 1):
        try_password(office, f"{number}@example.com")
    for _ in range(ACCOUNT.tries + 1):
        assert try_password(office).code is Refusal.LOGIN_THROTTLED
    office.services.sessions.log_in(ADA, PASSWORD, address=ELSEWHERE)


def test_own_logins_do_not_buy_an_address_more_guesses(office: Office) -> None:
    move_in(office, BO)
    for number in range(ADDRESS.tries):
        logged_in(office, BO)
        assert try_password(office, f"{number}@example.com").code is Refusal.LOGIN_REFUSED
    assert try_password(office, "one-more@example.com").code is Refusal.LOGIN_THROTTLED


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("203.0.113.7", "203.0.113.7", True),
        ("203.0.113.7", "203.0.113.8", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:203.0.113.7", "203.0.113.7", True),
        ("unix:", "unix:", True),
    ],
)
def test_an_ipv6_network_counts_as_one_address(one: str, other: str, is_same: bool) -> None:
    assert (network_of(one) == network_of(other)) is is_same


def test_a_hash_with_another_cost_is_made_anew_at_login(office: Office) -> None:
    move_in(office)
    dearer = renewed(office, Argon2Cost(passes=2, memory_kib=16, lanes=1))

    def stored() -> str:
        return office.services.accounts.all()[0].password_hash or ""

    assert "$m=8,t=1,p=1$" in stored()
    try_password(office)
    assert "$m=8,t=1,p=1$" in stored()
    dearer.sessions.log_in(ADA, PASSWORD, address=HOME)
    after = stored()
    assert "$m=16,t=2,p=1$" in after
    dearer.sessions.log_in(ADA, PASSWORD, address=HOME)
    assert stored() == after


def renewed(office: Office, cost: Argon2Cost) -> People:
    return people_of(
        office.store, office.clock, office.randomness, secret=SECRET, site_name="Origin check", cost=cost
    )


def test_a_password_that_is_voided_while_it_is_compared_lets_nobody_in(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_in(office)
    credentials = office.services.sessions._credentials

    def reset_meanwhile(_account: Account, _password: str) -> None:
        office.services.accounts.reset(ADA)

    monkeypatch.setattr(credentials, "renewed_hash", reset_meanwhile)
    assert try_password(office, password=PASSWORD).code is Refusal.LOGIN_REFUSED


def test_where_codes_are_on_the_password_alone_opens_nothing(any_office: Office) -> None:
    move_in(any_office)
    telephone, _ = with_codes(any_office)
    any_office.clock.advance(timedelta(seconds=60))
    pending = half_in(any_office)
    assert_over(any_office, pending)
    started = any_office.services.sessions.confirm_code(
        pending, telephone.code(any_office.clock.now), address=HOME
    )
    assert not started.needs_code
    assert started.token != pending
    session = any_office.services.sessions.resume(started.token)
    assert (session.account.login, session.agent) == (ADA, "Safari, iPhone")
    assert trail(any_office)[-1] == ("login.ok", "totp")
    assert try_code(any_office, pending, telephone.code(any_office.clock.now)).code is Refusal.SESSION_INVALID


def test_a_session_that_is_not_pending_takes_no_code(office: Office) -> None:
    move_in(office)
    _, token = logged_in(office)
    assert try_code(office, token, "000000").code is Refusal.SESSION_INVALID


def test_a_pending_login_is_over_after_five_minutes_and_with_its_account(office: Office) -> None:
    move_in(office)
    telephone, _ = with_codes(office)
    for end in (lambda: office.clock.advance(PENDING), lambda: office.services.accounts.reset(ADA)):
        pending = half_in(office)
        end()
        error = try_code(office, pending, telephone.code(office.clock.now))
        assert error.code is Refusal.SESSION_INVALID


@pytest.mark.parametrize("steps_off", [-1, 0, 1])
def test_a_code_is_taken_once_and_from_a_clock_that_is_a_step_off(office: Office, steps_off: int) -> None:
    move_in(office)
    telephone, _ = with_codes(office)
    office.clock.advance(timedelta(minutes=5))
    code = telephone.code(office.clock.now, steps_off=steps_off)
    office.services.sessions.confirm_code(half_in(office), code, address=HOME)
    error = try_code(office, half_in(office), code)
    assert_code_refused(error)
    assert trail(office)[-1] == ("login.failed", "code")


def assert_code_refused(error: AccessError) -> None:
    assert (error.code, error.field) == (Refusal.CODE_REFUSED, "code")
    assert str(error) == "the code is wrong, or was used before"


@pytest.mark.parametrize("steps_off", [-2, 2])
def test_refuses_a_code_of_a_clock_that_is_further_off(office: Office, steps_off: int) -> None:
    move_in(office)
    telephone, _ = with_codes(office)
    office.clock.advance(timedelta(minutes=5))
    code = telephone.code(office.clock.now, steps_off=steps_off)
    assert_code_refused(try_code(office, half_in(office), code))


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "\ud800", "٠١٢٣٤٥", "0" * 100_000])
def test_refuses_what_is_no_code(office: Office, code: str) -> None:
    move_in(office)
    with_codes(office)
    assert_code_refused(try_code(office, half_in(office), code))


def test_a_code_may_be_typed_with_spaces_and_in_full_width(office: Office) -> None:
    move_in(office)
    telephone, _ = with_codes(office)
    for spoil in (lambda code: f" {code[:3]} {code[3:]}", lambda code: code.translate(FULL_WIDTH)):
        office.clock.advance(timedelta(minutes=2))
        code = spoil(telephone.code(office.clock.now))
        office.services.sessions.confirm_code(half_in(office), code, address=HOME)


FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def test_a_recovery_code_opens_once(any_office: Office) -> None:
    move_in(any_office)
    _, recovery = with_codes(any_office)
    sloppy = recovery[3].lower().replace("-", " ").replace("0", "o").replace("1", "l")
    started = any_office.services.sessions.confirm_code(half_in(any_office), sloppy, address=HOME)
    session = any_office.services.sessions.resume(started.token)
    assert any_office.services.totp.recovery_left(session) == 9
    assert trail(any_office)[-1] == ("login.ok", "recovery")
    assert_code_refused(try_code(any_office, half_in(any_office), recovery[3]))


def test_after_twenty_wrong_codes_even_the_right_one_waits_a_day(any_office: Office) -> None:
    move_in(any_office)
    telephone, recovery = with_codes(any_office)
    for number in range(CODE.tries):
        error = try_code(
            any_office, half_in(any_office), telephone.wrong(any_office.clock.now), f"192.0.2.{number}"
        )
        assert_code_refused(error)
        any_office.clock.advance(timedelta(minutes=10))
    for right in (telephone.code(any_office.clock.now), recovery[0]):
        assert try_code(any_office, half_in(any_office), right).code is Refusal.LOGIN_THROTTLED
    any_office.clock.advance(CODE.window)
    right = telephone.code(any_office.clock.now)
    any_office.services.sessions.confirm_code(half_in(any_office), right, address=HOME)


def test_whoever_knows_the_password_gets_no_more_tries_at_the_code_by_starting_again(office: Office) -> None:
    move_in(office)
    telephone, _ = with_codes(office)
    wrong = telephone.wrong(office.clock.now)
    codes = [try_code(office, half_in(office), wrong, f"192.0.2.{n}").code for n in range(CODE.tries + 1)]
    assert codes == [Refusal.CODE_REFUSED] * CODE.tries + [Refusal.LOGIN_THROTTLED]


def test_a_code_of_a_factor_that_was_turned_off_meanwhile_opens_nothing(office: Office) -> None:
    move_in(office)
    session, _ = logged_in(office)
    _, recovery = with_codes(office)
    pending = half_in(office)
    office.services.totp.disable(session, recovery[0], address=HOME)
    assert_code_refused(try_code(office, pending, recovery[1]))


def test_a_reset_account_is_asked_for_codes_still_unless_they_were_forgotten(office: Office) -> None:
    move_in(office)
    with_codes(office)
    accounts = office.services.accounts
    accounts.set_up(accounts.reset(ADA).token, PASSWORD)
    half_in(office)
    accounts.set_up(accounts.reset(ADA, forget_totp=True).token, PASSWORD)
    logged_in(office)


def test_with_another_secret_codes_are_void_and_recovery_codes_still_good(office: Office) -> None:
    move_in(office)
    telephone, recovery = with_codes(office)
    office.clock.advance(timedelta(minutes=1))
    other = people_of(
        office.store,
        office.clock,
        office.randomness,
        secret=type(SECRET)("secret", "one that was chosen anew"),
        site_name="Origin check",
        cost=Argon2Cost(passes=1, memory_kib=8, lanes=1),
    ).sessions
    pending = other.log_in(ADA, PASSWORD, address=HOME).token
    with pytest.raises(AccessError) as caught:
        other.confirm_code(pending, telephone.code(office.clock.now), address=HOME)
    assert_code_refused(caught.value)
    assert not other.confirm_code(pending, recovery[0], address=HOME).needs_code


def test_sessions_that_are_over_and_old_counts_are_forgotten(any_office: Office) -> None:
    move_in(any_office)
    logged_in(any_office)
    try_password(any_office, "nobody@example.com")
    any_office.clock.advance(IDLE + MOMENT)
    _, token = logged_in(any_office)
    assert any_office.services.sessions.forget() == 1
    any_office.services.sessions.resume(token)
    any_office.clock.advance(CODE.window)
    assert any_office.services.sessions.forget() == 1
    assert counts(any_office.store) == 0


def counts(store: Store) -> int:
    with store.write() as tx:
        return tx.tries.forget(until=NOW + timedelta(days=365))


def test_a_session_without_its_organisation_is_over(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    move_in(office)
    _, token = logged_in(office)

    def nobody(_self: object, _org_id: OrgId) -> Organisation | None:
        return None

    with office.store.read() as tx:
        monkeypatch.setattr(type(tx.organisations), "find", nobody)
    assert_over(office, token)


def test_no_secret_shows_in_what_is_handed_around(office: Office) -> None:
    move_in(office)
    session, token = logged_in(office)
    telephone, _ = with_codes(office)
    enrolled = Telephone(secret=telephone.secret)
    office.clock.advance(timedelta(minutes=1))
    started = office.services.sessions.log_in(ADA, PASSWORD, address=HOME)
    shown = repr((session, started, office.services, office.services.sessions.open(session)))
    for secret in (token, started.token, enrolled.secret, PASSWORD, "$argon2"):
        assert secret not in shown
