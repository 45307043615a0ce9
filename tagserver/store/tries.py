"""Counts of tries in SQL: one statement counts and answers, so tries that come at once all count."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, delete, literal, or_, update
from sqlalchemy.dialects import postgresql, sqlite

from tagserver.ports import Tries
from tagserver.store.link import Link
from tagserver.store.schema import try_count
from tagserver.store.schema.columns import UtcDateTime


class SqlTries:
    """Implements `tagserver.ports.TryCounts` within one transaction."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def count(self, subject: bytes, *, at: datetime, window: timedelta, limit: int) -> Tries:
        """Insert, or count up the row that is there."""
        values = {"subject": subject, "number": 1, "since": at}
        number, since = try_count.c.number, try_count.c.since
        is_over = since <= at - window
        now = literal(at, UtcDateTime)
        changed = {
            "number": case((is_over, 1), else_=number + 1),
            "since": case((or_(is_over, number + 1 == limit), now), else_=since),
        }
        statement: Any
        if self._link.dialect.name == "postgresql":
            statement = postgresql.insert(try_count).values(**values)
        else:
            statement = sqlite.insert(try_count).values(**values)
        statement = statement.on_conflict_do_update(index_elements=["subject"], set_=changed)
        row = self._link.execute(statement.returning(number, since)).one()
        return Tries(number=row.number, since=row.since)

    def give_back(self, subject: bytes) -> None:
        """Never under nothing."""
        self._link.execute(
            update(try_count)
            .where(try_count.c.subject == subject, try_count.c.number > 0)
            .values(number=try_count.c.number - 1)
        )

    def clear(self, subject: bytes) -> None:
        """Harmless without a count."""
        self._link.execute(delete(try_count).where(try_count.c.subject == subject))

    def forget(self, *, until: datetime) -> int:
        """Along an index."""
        return self._link.execute(delete(try_count).where(try_count.c.since <= until)).rowcount
