"""Organisations in SQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, insert, select, update

from tagcore.gs1 import Gtin
from tagcore.states import Role
from tagserver.ports import NotStoredError, Organisation, OrgId
from tagserver.store.insertion import refusals_named
from tagserver.store.link import Link
from tagserver.store.schema import organisation


class SqlOrganisations:
    """Implements `tagserver.ports.Organisations` within one transaction."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def add(self, new: Organisation) -> None:
        """Raises AlreadyExistsError."""
        with refusals_named("organisation", new.id):
            self._link.execute(
                insert(organisation).values(id=new.id, created_at=new.created_at, **_editable(new))
            )

    def update(self, changed: Organisation) -> None:
        """Raises NotStoredError."""
        statement = update(organisation).where(organisation.c.id == changed.id).values(**_editable(changed))
        if self._link.execute(statement).rowcount != 1:
            raise NotStoredError("organisation", changed.id)

    def find(self, org_id: OrgId) -> Organisation | None:
        """By primary key."""
        row = self._link.execute(select(organisation).where(organisation.c.id == org_id)).one_or_none()
        return None if row is None else _organisation(row)

    def all(self) -> tuple[Organisation, ...]:
        """In order of id."""
        rows = self._link.execute(select(organisation).order_by(organisation.c.id))
        return tuple(_organisation(row) for row in rows)


def _editable(value: Organisation) -> dict[str, Any]:
    return {
        "name": value.name,
        "role": value.role.value,
        "gtins": list(value.gtins),
        "prefixes": list(value.prefixes),
        "hosts": list(value.hosts),
    }


def _organisation(row: Row[Any]) -> Organisation:
    return Organisation(
        id=OrgId(row.id),
        name=row.name,
        role=Role(row.role),
        created_at=row.created_at,
        gtins=tuple(Gtin(gtin) for gtin in row.gtins),
        prefixes=tuple(row.prefixes),
        hosts=tuple(row.hosts),
    )
