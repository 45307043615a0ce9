"""A name and a password, compared under the throttle: for logging in, and wherever the password is asked again."""

from __future__ import annotations

from datetime import datetime

from tagserver.ports import Account, Clock, Store, Transaction
from tagserver.services.access import audit_account
from tagserver.services.errors import AccessError
from tagserver.services.passwords import Passwords, login_refused
from tagserver.services.throttle import Throttle

LONGEST_LOGIN = 200


class Credentials:
    """Tells whose name and password these are."""

    def __init__(self, *, store: Store, clock: Clock, passwords: Passwords, throttle: Throttle) -> None:
        self._store = store
        self._clock = clock
        self._passwords = passwords
        self._throttle = throttle

    def verify(self, login: str, password: str, *, address: str, field: str | None = None) -> Account:
        """The account, as it was when the password was compared: check it again with `unchanged`.

        The tries stay counted until `settle`. Raises: AccessError LOGIN_REFUSED with `field`; ThrottledError.
        """
        name = fold_login(login)
        self._throttle.admit(self._throttle.address(address), self._throttle.account(name))
        with self._store.read() as transaction:
            account = transaction.accounts.find_by_login(name)
        try:
            self._passwords.verify(account.password_hash if account else None, password)
        except AccessError:
            raise self._refused(account, "password", field) from None
        if account is None or account.is_disabled:
            raise self._refused(account, "disabled", field)
        return account

    def renewed_hash(self, account: Account, password: str) -> str | None:
        """A hash with today's parameters, if the stored one has others."""
        stored = account.password_hash
        return self._passwords.hash(password) if stored and self._passwords.is_outdated(stored) else None

    def settle(self, transaction: Transaction, account: Account, *, address: str, all_proved: bool) -> None:
        """The password was right: it was no guess. `all_proved` (no code is owed) forgets earlier wrong ones."""
        own = self._throttle.account(account.login)
        transaction.tries.give_back(self._throttle.address(address).key)
        if all_proved:
            transaction.tries.clear(own.key)
        else:
            transaction.tries.give_back(own.key)

    def pardon(self, transaction: Transaction, account: Account) -> None:
        """Forget wrong passwords and codes: the account has just got a new password."""
        transaction.tries.clear(self._throttle.account(account.login).key)
        transaction.tries.clear(self._throttle.codes(account.id).key)

    def _refused(self, account: Account | None, why: str, field: str | None) -> AccessError:
        now = self._clock()
        with self._store.write() as transaction:
            note_failure(transaction, account, now, why)
        return login_refused(field)


def unchanged(transaction: Transaction, account: Account) -> Account:
    """The account, held, if its password is still the one that was compared. Raises: AccessError LOGIN_REFUSED."""
    held = transaction.accounts.hold(account.id)
    if held is None or held.is_disabled or held.password_hash != account.password_hash:
        raise login_refused()
    return held


def fold_login(login: str) -> str:
    """As logins are stored: without space around, in lower case."""
    return login.strip()[:LONGEST_LOGIN].lower()


def note_failure(transaction: Transaction, account: Account | None, now: datetime, why: str) -> None:
    """A line in the trail. A name that nobody has is not written down: it may be a password in the wrong field."""
    reason = why if account is None or account.is_set_up else "not set up"
    audit_account(transaction, account, now, "login.failed", reason="unknown" if account is None else reason)
