"""Console sessions in SQL: the SHA-256 of a token, never the token; ended ones are deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, or_, select, update

from tagserver.ports import AccountId, OpenSession, SessionId
from tagserver.store.insertion import refusals_named
from tagserver.store.link import Link
from tagserver.store.schema import console_session


class SqlSessions:
    """Implements `tagserver.ports.Sessions` within one transaction."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def add(self, new: OpenSession) -> None:
        """Raises AlreadyExistsError, NotStoredError."""
        with refusals_named("session", new.id, references="account of session"):
            self._link.execute(
                insert(console_session).values(
                    id=new.id,
                    account_id=new.account_id,
                    token_hash=new.token_hash,
                    created_at=new.created_at,
                    seen_at=new.seen_at,
                    expires_at=new.expires_at,
                    agent=new.agent,
                    is_pending=new.is_pending,
                )
            )

    def find(self, token_hash: bytes) -> OpenSession | None:
        """By a unique index."""
        statement = select(console_session).where(console_session.c.token_hash == token_hash)
        row = self._link.execute(statement).one_or_none()
        return None if row is None else _session(row)

    def of_account(self, account_id: AccountId) -> tuple[OpenSession, ...]:
        """Newest first."""
        statement = (
            select(console_session)
            .where(console_session.c.account_id == account_id)
            .order_by(console_session.c.created_at.desc(), console_session.c.id)
        )
        return tuple(_session(row) for row in self._link.execute(statement))

    def touch(self, session_id: SessionId, *, at: datetime) -> None:
        """Never backwards."""
        self._link.execute(
            update(console_session)
            .where(console_session.c.id == session_id, console_session.c.seen_at < at)
            .values(seen_at=at)
        )

    def end(self, session_id: SessionId) -> None:
        """Harmless when it is gone."""
        self._link.execute(delete(console_session).where(console_session.c.id == session_id))

    def end_all(self, account_id: AccountId, *, but: SessionId | None = None) -> int:
        """How many."""
        statement = delete(console_session).where(console_session.c.account_id == account_id)
        if but is not None:
            statement = statement.where(console_session.c.id != but)
        return self._link.execute(statement).rowcount

    def forget(self, *, now: datetime, idle_since: datetime) -> int:
        """A scan of the table: it holds a row for each person at work, no more."""
        over = or_(console_session.c.expires_at <= now, console_session.c.seen_at <= idle_since)
        return self._link.execute(delete(console_session).where(over)).rowcount


def _session(row: Row[Any]) -> OpenSession:
    return OpenSession(
        id=SessionId(row.id),
        account_id=AccountId(row.account_id),
        token_hash=row.token_hash,
        created_at=row.created_at,
        seen_at=row.seen_at,
        expires_at=row.expires_at,
        agent=row.agent,
        is_pending=row.is_pending,
    )
