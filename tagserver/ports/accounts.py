"""Console accounts: people who act for an organisation, how they prove who they are, and their sessions.

Secrets are stored as hashes or sealed. What a row means (too old, disabled, pending) is the services' decision.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from tagserver.ports.parties import AccountId, OrgId, SessionId


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person of an organisation. `login` is unique and written as `services.accounts.parse_login` gives it.

    `password_hash` is Argon2's own text, None until a set-up link was used and after a reset.
    """

    id: AccountId
    org_id: OrgId
    login: str
    name: str
    created_at: datetime
    password_hash: str | None = field(default=None, repr=False)
    disabled_at: datetime | None = None
    last_login_at: datetime | None = None

    @property
    def is_disabled(self) -> bool:
        """Whether nobody may log in as this."""
        return self.disabled_at is not None

    @property
    def is_set_up(self) -> bool:
        """Whether it has a password."""
        return self.password_hash is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUpLink:
    """A one-time link as stored: the SHA-256 of its token. Good before `expires_at`."""

    account_id: AccountId
    token_hash: bytes = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactor:
    """A TOTP secret, sealed. It counts once `enabled_at` is set; `last_step` is the newest time step used."""

    account_id: AccountId
    sealed: bytes = field(repr=False)
    enabled_at: datetime | None = None
    last_step: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """A session: the SHA-256 of its token, never the token. `agent` is a coarse word for its browser.

    A pending one has shown the password and still owes the code. Ended ones are deleted.
    """

    id: SessionId
    account_id: AccountId
    token_hash: bytes = field(repr=False)
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    agent: str = ""
    is_pending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tries:
    """How many tries a subject has had since `since`, the one just counted included."""

    number: int
    since: datetime


class Accounts(Protocol):
    """Accounts and their set-up links. An account has one link at most."""

    def add(self, account: Account) -> None:
        """Raises AlreadyExistsError (id or login), NotStoredError (the organisation)."""
        ...

    def find(self, account_id: AccountId) -> Account | None: ...

    def hold(self, account_id: AccountId) -> Account | None:
        """As `find`; nobody else changes the account until this writing transaction ends."""
        ...

    def find_by_login(self, login: str) -> Account | None: ...

    def of_organisation(self, org_id: OrgId | None = None) -> tuple[Account, ...]:
        """In order of login; of all organisations for None."""
        ...

    def set_password(self, account_id: AccountId, password_hash: str | None) -> None:
        """None: no password opens it. Raises NotStoredError."""
        ...

    def set_disabled(self, account_id: AccountId, at: datetime | None) -> None:
        """None: enabled again. Raises NotStoredError."""
        ...

    def note_login(self, account_id: AccountId, *, at: datetime) -> None:
        """Remember the last log-in. Raises NotStoredError."""
        ...

    def give_link(self, link: SetUpLink) -> None:
        """Replaces the account's link. Raises NotStoredError (the account)."""
        ...

    def find_link(self, token_hash: bytes) -> SetUpLink | None: ...

    def take_link(self, token_hash: bytes) -> SetUpLink | None:
        """Deletes it: of two that take the same link, one gets it and the other None."""
        ...

    def drop_link(self, account_id: AccountId) -> None:
        """Deletes the account's link, if it has one."""
        ...


class SecondFactors(Protocol):
    """TOTP secrets and recovery codes, of accounts that have them."""

    def put(self, factor: SecondFactor) -> None:
        """Adds it, or replaces the account's. Raises NotStoredError (the account)."""
        ...

    def find(self, account_id: AccountId) -> SecondFactor | None: ...

    def use_step(self, account_id: AccountId, step: int) -> None:
        """Remember a time step as used. Raises StateConflictError unless it is newer than all used before."""
        ...

    def remove(self, account_id: AccountId) -> None:
        """With its recovery codes, if there are any."""
        ...

    def set_recovery(self, account_id: AccountId, code_hashes: Collection[bytes]) -> None:
        """Replaces all. Raises NotStoredError (the account)."""
        ...

    def use_recovery(self, account_id: AccountId, code_hash: bytes) -> None:
        """Deletes it. Raises NotStoredError when it is not there, or not any more."""
        ...

    def recovery_left(self, account_id: AccountId) -> int: ...


class Sessions(Protocol):
    """Sessions, found by the hash of their token."""

    def add(self, session: OpenSession) -> None:
        """Raises AlreadyExistsError, NotStoredError (the account)."""
        ...

    def find(self, token_hash: bytes) -> OpenSession | None: ...

    def of_account(self, account_id: AccountId) -> tuple[OpenSession, ...]:
        """Newest first, pending and overdue ones included."""
        ...

    def touch(self, session_id: SessionId, *, at: datetime) -> None:
        """Remember the last use; never moves backwards. An unknown id is ignored (it was just ended)."""
        ...

    def end(self, session_id: SessionId) -> None:
        """Deletes it, if it is there."""
        ...

    def end_all(self, account_id: AccountId, *, but: SessionId | None = None) -> int:
        """How many were deleted."""
        ...

    def forget(self, *, now: datetime, idle_since: datetime) -> int:
        """Delete sessions whose `expires_at` has come or that were not seen after `idle_since`; how many."""
        ...


class TryCounts(Protocol):
    """Counts tries for each subject, a keyed hash of 32 bytes: of an account's login, say, or of an address."""

    def count(self, subject: bytes, *, at: datetime, window: timedelta, limit: int) -> Tries:
        """Count one more, in one step however many come at once, and give the new number.

        A count begins anew `window` after its first try; when the number reaches `limit`, from then. What comes
        beyond the limit does not move it.
        """
        ...

    def give_back(self, subject: bytes) -> None:
        """The try just counted was a good one: one less."""
        ...

    def clear(self, subject: bytes) -> None: ...

    def forget(self, *, until: datetime) -> int:
        """Delete counts that began at `until` or earlier; how many."""
        ...
