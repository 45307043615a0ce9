from dataclasses import replace

import pytest

from tagserver.ports import (
    Account,
    AccountId,
    AlreadyExistsError,
    AuditEntry,
    NotStoredError,
    OpenSession,
    OrgId,
    SecondFactor,
    SessionId,
    SetUpLink,
    StateConflictError,
    Store,
    Tries,
)
from tests.tagserver.store.cast import DISTILLERY, HOSPITAL, MINUTE, NOW, all_at_once, settle

ADA = AccountId("ada")
BO = AccountId("bo")
SUBJECT = b"\x05" * 32


def account(account_id: AccountId = ADA) -> Account:
    return Account(
        id=account_id,
        org_id=DISTILLERY,
        login=f"{account_id}@example.com",
        name="Ada Li",
        created_at=NOW,
        password_hash="$argon2id$…",
    )


def link(account_id: AccountId = ADA, byte: bytes = b"\x01") -> SetUpLink:
    return SetUpLink(account_id=account_id, token_hash=byte * 32, expires_at=NOW + MINUTE)


def session(name: str = "s1", account_id: AccountId = ADA, byte: bytes = b"\x01") -> OpenSession:
    return OpenSession(
        id=SessionId(name),
        account_id=account_id,
        token_hash=byte * 32,
        created_at=NOW,
        seen_at=NOW,
        expires_at=NOW + 5 * MINUTE,
        agent="Firefox, Linux",
    )


def move_in(store: Store) -> None:
    settle(store)
    with store.write() as tx:
        tx.accounts.add(account())
        tx.accounts.add(account(BO))


def test_an_account_comes_back_as_it_was_stored(store: Store) -> None:
    move_in(store)
    with store.write() as tx:
        assert tx.accounts.find(ADA) == tx.accounts.hold(ADA) == account()
        assert tx.accounts.find_by_login("ada@example.com") == account()
        assert tx.accounts.find(AccountId("nobody")) is None
        assert tx.accounts.find_by_login("nobody@example.com") is None


def test_an_account_shows_not_even_the_hash_of_its_password() -> None:
    assert "argon2" not in repr(account())


def test_refuses_a_login_that_is_taken_and_an_account_of_nobody(store: Store) -> None:
    move_in(store)
    with pytest.raises(AlreadyExistsError) as caught, store.write() as tx:
        tx.accounts.add(replace(account(), id=AccountId("other"), org_id=HOSPITAL))
    assert (caught.value.kind, caught.value.key) == ("account", "ada@example.com")
    with pytest.raises(NotStoredError, match="organisation of account"), store.write() as tx:
        tx.accounts.add(replace(account(AccountId("x")), org_id=OrgId("nobody")))


def test_lists_accounts_by_login_and_by_organisation(store: Store) -> None:
    move_in(store)
    guest = replace(account(AccountId("abe")), org_id=HOSPITAL)
    with store.write() as tx:
        tx.accounts.add(guest)
    with store.read() as tx:
        assert tx.accounts.of_organisation() == (guest, account(), account(BO))
        assert tx.accounts.of_organisation(HOSPITAL) == (guest,)


def test_password_state_and_last_login_change_one_account_alone(store: Store) -> None:
    move_in(store)
    with store.write() as tx:
        tx.accounts.set_password(ADA, None)
        tx.accounts.set_disabled(ADA, NOW)
        tx.accounts.note_login(ADA, at=NOW + MINUTE)
    with store.read() as tx:
        changed = tx.accounts.find(ADA)
        assert changed == replace(account(), password_hash=None, disabled_at=NOW, last_login_at=NOW + MINUTE)
        assert changed.is_disabled
        assert not changed.is_set_up
        assert tx.accounts.find(BO) == account(BO)
    with store.write() as tx:
        tx.accounts.set_disabled(ADA, None)
        tx.accounts.set_password(ADA, "$argon2id$new")
    with store.read() as tx:
        changed = tx.accounts.find(ADA)
        assert changed is not None
        assert not changed.is_disabled
        assert changed.is_set_up


def test_refuses_to_change_an_account_that_is_not_there(store: Store) -> None:
    with pytest.raises(NotStoredError), store.write() as tx:
        tx.accounts.set_password(ADA, "x")


def test_an_account_has_one_link_the_newest(store: Store) -> None:
    move_in(store)
    with store.write() as tx:
        tx.accounts.give_link(link())
        tx.accounts.give_link(link(byte=b"\x02"))
    with store.read() as tx:
        assert tx.accounts.find_link(b"\x01" * 32) is None
        assert tx.accounts.find_link(b"\x02" * 32) == link(byte=b"\x02")


def test_of_several_that_take_one_link_at_once_one_gets_it(store: Store) -> None:
    move_in(store)
    with store.write() as tx:
        tx.accounts.give_link(link())

    def take() -> SetUpLink | None:
        with store.write() as tx:
            return tx.accounts.take_link(link().token_hash)

    taken = all_at_once([take] * 4)
    assert sorted(map(repr, taken)) == sorted(map(repr, [link(), None, None, None]))


def test_a_dropped_link_is_gone_and_dropping_none_is_harmless(store: Store) -> None:
    move_in(store)
    with store.write() as tx:
        tx.accounts.give_link(link())
        tx.accounts.drop_link(ADA)
        tx.accounts.drop_link(BO)
    with store.read() as tx:
        assert tx.accounts.find_link(link().token_hash) is None


def test_refuses_a_link_for_nobody(store: Store) -> None:
    with pytest.raises(NotStoredError, match="account"), store.write() as tx:
        tx.accounts.give_link(link())


def test_a_second_factor_comes_back_as_it_was_stored_and_is_replaced(store: Store) -> None:
    move_in(store)
    first = SecondFactor(account_id=ADA, sealed=b"sealed")
    second = SecondFactor(account_id=ADA, sealed=b"other", enabled_at=NOW, last_step=58_000_000)
    with store.write() as tx:
        tx.second_factors.put(first)
        assert tx.second_factors.find(ADA) == first
        tx.second_factors.put(second)
        assert tx.second_factors.find(ADA) == second
        assert tx.second_factors.find(BO) is None
    assert "sealed'" not in repr(first)


def test_refuses_a_second_factor_or_recovery_codes_of_nobody(store: Store) -> None:
    with pytest.raises(NotStoredError), store.write() as tx:
        tx.second_factors.put(SecondFactor(account_id=ADA, sealed=b"sealed"))
    with pytest.raises(NotStoredError), store.write() as tx:
        tx.second_factors.set_recovery(ADA, [bytes(32)])


def test_of_several_that_use_one_time_step_at_once_one_may(store: Store) -> None:
    move_in(store)
    with store.write() as tx:
        tx.second_factors.put(SecondFactor(account_id=ADA, sealed=b"sealed", enabled_at=NOW))

    def use() -> None:
        with store.write() as tx:
            tx.second_factors.use_step(ADA, 7)

    outcomes = all_at_once([use] * 4)
    assert sorted(type(one).__name__ for one in outcomes) == ["NoneType"] + ["StateConflictError"] * 3
    with pytest.raises(StateConflictError), store.write() as tx:
        tx.second_factors.use_step(ADA, 6)
    with store.write() as tx:
        tx.second_factors.use_step(ADA, 8)


def test_a_recovery_code_is_used_once(store: Store) -> None:
    move_in(store)
    with store.write() as tx:
        tx.second_factors.set_recovery(ADA, [bytes([n]) * 32 for n in range(3)])
        tx.second_factors.use_recovery(ADA, bytes(32))
        assert tx.second_factors.recovery_left(ADA) == 2
    with pytest.raises(NotStoredError), store.write() as tx:
        tx.second_factors.use_recovery(ADA, bytes(32))
    with pytest.raises(NotStoredError), store.write() as tx:
        tx.second_factors.use_recovery(BO, b"\x01" * 32)


def test_removing_a_second_factor_removes_its_recovery_codes(store: Store) -> None:
    move_in(store)
    with store.write() as tx:
        tx.second_factors.put(SecondFactor(account_id=ADA, sealed=b"sealed"))
        tx.second_factors.set_recovery(ADA, [bytes(32)])
        tx.second_factors.remove(ADA)
        assert tx.second_factors.find(ADA) is None
        assert tx.second_factors.recovery_left(ADA) == 0


def test_a_session_comes_back_as_it_was_stored(store: Store) -> None:
    move_in(store)
    pending = replace(session("s2", byte=b"\x02"), is_pending=True)
    with store.write() as tx:
        tx.sessions.add(session())
        tx.sessions.add(pending)
    with store.read() as tx:
        assert tx.sessions.find(b"\x01" * 32) == session()
        assert tx.sessions.find(b"\x02" * 32) == pending
        assert tx.sessions.find(b"\x03" * 32) is None
    assert "token_hash" not in repr(session())


def test_refuses_a_session_of_nobody(store: Store) -> None:
    with pytest.raises(NotStoredError, match="account of session"), store.write() as tx:
        tx.sessions.add(session())


def test_the_last_use_of_a_session_never_moves_backwards(store: Store) -> None:
    move_in(store)
    with store.write() as tx:
        tx.sessions.add(session())
        for at in (NOW + MINUTE, NOW, NOW + MINUTE):
            tx.sessions.touch(SessionId("s1"), at=at)
    with store.read() as tx:
        assert tx.sessions.of_account(ADA) == (replace(session(), seen_at=NOW + MINUTE),)


def test_sessions_end_singly_and_all_but_one(store: Store) -> None:
    move_in(store)
    others = session("s9", BO, b"\x09")
    newest = replace(session("s3", byte=b"\x03"), created_at=NOW + MINUTE)
    with store.write() as tx:
        for one in (session(), session("s2", byte=b"\x02"), newest, others):
            tx.sessions.add(one)
        assert [one.id for one in tx.sessions.of_account(ADA)] == ["s3", "s1", "s2"]
        tx.sessions.end(SessionId("s1"))
        tx.sessions.end(SessionId("s1"))
        assert tx.sessions.end_all(ADA, but=SessionId("s2")) == 1
        assert [one.id for one in tx.sessions.of_account(ADA)] == ["s2"]
        assert tx.sessions.end_all(ADA) == 1
        assert tx.sessions.of_account(BO) == (others,)


def test_forgets_sessions_that_are_too_old_or_were_idle_for_too_long(store: Store) -> None:
    move_in(store)
    overdue = replace(session("overdue", byte=b"\x02"), expires_at=NOW)
    idle = replace(session("idle", byte=b"\x03"), seen_at=NOW - MINUTE)
    with store.write() as tx:
        for one in (session(), overdue, idle):
            tx.sessions.add(one)
        assert tx.sessions.forget(now=NOW, idle_since=NOW - MINUTE) == 2
        assert tx.sessions.of_account(ADA) == (session(),)


def test_tries_are_counted_up_to_the_limit_and_anew_after_the_window(store: Store) -> None:
    def count(minutes: float) -> Tries:
        with store.write() as tx:
            return tx.tries.count(SUBJECT, at=NOW + minutes * MINUTE, window=10 * MINUTE, limit=3)

    def at(minutes: float, number: int) -> Tries:
        return Tries(number=number, since=NOW + minutes * MINUTE)

    assert count(0) == at(0, 1)
    assert count(1) == at(0, 2)
    assert count(8) == at(8, 3)  # the limit: its window begins here
    assert count(9) == at(8, 4)
    assert count(17.9) == at(8, 5)
    assert count(18) == at(18, 1)


def test_tries_that_come_at_once_all_count(store: Store) -> None:
    def count() -> int:
        with store.write() as tx:
            return tx.tries.count(SUBJECT, at=NOW, window=MINUTE, limit=3).number

    assert sorted(all_at_once([count] * 8), key=str) == list(range(1, 9))


def test_a_good_try_is_given_back_and_counts_are_cleared_and_forgotten(store: Store) -> None:
    other = b"\x06" * 32
    with store.write() as tx:
        tx.tries.count(SUBJECT, at=NOW, window=MINUTE, limit=3)
        tx.tries.give_back(SUBJECT)
        tx.tries.give_back(SUBJECT)
        assert tx.tries.count(SUBJECT, at=NOW, window=MINUTE, limit=3).number == 1
        tx.tries.clear(SUBJECT)
        assert tx.tries.count(SUBJECT, at=NOW, window=MINUTE, limit=3).number == 1
        tx.tries.count(other, at=NOW + MINUTE, window=MINUTE, limit=3)
        assert tx.tries.forget(until=NOW) == 1
        assert tx.tries.count(other, at=NOW + MINUTE, window=MINUTE, limit=3).number == 2


def test_the_audit_trail_tells_which_person_it_was(store: Store) -> None:
    entry = AuditEntry(
        at=NOW, org_id=DISTILLERY, token_id=None, account_id=ADA, action="login.ok", subject=ADA
    )
    with store.write() as tx:
        tx.audit.add(entry)
    with store.read() as tx:
        assert tx.audit.latest(limit=1) == (entry,)
