"""Public records of issuers' keys in SQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, insert, select, update

from tagcore.keys import KeyStatus
from tagserver.ports import IssuerKeyRecord, KeyId, NotStoredError, OrgId, StateConflictError
from tagserver.store.insertion import refusals_named
from tagserver.store.link import Link
from tagserver.store.prepared import Prepared
from tagserver.store.schema import issuer_key

_BY_ID = Prepared(select(issuer_key).where(issuer_key.c.id == bindparam("of_id")))


class SqlIssuerKeys:
    """Implements `tagserver.ports.IssuerKeys` within one transaction."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def add(self, record: IssuerKeyRecord) -> None:
        """Raises AlreadyExistsError, NotStoredError."""
        with refusals_named("issuer key", record.id, references="organisation of issuer key"):
            self._link.execute(
                insert(issuer_key).values(
                    id=record.id,
                    org_id=record.org_id,
                    slot=record.slot,
                    public_key=record.public_key,
                    not_before=record.not_before,
                    not_after=record.not_after,
                    status=record.status.value,
                    revoked_at=record.revoked_at,
                    created_at=record.created_at,
                )
            )

    def find(self, key_id: KeyId) -> IssuerKeyRecord | None:
        """By primary key."""
        row = _BY_ID.first(self._link, of_id=key_id)
        return None if row is None else _record(row)

    def of_organisation(self, org_id: OrgId) -> tuple[IssuerKeyRecord, ...]:
        """In order of slot."""
        of_one = select(issuer_key).where(issuer_key.c.org_id == org_id)
        return self._records(of_one.order_by(issuer_key.c.slot))

    def all(self) -> tuple[IssuerKeyRecord, ...]:
        """In order of organisation and slot."""
        return self._records(select(issuer_key).order_by(issuer_key.c.org_id, issuer_key.c.slot))

    def set_status(self, key_id: KeyId, status: KeyStatus, *, at: datetime) -> IssuerKeyRecord:
        """Revocation is for ever: a leaked key cannot be made trustworthy again."""
        revoked_at = at if status is KeyStatus.REVOKED else None
        changed = self._link.execute(
            update(issuer_key)
            .where(issuer_key.c.id == key_id, issuer_key.c.status != KeyStatus.REVOKED.value)
            .values(status=status.value, revoked_at=revoked_at)
        ).rowcount
        record = self.find(key_id)
        if record is None:
            raise NotStoredError("issuer key", key_id)
        if not changed and status is not KeyStatus.REVOKED:
            raise StateConflictError(f"issuer key {key_id!r}", expected="not revoked", found="revoked")
        return record

    def _records(self, statement: Select[Any]) -> tuple[IssuerKeyRecord, ...]:
        return tuple(_record(row) for row in self._link.execute(statement))


def _record(row: Row[Any]) -> IssuerKeyRecord:
    return IssuerKeyRecord(
        id=KeyId(row.id),
        org_id=OrgId(row.org_id),
        slot=row.slot,
        public_key=row.public_key,
        not_before=row.not_before,
        not_after=row.not_after,
        status=KeyStatus(row.status),
        revoked_at=row.revoked_at,
        created_at=row.created_at,
    )
