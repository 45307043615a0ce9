"""API tokens in SQL: the SHA-256 of a secret, never the secret."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, or_, select, update

from tagserver.ports import NotStoredError, OrgId, Scope, Token, TokenId
from tagserver.store.insertion import refusals_named
from tagserver.store.link import Link
from tagserver.store.schema import token


class SqlTokens:
    """Implements `tagserver.ports.Tokens` within one transaction."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def add(self, new: Token) -> None:
        """Raises AlreadyExistsError, NotStoredError."""
        with refusals_named("token", new.id, references="organisation of token"):
            self._link.execute(
                insert(token).values(
                    id=new.id,
                    org_id=new.org_id,
                    name=new.name,
                    scopes=[scope.value for scope in new.scopes],
                    secret_hash=new.secret_hash,
                    created_at=new.created_at,
                    expires_at=new.expires_at,
                    revoked_at=new.revoked_at,
                    last_used_at=new.last_used_at,
                )
            )

    def find(self, token_id: TokenId) -> Token | None:
        """By primary key."""
        row = self._link.execute(select(token).where(token.c.id == token_id)).one_or_none()
        return None if row is None else _token(row)

    def of_organisation(self, org_id: OrgId) -> tuple[Token, ...]:
        """Newest first."""
        statement = (
            select(token).where(token.c.org_id == org_id).order_by(token.c.created_at.desc(), token.c.id)
        )
        return tuple(_token(row) for row in self._link.execute(statement))

    def revoke(self, token_id: TokenId, *, at: datetime) -> None:
        """The first revocation's time stays."""
        statement = (
            update(token)
            .where(token.c.id == token_id)
            .values(revoked_at=func.coalesce(token.c.revoked_at, at, type_=token.c.revoked_at.type))
        )
        if self._link.execute(statement).rowcount != 1:
            raise NotStoredError("token", token_id)

    def touch(self, token_id: TokenId, *, at: datetime) -> None:
        """Never backwards."""
        never_or_earlier = or_(token.c.last_used_at.is_(None), token.c.last_used_at < at)
        self._link.execute(
            update(token).where(token.c.id == token_id, never_or_earlier).values(last_used_at=at)
        )


def _token(row: Row[Any]) -> Token:
    return Token(
        id=TokenId(row.id),
        org_id=OrgId(row.org_id),
        name=row.name,
        scopes=tuple(Scope(scope) for scope in row.scopes),
        secret_hash=row.secret_hash,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
    )
