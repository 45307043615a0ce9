"""Sessions at the console: logging in with a password and, where it is on, a code; and staying logged in.

A token has 256 random bits, lives in the browser's cookie, and is stored as its SHA-256. Each step that proves more
gives a new token, so one that was known before proves nothing after.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from tagserver.ports import (
    Account,
    Clock,
    OpenSession,
    Organisation,
    SessionId,
    Store,
    Transaction,
)
from tagserver.services.access import RandomBytes, audit_account
from tagserver.services.codes import Codes
from tagserver.services.credentials import Credentials, note_failure, unchanged
from tagserver.services.errors import AccessError, Refusal, ServiceError
from tagserver.services.throttle import LONGEST_WINDOW, Throttle

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
"""NIST SP 800-63B, 2.2.3 (AAL2): again after 12 hours, or after 30 minutes without activity."""

PENDING = timedelta(minutes=5)
"""From the password to the code: time to find the telephone."""

TOUCH_EVERY = timedelta(minutes=1)
"""How exact the last use is: a write for each request would cost more than it tells."""

LONGEST_AGENT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A session for the browser to keep. While `needs_code`, its token is good for `confirm_code` alone."""

    token: str = field(repr=False)
    needs_code: bool
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Somebody who is logged in."""

    id: SessionId
    account: Account
    organisation: Organisation
    created_at: datetime
    expires_at: datetime
    agent: str


class Sessions:
    """Log in, stay, and leave."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        random_bytes: RandomBytes,
        credentials: Credentials,
        throttle: Throttle,
        codes: Codes,
    ) -> None:
        self._store = store
        self._clock = clock
        self._random_bytes = random_bytes
        self._credentials = credentials
        self._throttle = throttle
        self._codes = codes

    def log_in(self, login: str, password: str, *, address: str, agent: str = "") -> Started:
        """`address` is the client's, `agent` a coarse word for its browser.

        Raises: AccessError LOGIN_REFUSED, which never says why; ThrottledError.
        """
        account = self._credentials.verify(login, password, address=address)
        renewed = self._credentials.renewed_hash(account, password)
        with self._store.write() as transaction:
            held = unchanged(transaction, account)
            if renewed is not None:
                transaction.accounts.set_password(held.id, renewed)
            factor = transaction.second_factors.find(held.id)
            needs_code = factor is not None and factor.enabled_at is not None
            self._credentials.settle(transaction, held, address=address, all_proved=not needs_code)
            if not needs_code:
                self._note_login(transaction, held, "password")
            return self.start(transaction, held, agent=agent, is_pending=needs_code)

    def confirm_code(self, token: str, code: str, *, address: str) -> Started:
        """The second step, with a code of the authenticator or a recovery code; the pending token ends.

        Raises: AccessError CODE_REFUSED, SESSION_INVALID when it took too long; ThrottledError.
        """
        with self._store.read() as transaction:
            _, account = self._find(transaction, token, is_pending=True)
        origin, own = self._throttle.address(address), self._throttle.codes(account.id)
        self._throttle.admit(origin, own)
        try:
            with self._store.write() as transaction:
                return self._confirm(transaction, token, code, address)
        except AccessError as error:
            if error.code is Refusal.CODE_REFUSED:
                with self._store.write() as transaction:
                    note_failure(transaction, account, self._clock(), "code")
            raise

    def resume(self, token: str) -> Session:
        """Who this token belongs to, once a request. Raises: AccessError SESSION_INVALID."""
        with self._store.read() as transaction:
            found, account = self._find(transaction, token, is_pending=False)
            organisation = transaction.organisations.find(account.org_id)
        if organisation is None:
            raise _session_invalid()
        now = self._clock()
        if now - found.seen_at >= TOUCH_EVERY:
            with self._store.write() as transaction:
                transaction.sessions.touch(found.id, at=now)
        return Session(
            id=found.id,
            account=account,
            organisation=organisation,
            created_at=found.created_at,
            expires_at=found.expires_at,
            agent=found.agent,
        )

    def end(self, token: str) -> None:
        """Log out. A token that is over already is no error."""
        with self._store.write() as transaction:
            found = transaction.sessions.find(_hash(token))
            if found is not None:
                transaction.sessions.end(found.id)

    def open(self, session: Session) -> tuple[OpenSession, ...]:
        """The person's own sessions that are not over, newest first."""
        now = self._clock()
        with self._store.read() as transaction:
            own = transaction.sessions.of_account(session.account.id)
        return tuple(one for one in own if not one.is_pending and not _is_over(one, now))

    def revoke(self, session: Session, session_id: str) -> None:
        """End one of the person's own sessions. Raises: ServiceError NOT_FOUND."""
        now = self._clock()
        with self._store.write() as transaction:
            own = {one.id for one in transaction.sessions.of_account(session.account.id)}
            if session_id not in own:
                raise ServiceError(Refusal.NOT_FOUND, "no such session")
            transaction.sessions.end(SessionId(session_id))
            audit_account(transaction, session.account, now, "session.revoke", session=session_id)

    def end_others(self, session: Session) -> int:
        """End all of the person's sessions but this one; how many."""
        now = self._clock()
        with self._store.write() as transaction:
            ended = transaction.sessions.end_all(session.account.id, but=session.id)
            audit_account(transaction, session.account, now, "session.revoke", sessions=str(ended))
        return ended

    def forget(self) -> int:
        """Delete sessions that are over, and counts of tries that no window reaches; how many sessions."""
        now = self._clock()
        with self._store.write() as transaction:
            transaction.tries.forget(until=now - LONGEST_WINDOW)
            return transaction.sessions.forget(now=now, idle_since=now - IDLE)

    def start(
        self, transaction: Transaction, account: Account, *, agent: str = "", is_pending: bool = False
    ) -> Started:
        """A new session, for other verbs of accounts: whoever calls has checked who it is."""
        now = self._clock()
        token = urlsafe_b64encode(self._random_bytes(32)).rstrip(b"=").decode()
        session = OpenSession(
            id=SessionId(self._random_bytes(8).hex()),
            account_id=account.id,
            token_hash=_hash(token),
            created_at=now,
            seen_at=now,
            expires_at=now + (PENDING if is_pending else LONGEST),
            agent="".join(filter(str.isprintable, agent))[:LONGEST_AGENT],
            is_pending=is_pending,
        )
        transaction.sessions.add(session)
        return Started(token=token, needs_code=is_pending, expires_at=session.expires_at)

    def _confirm(self, transaction: Transaction, token: str, code: str, address: str) -> Started:
        now = self._clock()
        pending, account = self._find(transaction, token, is_pending=True)
        held = unchanged(transaction, account)
        kind = self._codes.spend(transaction, held.id, code, now)
        transaction.sessions.end(pending.id)
        # In the order of `Throttle.admit`, so that two at once never wait for each other.
        transaction.tries.give_back(self._throttle.address(address).key)
        transaction.tries.clear(self._throttle.codes(held.id).key)
        transaction.tries.clear(self._throttle.account(held.login).key)
        self._note_login(transaction, held, kind)
        return self.start(transaction, held, agent=pending.agent)

    def _find(self, transaction: Transaction, token: str, *, is_pending: bool) -> tuple[OpenSession, Account]:
        """Raises: AccessError SESSION_INVALID."""
        found = transaction.sessions.find(_hash(token))
        if found is None or found.is_pending is not is_pending or _is_over(found, self._clock()):
            raise _session_invalid()
        account = transaction.accounts.find(found.account_id)
        if account is None or account.is_disabled:
            raise _session_invalid()
        return found, account

    def _note_login(self, transaction: Transaction, account: Account, proof: str) -> None:
        now = self._clock()
        transaction.accounts.note_login(account.id, at=now)
        audit_account(transaction, account, now, "login.ok", proof=proof)


def _is_over(session: OpenSession, now: datetime) -> bool:
    return now >= session.expires_at or now - session.seen_at >= IDLE


def _hash(token: str) -> bytes:
    return sha256(token.encode("utf-8", "replace")).digest()


def _session_invalid() -> AccessError:
    return AccessError(Refusal.SESSION_INVALID, "the session is over; log in")
