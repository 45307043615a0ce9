"""Who may do what: callers, their tokens, and the checks that every other verb begins with.

A token is `ot_<id>_<secret>`: the secret has 256 bits, is shown once and stored as its SHA-256.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from tagcore.gs1 import Gtin
from tagcore.states import Role
from tagserver.ports import (
    Account,
    AccountId,
    AuditEntry,
    Clock,
    Organisation,
    OrgId,
    Scope,
    Store,
    Token,
    TokenId,
    Transaction,
)
from tagserver.services.admission import check_organisation
from tagserver.services.errors import AccessError, Refusal, ServiceError
from tagserver.services.texts import check_line

TOKEN_PREFIX = "ot"  # noqa: S105 - what tokens begin with
_TOKEN = re.compile(f"{TOKEN_PREFIX}_([0-9a-f]{{16}})_([0-9a-f]{{64}})", re.ASCII)

TOUCH_EVERY = timedelta(minutes=10)
"""How exact a token's last use is: a write for each request would cost more than it tells."""

ROLE_SCOPES: dict[Role, frozenset[Scope]] = {
    Role.PRODUCER: frozenset(Scope) - {Scope.AUDIT},
    Role.DISTRIBUTOR: frozenset({Scope.EVENTS, Scope.VERIFY, Scope.HISTORY}),
    Role.HOSPITAL: frozenset({Scope.EVENTS, Scope.VERIFY, Scope.HISTORY}),
    Role.INSPECTOR: frozenset({Scope.EVENTS, Scope.RECALLS, Scope.VERIFY, Scope.HISTORY, Scope.AUDIT}),
    Role.ADMIN: frozenset({Scope.VERIFY, Scope.HISTORY, Scope.AUDIT}),
}
"""The most that a token of such an organisation can be made for."""

RandomBytes = Callable[[int], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """On whose behalf a verb is carried out: an organisation, and the token or the person it came with.

    Neither: the operator at the command line.
    """

    organisation: Organisation
    token_id: TokenId | None
    scopes: frozenset[Scope]
    account_id: AccountId | None = None

    @property
    def org_id(self) -> OrgId:
        """The organisation's id."""
        return self.organisation.id


def operator(organisation: Organisation) -> Caller:
    """The operator at the command line, acting for `organisation` with all that its role allows."""
    return Caller(organisation=organisation, token_id=None, scopes=ROLE_SCOPES[organisation.role])


def require_scope(caller: Caller, scope: Scope) -> None:
    """Raises: AccessError SCOPE_MISSING."""
    if scope not in caller.scopes:
        raise AccessError(Refusal.SCOPE_MISSING, f"this needs the scope {scope.value!r}")


def require_owner(caller: Caller, owner: OrgId, what: str) -> None:
    """Raises: AccessError NOT_YOURS when `what` belongs to another organisation."""
    if caller.org_id != owner:
        raise AccessError(Refusal.NOT_YOURS, f"{what} belongs to another organisation")


def owns_gtin(organisation: Organisation, gtin: Gtin) -> bool:
    """Whether the organisation may tag `gtin`: listed, or under its company prefix (a GTIN-8 has none)."""
    if gtin in organisation.gtins:
        return True
    return not gtin.startswith("000000") and any(gtin[1:].startswith(p) for p in organisation.prefixes)


def audit(
    transaction: Transaction, caller: Caller | None, at: datetime, action: str, subject: str, **detail: str
) -> None:
    """Add a line to the trail; `caller` None is the operator of the deployment."""
    transaction.audit.add(
        AuditEntry(
            at=at,
            org_id=caller.org_id if caller else None,
            token_id=caller.token_id if caller else None,
            account_id=caller.account_id if caller else None,
            action=action,
            subject=subject,
            detail=detail,
        )
    )


def audit_account(
    transaction: Transaction, account: Account | None, at: datetime, action: str, **detail: str
) -> None:
    """Add a line about what a person did to the own account; None for somebody whom nobody knows."""
    transaction.audit.add(
        AuditEntry(
            at=at,
            org_id=account.org_id if account else None,
            token_id=None,
            account_id=account.id if account else None,
            action=action,
            subject=account.id if account else "",
            detail=detail,
        )
    )


class Access:
    """Organisations and tokens."""

    def __init__(self, *, store: Store, clock: Clock, random_bytes: RandomBytes) -> None:
        self._store = store
        self._clock = clock
        self._random_bytes = random_bytes

    def add_organisation(self, organisation: Organisation) -> None:
        """Raises: AlreadyExistsError; ServiceError INPUT_INVALID, see `check_organisation`."""
        now = self._clock()
        with self._store.write() as transaction:
            others = [other for other in transaction.organisations.all() if other.id != organisation.id]
            check_organisation(organisation, others, now)
            transaction.organisations.add(organisation)
            audit(transaction, None, now, "org.create", organisation.id, role=organisation.role)

    def organisations(self) -> tuple[Organisation, ...]:
        """All of them."""
        with self._store.read() as transaction:
            return transaction.organisations.all()

    def organisation(self, org_id: str) -> Organisation:
        """Raises: ServiceError NOT_FOUND."""
        with self._store.read() as transaction:
            found = transaction.organisations.find(OrgId(org_id))
        if found is None:
            raise ServiceError(Refusal.NOT_FOUND, f"no organisation {org_id!r}")
        return found

    def create_token(
        self, org_id: str, *, name: str, scopes: Iterable[Scope], lifetime: timedelta | None
    ) -> tuple[Token, str]:
        """A new token and its text, which is never shown again; `lifetime` None is for ever.

        Raises: ServiceError SCOPE_MISSING when the organisation's role does not reach a scope; NOT_FOUND;
        INPUT_INVALID.
        """
        check_line(name, "name", shortest=1)
        organisation, wanted = self.organisation(org_id), frozenset(scopes)
        if beyond := wanted - ROLE_SCOPES[organisation.role]:
            names = ", ".join(sorted(beyond))
            raise ServiceError(Refusal.SCOPE_MISSING, f"a {organisation.role} cannot have: {names}")
        now, secret = self._clock(), self._random_bytes(32).hex()
        token = Token(
            id=TokenId(self._random_bytes(8).hex()),
            org_id=organisation.id,
            name=name,
            scopes=tuple(sorted(wanted)),
            secret_hash=sha256(secret.encode("ascii")).digest(),
            created_at=now,
            expires_at=None if lifetime is None else now + lifetime,
        )
        with self._store.write() as transaction:
            transaction.tokens.add(token)
            audit(transaction, None, now, "token.create", token.id, organisation=organisation.id)
        return token, f"{TOKEN_PREFIX}_{token.id}_{secret}"

    def tokens(self, org_id: str) -> tuple[Token, ...]:
        """An organisation's tokens, ended ones included."""
        with self._store.read() as transaction:
            return transaction.tokens.of_organisation(OrgId(org_id))

    def revoke_token(self, token_id: str) -> None:
        """Raises: NotStoredError."""
        now = self._clock()
        with self._store.write() as transaction:
            transaction.tokens.revoke(TokenId(token_id), at=now)
            audit(transaction, None, now, "token.revoke", token_id)

    def trail(
        self, *, org_id: str | None = None, action: str | None = None, limit: int = 50
    ) -> tuple[AuditEntry, ...]:
        """The newest lines of the audit trail."""
        with self._store.read() as transaction:
            return transaction.audit.latest(
                limit=limit, org_id=OrgId(org_id) if org_id else None, action=action
            )

    def authenticate(self, text: str) -> Caller:
        """The caller behind a token's text. Raises: AccessError TOKEN_INVALID, which never says why."""
        written = _TOKEN.fullmatch(text)
        if written is None:
            raise _token_invalid()
        token_id, secret = written.groups()
        now = self._clock()
        with self._store.read() as transaction:
            token = transaction.tokens.find(TokenId(token_id))
            organisation = transaction.organisations.find(token.org_id) if token else None
        digest = sha256(secret.encode("ascii")).digest()
        known = token is not None and hmac.compare_digest(token.secret_hash, digest)
        if token is None or organisation is None or not known or not _is_valid(token, now):
            raise _token_invalid()
        if token.last_used_at is None or now - token.last_used_at > TOUCH_EVERY:
            with self._store.write() as transaction:
                transaction.tokens.touch(token.id, at=now)
        scopes = frozenset(token.scopes) & ROLE_SCOPES[organisation.role]
        return Caller(organisation=organisation, token_id=token.id, scopes=scopes)


def _is_valid(token: Token, now: datetime) -> bool:
    return token.revoked_at is None and (token.expires_at is None or now < token.expires_at)


def _token_invalid() -> AccessError:
    return AccessError(Refusal.TOKEN_INVALID, "the token is unknown, expired or revoked")
