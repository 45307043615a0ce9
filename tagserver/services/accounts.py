"""Console accounts: who may log in for an organisation. There is no default password: a one-time link sets the first.

A link's token has 256 random bits and is stored as its SHA-256.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from tagserver.ports import Account, AccountId, Clock, OrgId, SetUpLink, Store, Transaction
from tagserver.services.access import ROLE_SCOPES, Caller, RandomBytes, audit, audit_account
from tagserver.services.credentials import Credentials, fold_login, unchanged
from tagserver.services.errors import AccessError, Refusal, ServiceError
from tagserver.services.passwords import Passwords, check_password
from tagserver.services.sessions import Session, Sessions, Started
from tagserver.services.texts import MAX_LINE, check_line

LINK_GOOD_FOR = timedelta(hours=48)
"""Over a weekend's end; whoever comes later asks for another."""

_LOGIN = re.compile(
    r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@"
    r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*",
    re.ASCII,
)
"""HTML Living Standard, 4.10.5.1.5, "valid email address", in lower case: what `<input type=email>` lets pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A set-up link, shown this once: `{public_url}/console/set-up/{token}`, good before `expires_at`."""

    account: Account
    token: str = field(repr=False)
    expires_at: datetime


class Accounts:
    """Create, invite, disable; set up and change passwords."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        random_bytes: RandomBytes,
        passwords: Passwords,
        credentials: Credentials,
        sessions: Sessions,
    ) -> None:
        self._store = store
        self._clock = clock
        self._random_bytes = random_bytes
        self._passwords = passwords
        self._credentials = credentials
        self._sessions = sessions

    def create(self, login: str, *, org_id: str, name: str) -> Invitation:
        """Raises: ServiceError INPUT_INVALID, NOT_FOUND (the organisation); AlreadyExistsError."""
        check_line(name, "name", shortest=1)
        now = self._clock()
        account = Account(
            id=AccountId(self._random_bytes(8).hex()),
            org_id=OrgId(org_id),
            login=parse_login(login),
            name=name.strip(),
            created_at=now,
        )
        with self._store.write() as transaction:
            if transaction.organisations.find(account.org_id) is None:
                raise ServiceError(Refusal.NOT_FOUND, f"no organisation {org_id!r}", field="org_id")
            transaction.accounts.add(account)
            audit(transaction, None, now, "user.create", account.id, organisation=account.org_id)
            return self._invite(transaction, account, now)

    def reset(self, login: str, *, forget_totp: bool = False) -> Invitation:
        """A new link. The old password, an older link and all sessions end; `forget_totp` turns codes off too.

        Raises: ServiceError NOT_FOUND.
        """
        now = self._clock()
        with self._store.write() as transaction:
            account = _named(transaction, login)
            transaction.accounts.set_password(account.id, None)
            transaction.sessions.end_all(account.id)
            if forget_totp:
                transaction.second_factors.remove(account.id)
            audit(
                transaction, None, now, "user.reset", account.id, totp="forgotten" if forget_totp else "kept"
            )
            return self._invite(transaction, account, now)

    def disable(self, login: str) -> Account:
        """Nobody logs in as this; sessions and link end. Raises: ServiceError NOT_FOUND."""
        now = self._clock()
        with self._store.write() as transaction:
            account = _named(transaction, login)
            transaction.accounts.set_disabled(account.id, now)
            transaction.accounts.drop_link(account.id)
            transaction.sessions.end_all(account.id)
            audit(transaction, None, now, "user.disable", account.id)
            return _named(transaction, login)

    def enable(self, login: str) -> Account:
        """The password is what it was. Raises: ServiceError NOT_FOUND."""
        with self._store.write() as transaction:
            account = _named(transaction, login)
            transaction.accounts.set_disabled(account.id, None)
            audit(transaction, None, self._clock(), "user.enable", account.id)
            return _named(transaction, login)

    def all(self) -> tuple[Account, ...]:
        """Every account, in order of login."""
        with self._store.read() as transaction:
            return transaction.accounts.of_organisation()

    def of_organisation(self, org_id: OrgId) -> tuple[Account, ...]:
        """An organisation's accounts, in order of login."""
        with self._store.read() as transaction:
            return transaction.accounts.of_organisation(org_id)

    def by_link(self, token: str) -> Account:
        """Whom a set-up link is for; it stays good. Raises: AccessError SETUP_LINK_INVALID."""
        with self._store.read() as transaction:
            return self._linked(transaction, transaction.accounts.find_link(_hash(token)))

    def set_up(self, token: str, password: str) -> Account:
        """Give the account its password; the link ends. Logging in is a step of its own.

        Raises: AccessError SETUP_LINK_INVALID; ServiceError as `passwords.check_password`, and the link stays.
        """
        account = self.by_link(token)
        check_password(password, own_names(account))
        stored = self._passwords.hash(password)
        with self._store.write() as transaction:
            account = self._linked(transaction, transaction.accounts.take_link(_hash(token)))
            transaction.accounts.set_password(account.id, stored)
            transaction.sessions.end_all(account.id)
            self._credentials.pardon(transaction, account)
            audit_account(transaction, account, self._clock(), "password.set")
        return account

    def change_password(self, session: Session, *, current: str, new: str, address: str) -> Started:
        """All sessions end; the one that is given goes on in this one's place.

        Raises: AccessError LOGIN_REFUSED (field `current`); ThrottledError; ServiceError as
        `passwords.check_password`.
        """
        check_password(new, own_names(session.account))
        account = self._credentials.verify(session.account.login, current, address=address, field="current")
        stored = self._passwords.hash(new)
        with self._store.write() as transaction:
            held = unchanged(transaction, account)
            self._credentials.settle(transaction, held, address=address, all_proved=True)
            transaction.accounts.set_password(held.id, stored)
            transaction.accounts.drop_link(held.id)
            transaction.sessions.end_all(held.id)
            audit_account(transaction, held, self._clock(), "password.change")
            return self._sessions.start(transaction, held, agent=session.agent)

    def caller(self, session: Session) -> Caller:
        """The person, acting for the organisation with all that its role allows."""
        return Caller(
            organisation=session.organisation,
            token_id=None,
            account_id=session.account.id,
            scopes=ROLE_SCOPES[session.organisation.role],
        )

    def _invite(self, transaction: Transaction, account: Account, now: datetime) -> Invitation:
        token = urlsafe_b64encode(self._random_bytes(32)).rstrip(b"=").decode()
        link = SetUpLink(account_id=account.id, token_hash=_hash(token), expires_at=now + LINK_GOOD_FOR)
        transaction.accounts.give_link(link)
        return Invitation(account=account, token=token, expires_at=link.expires_at)

    def _linked(self, transaction: Transaction, link: SetUpLink | None) -> Account:
        account = transaction.accounts.find(link.account_id) if link else None
        if link is None or account is None or account.is_disabled or self._clock() >= link.expires_at:
            message = "the link was used, is too old, or never was one; ask for a new one"
            raise AccessError(Refusal.SETUP_LINK_INVALID, message)
        return account


def parse_login(text: str) -> str:
    """A login as it is stored: an e-mail address in lower case. Raises: ServiceError INPUT_INVALID."""
    login = text.strip().lower()
    if len(login) > MAX_LINE or not _LOGIN.fullmatch(login):
        message = f"login: want an e-mail address of at most {MAX_LINE} characters"
        raise ServiceError(Refusal.INPUT_INVALID, message, field="login")
    return login


def own_names(account: Account) -> tuple[str, ...]:
    """What the account's password must not be made of."""
    return (account.login, account.name, account.org_id)


def _named(transaction: Transaction, login: str) -> Account:
    """The account of this login, held. Raises: ServiceError NOT_FOUND."""
    found = transaction.accounts.find_by_login(fold_login(login))
    held = transaction.accounts.hold(found.id) if found else None
    if held is None:
        raise ServiceError(Refusal.NOT_FOUND, f"no account {login!r}", field="login")
    return held


def _hash(token: str) -> bytes:
    return sha256(token.encode("utf-8", "replace")).digest()
