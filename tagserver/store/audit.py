"""The audit trail in SQL: rows are only ever added."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, func, insert, select

from tagserver.ports import AccountId, AuditEntry, OrgId, TokenId
from tagserver.store.link import Link
from tagserver.store.schema import audit_entry


class SqlAudit:
    """Implements `tagserver.ports.Audit` within one transaction."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def add(self, entry: AuditEntry) -> None:
        """One row."""
        self._link.execute(
            insert(audit_entry).values(
                at=entry.at,
                org_id=entry.org_id,
                token_id=entry.token_id,
                account_id=entry.account_id,
                action=entry.action,
                subject=entry.subject,
                detail=dict(entry.detail),
            )
        )

    def latest(
        self,
        *,
        limit: int,
        org_id: OrgId | None = None,
        action: str | None = None,
        subject: str | None = None,
    ) -> tuple[AuditEntry, ...]:
        """Newest first, by order of writing."""
        wanted = {"org_id": org_id, "action": action, "subject": subject}
        filters = [audit_entry.c[name] == value for name, value in wanted.items() if value is not None]
        statement = select(audit_entry).where(*filters).order_by(audit_entry.c.id.desc()).limit(limit)
        return tuple(_entry(row) for row in self._link.execute(statement))

    def count(self, *, action: str, subject: str) -> int:
        """Over the whole trail."""
        statement = select(func.count()).where(
            audit_entry.c.action == action, audit_entry.c.subject == subject
        )
        return int(self._link.execute(statement).scalar_one())


def _entry(row: Row[Any]) -> AuditEntry:
    return AuditEntry(
        at=row.at,
        org_id=None if row.org_id is None else OrgId(row.org_id),
        token_id=None if row.token_id is None else TokenId(row.token_id),
        account_id=None if row.account_id is None else AccountId(row.account_id),
        action=row.action,
        subject=row.subject,
        detail=row.detail,
    )
