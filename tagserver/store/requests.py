"""Idempotency keys in SQL: a row claims the key, and commits together with what the request did."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from tagserver.ports import IdempotencyConflictError, NotStoredError, OrgId
from tagserver.store.insertion import insert_if_absent, refusals_named
from tagserver.store.link import Link
from tagserver.store.schema import request


class SqlRequests:
    """Implements `tagserver.ports.Requests` within one transaction.

    A second transaction with the same key waits at the insert until the first ends (PostgreSQL: on the row;
    SQLite: on the write lock), then finds its outcome, or the key free again when the first was rolled back.
    """

    def __init__(self, link: Link) -> None:
        self._link = link

    def begin(self, org_id: OrgId, key: str, request_hash: bytes, *, at: datetime) -> str | None:
        """Raises IdempotencyConflictError, NotStoredError."""
        values = {"org_id": org_id, "key": key, "request_hash": request_hash, "at": at}
        with refusals_named("request", key, references="organisation"):
            if insert_if_absent(self._link, request, values):
                return None
        row = self._link.execute(
            select(request).where(request.c.org_id == org_id, request.c.key == key)
        ).one()
        if row.request_hash != request_hash or row.outcome is None:
            raise IdempotencyConflictError(org_id, key)
        return str(row.outcome)

    def complete(self, org_id: OrgId, key: str, outcome: str) -> None:
        """Raises NotStoredError."""
        statement = (
            update(request).where(request.c.org_id == org_id, request.c.key == key).values(outcome=outcome)
        )
        if self._link.execute(statement).rowcount != 1:
            raise NotStoredError("request", key)
