"""Organisations, the tokens they act with, and the audit trail of what was done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType, Protocol

from tagcore.gs1 import Gtin
from tagcore.states import Role

OrgId = NewType("OrgId", str)
TokenId = NewType("TokenId", str)
AccountId = NewType("AccountId", str)
SessionId = NewType("SessionId", str)


class Scope(StrEnum):
    """One thing a token may be used for; a token never exceeds its organisation's role."""

    PRODUCTS = "products"
    BATCHES = "batches"
    LABELS = "labels"
    EVENTS = "events"
    RECALLS = "recalls"
    VERIFY = "verify"
    HISTORY = "history"
    REPORTS = "reports"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """A party that holds tokens. `id` is 1 to 64 characters, chosen once; `name` is for people.

    A producer's `gtins` and GS1 company `prefixes` are what it may tag, its `hosts` (upper case) the domains
    its tags may name: the fields of its `tagcore.trust.Issuer`.
    """

    id: OrgId
    name: str
    role: Role
    created_at: datetime
    gtins: tuple[Gtin, ...] = ()
    prefixes: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An API token as stored: never its secret, only the secret's SHA-256.

    The secret has at least 128 bits of entropy, so one hash is enough (no slow hash, no salt). Expires at
    `expires_at` (that instant is already too late), or never when None.
    """

    id: TokenId
    org_id: OrgId
    name: str
    scopes: tuple[Scope, ...]
    secret_hash: bytes = field(repr=False)
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """Who did what to what, and when. `detail` holds public facts only: no secret, no address of a person.

    `account_id` is set when a person did it at the console, `token_id` when a program did.
    """

    at: datetime
    org_id: OrgId | None
    token_id: TokenId | None
    action: str
    subject: str
    detail: Mapping[str, str] = field(default_factory=dict)
    account_id: AccountId | None = None


class Organisations(Protocol):
    """The parties of this deployment."""

    def add(self, organisation: Organisation) -> None:
        """Raises AlreadyExistsError."""
        ...

    def update(self, organisation: Organisation) -> None:
        """Replace everything but the id and the creation time. Raises NotStoredError."""
        ...

    def find(self, org_id: OrgId) -> Organisation | None: ...

    def all(self) -> tuple[Organisation, ...]:
        """In order of id."""
        ...


class Tokens(Protocol):
    """API tokens. Whether one is still valid is the caller's decision: `find` returns ended ones too."""

    def add(self, token: Token) -> None:
        """Raises AlreadyExistsError, NotStoredError (the organisation)."""
        ...

    def find(self, token_id: TokenId) -> Token | None: ...

    def of_organisation(self, org_id: OrgId) -> tuple[Token, ...]:
        """Newest first, ended ones included."""
        ...

    def revoke(self, token_id: TokenId, *, at: datetime) -> None:
        """Keeps the first revocation's time when repeated. Raises NotStoredError."""
        ...

    def touch(self, token_id: TokenId, *, at: datetime) -> None:
        """Remember the last use; never moves backwards. An unknown id is ignored (it was just deleted)."""
        ...


class Audit(Protocol):
    """The append-only audit trail."""

    def add(self, entry: AuditEntry) -> None: ...

    def latest(
        self,
        *,
        limit: int,
        org_id: OrgId | None = None,
        action: str | None = None,
        subject: str | None = None,
    ) -> tuple[AuditEntry, ...]:
        """The newest `limit` entries that match every filter given, newest first."""
        ...

    def count(self, *, action: str, subject: str) -> int:
        """How often this was done to this subject: how many times were a batch's labels rendered?"""
        ...
