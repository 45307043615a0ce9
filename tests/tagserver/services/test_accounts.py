from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest

from tagserver.ports import AlreadyExistsError, Product, Scope
from tagserver.services.access import ROLE_SCOPES
from tagserver.services.accounts import LINK_GOOD_FOR, Invitation
from tagserver.services.errors import AccessError, Refusal, ServiceError
from tests.tagserver.services.cast import DISTILLERY, HOSPITAL, NOW, Office, gtin_of
from tests.tagserver.services.people import (
    ADA,
    BO,
    HOME,
    PASSWORD,
    assert_refused,
    logged_in,
    move_in,
    trail,
)

OTHER = "another wide river in June"
MOMENT = timedelta(microseconds=1)


def invited(office: Office, login: str = ADA) -> Invitation:
    return office.services.accounts.create(login, org_id=DISTILLERY, name="Ada Li")


def assert_link_invalid(office: Office, token: str) -> None:
    accounts = office.services.accounts
    uses: tuple[Callable[[], object], ...] = (
        lambda: accounts.by_link(token),
        lambda: accounts.set_up(token, PASSWORD),
    )
    for use in uses:
        with pytest.raises(AccessError) as caught:
            use()
        assert_refused(Refusal.SETUP_LINK_INVALID, caught)


def assert_shut_out(office: Office, password: str = PASSWORD) -> None:
    with pytest.raises(AccessError) as caught:
        office.services.sessions.log_in(ADA, password, address=HOME)
    assert_refused(Refusal.LOGIN_REFUSED, caught)


def assert_over(office: Office, token: str) -> None:
    with pytest.raises(AccessError) as caught:
        office.services.sessions.resume(token)
    assert_refused(Refusal.SESSION_INVALID, caught)


def test_a_link_sets_the_password_and_the_person_logs_in_with_it(any_office: Office) -> None:
    accounts = any_office.services.accounts
    invitation = invited(any_office)
    assert accounts.by_link(invitation.token) == invitation.account
    assert not invitation.account.is_set_up
    assert_shut_out(any_office)
    assert accounts.set_up(invitation.token, PASSWORD).login == ADA
    session, _ = logged_in(any_office)
    assert (session.account.name, session.organisation.id) == ("Ada Li", DISTILLERY)
    assert accounts.of_organisation(DISTILLERY) == accounts.all() == (session.account,)
    assert accounts.of_organisation(HOSPITAL) == ()


def test_a_link_is_good_once(office: Office) -> None:
    token = invited(office).token
    office.services.accounts.set_up(token, PASSWORD)
    assert_link_invalid(office, token)


def test_a_link_is_good_for_48_hours(office: Office) -> None:
    invitation = invited(office)
    assert invitation.expires_at == NOW + LINK_GOOD_FOR == NOW + timedelta(hours=48)
    office.clock.now = invitation.expires_at - MOMENT
    office.services.accounts.by_link(invitation.token)
    office.clock.advance(MOMENT)
    assert_link_invalid(office, invitation.token)


@pytest.mark.parametrize("change", ["", "A", "\ud800", "\x00"])
def test_a_link_that_was_made_up_is_none(office: Office, change: str) -> None:
    token = invited(office).token
    assert_link_invalid(office, token[:-1] + change)
    assert_link_invalid(office, token + change if change else "")


def test_a_password_that_is_refused_leaves_the_link_as_it_is(office: Office) -> None:
    token = invited(office).token
    for weak, code in (("short", Refusal.PASSWORD_LENGTH), (ADA, Refusal.PASSWORD_OWN_NAME)):
        with pytest.raises(ServiceError) as caught:
            office.services.accounts.set_up(token, weak)
        assert_refused(code, caught, "password")
    office.services.accounts.set_up(token, PASSWORD)


def test_a_link_has_256_random_bits_and_is_stored_hashed(office: Office) -> None:
    token = invited(office).token
    assert len(token) == 43
    with office.store.read() as tx:
        link = tx.accounts.find_link(sha256(token.encode()).digest())
    assert link is not None
    assert token not in repr(link)
    raw = b"".join(path.read_bytes() for path in office.folder.glob("origintag.db*"))
    assert token.encode() not in raw
    assert office.randomness.given[-1] not in raw


@pytest.mark.parametrize(
    "login",
    ["", "ada", "@example.com", "ada@", "ada li@example.com", "ada@exa_mple.com", "ada@-x.com", "ädä@example.com",
     "a" * 65 + "@example.com", "ada@" + ".".join(["x" * 60] * 4), "ada@example.com\n@"],
)  # fmt: skip
def test_refuses_a_login_that_is_no_address(office: Office, login: str) -> None:
    with pytest.raises(ServiceError) as caught:
        office.services.accounts.create(login, org_id=DISTILLERY, name="Ada Li")
    assert_refused(Refusal.INPUT_INVALID, caught, "login")


def test_a_login_is_the_same_in_any_case(office: Office) -> None:
    assert invited(office, " Ada@Example.COM ").account.login == ADA
    with pytest.raises(AlreadyExistsError):
        invited(office, "ADA@EXAMPLE.COM")


def test_refuses_an_account_of_an_unknown_organisation_and_one_without_a_name(office: Office) -> None:
    with pytest.raises(ServiceError) as caught:
        office.services.accounts.create(ADA, org_id="nobody", name="Ada Li")
    assert_refused(Refusal.NOT_FOUND, caught, "org_id")
    with pytest.raises(ServiceError) as caught:
        office.services.accounts.create(ADA, org_id=DISTILLERY, name=" ")
    assert_refused(Refusal.INPUT_INVALID, caught, "name")


def test_a_reset_voids_password_link_and_sessions_and_makes_a_new_link(any_office: Office) -> None:
    move_in(any_office)
    _, token = logged_in(any_office)
    first = any_office.services.accounts.reset(ADA)
    second = any_office.services.accounts.reset(ADA)
    assert_over(any_office, token)
    assert_shut_out(any_office)
    assert_link_invalid(any_office, first.token)
    any_office.services.accounts.set_up(second.token, OTHER)
    assert_shut_out(any_office)
    logged_in(any_office, password=OTHER)


def test_disabling_ends_sessions_and_links_and_enabling_brings_back_the_password_alone(
    any_office: Office,
) -> None:
    move_in(any_office)
    _, token = logged_in(any_office)
    accounts = any_office.services.accounts
    assert accounts.disable(ADA).is_disabled
    assert_over(any_office, token)
    assert_shut_out(any_office)
    assert not accounts.enable(ADA).is_disabled
    assert_over(any_office, token)
    logged_in(any_office)


def test_a_link_of_a_disabled_account_is_void_and_stays_so(office: Office) -> None:
    invitation = invited(office)
    office.services.accounts.disable(ADA)
    assert_link_invalid(office, invitation.token)
    office.services.accounts.enable(ADA)
    assert_link_invalid(office, invitation.token)
    late = office.services.accounts.reset(ADA)
    office.services.accounts.disable(ADA)
    assert_link_invalid(office, late.token)


@pytest.mark.parametrize("verb", ["reset", "disable", "enable"])
def test_refuses_to_change_an_account_that_nobody_has(office: Office, verb: str) -> None:
    with pytest.raises(ServiceError) as caught:
        getattr(office.services.accounts, verb)(BO)
    assert_refused(Refusal.NOT_FOUND, caught, "login")


def test_a_new_password_ends_all_sessions_and_gives_one_in_place_of_this(any_office: Office) -> None:
    move_in(any_office)
    session, token = logged_in(any_office)
    _, elsewhere = logged_in(any_office)
    started = any_office.services.accounts.change_password(session, current=PASSWORD, new=OTHER, address=HOME)
    assert_over(any_office, token)
    assert_over(any_office, elsewhere)
    assert any_office.services.sessions.resume(started.token).agent == "Firefox, Linux"
    assert_shut_out(any_office)
    logged_in(any_office, password=OTHER)


def test_a_new_password_needs_the_old_one_and_has_to_be_a_good_one(office: Office) -> None:
    move_in(office)
    session, token = logged_in(office)
    change = office.services.accounts.change_password
    with pytest.raises(AccessError) as caught:
        change(session, current=OTHER, new=OTHER, address=HOME)
    assert_refused(Refusal.LOGIN_REFUSED, caught, "current")
    with pytest.raises(ServiceError) as weak:
        change(session, current=PASSWORD, new="short", address=HOME)
    assert_refused(Refusal.PASSWORD_LENGTH, weak, "password")
    office.services.sessions.resume(token)
    logged_in(office)


def test_a_session_acts_for_the_organisation_with_what_its_role_allows(office: Office) -> None:
    move_in(office)
    move_in(office, BO, org=HOSPITAL)
    for login, org in ((ADA, DISTILLERY), (BO, HOSPITAL)):
        session, _ = logged_in(office, login)
        caller = office.services.accounts.caller(session)
        assert (caller.org_id, caller.token_id, caller.account_id) == (org, None, session.account.id)
        assert caller.scopes == ROLE_SCOPES[session.organisation.role]
        assert (Scope.REPORTS in caller.scopes) is (org == DISTILLERY)


def test_the_trail_tells_which_person_did_what(office: Office) -> None:
    move_in(office)
    session, _ = logged_in(office)
    caller = office.services.accounts.caller(session)
    product = Product(gtin=gtin_of("0950600013499"), org_id=DISTILLERY, name="New baijiu", created_at=NOW)
    office.services.products.register(caller, product)
    newest = office.services.access.trail(limit=1)[0]
    assert (newest.action, newest.org_id, newest.token_id) == ("product.create", DISTILLERY, None)
    assert newest.account_id == session.account.id


def test_every_change_of_an_account_leaves_a_line(office: Office) -> None:
    accounts = office.services.accounts
    move_in(office)
    session, _ = logged_in(office)
    accounts.change_password(session, current=PASSWORD, new=OTHER, address=HOME)
    accounts.disable(ADA)
    accounts.enable(ADA)
    accounts.reset(ADA)
    accounts.reset(ADA, forget_totp=True)
    assert trail(office) == [
        ("user.create", DISTILLERY),
        ("password.set", ""),
        ("login.ok", "password"),
        ("password.change", ""),
        ("user.disable", ""),
        ("user.enable", ""),
        ("user.reset", "kept"),
        ("user.reset", "forgotten"),
    ]
    everything = repr(office.services.access.trail(limit=100))
    assert PASSWORD not in everything
    assert ADA not in everything


def test_an_account_that_is_disabled_while_its_password_changes_stays_as_it_was(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_in(office)
    session, _ = logged_in(office)
    real = office.services.accounts._passwords.hash

    def disable_meanwhile(password: str) -> str:
        office.services.accounts.disable(ADA)
        return real(password)

    monkeypatch.setattr(office.services.accounts._passwords, "hash", disable_meanwhile)
    with pytest.raises(AccessError) as caught:
        office.services.accounts.change_password(session, current=PASSWORD, new=OTHER, address=HOME)
    assert_refused(Refusal.LOGIN_REFUSED, caught)
    office.services.accounts.enable(ADA)
    assert replace(office.services.accounts.all()[0], last_login_at=None) == replace(
        session.account, last_login_at=None
    )
