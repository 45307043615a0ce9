"""Recalls in SQL: one row for a unit, a lot, or a product."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, insert, or_, select, update

from tagcore.gs1 import Gtin
from tagserver.ports import NotStoredError, OrgId, Recall, RecallKind
from tagserver.store.insertion import refusals_named
from tagserver.store.link import Link
from tagserver.store.prepared import Prepared
from tagserver.store.schema import recall


class SqlRecalls:
    """Implements `tagserver.ports.Recalls` within one transaction."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def add(self, new: Recall) -> None:
        """Raises AlreadyExistsError, NotStoredError."""
        with refusals_named("recall", new.id, references="organisation or product of recall"):
            self._link.execute(
                insert(recall).values(
                    id=new.id,
                    gtin=new.gtin,
                    lot=new.lot,
                    serial=new.serial,
                    kind=new.kind.value,
                    reason=new.reason,
                    instructions=new.instructions,
                    at=new.at,
                    by_org=new.by_org,
                    lifted_at=new.lifted_at,
                )
            )

    def find(self, recall_id: str) -> Recall | None:
        """By primary key."""
        found = self._recalls(select(recall).where(recall.c.id == recall_id))
        return found[0] if found else None

    def lift(self, recall_id: str, *, at: datetime) -> Recall:
        """The first time stays."""
        lifted_at = func.coalesce(recall.c.lifted_at, at, type_=recall.c.lifted_at.type)
        self._link.execute(update(recall).where(recall.c.id == recall_id).values(lifted_at=lifted_at))
        found = self.find(recall_id)
        if found is None:
            raise NotStoredError("recall", recall_id)
        return found

    def in_force(self, gtin: Gtin, *, lot: str, serial: str) -> tuple[Recall, ...]:
        """Newest first."""
        found = _IN_FORCE.all(self._link, of_gtin=gtin, of_lot=lot, of_serial=serial)
        return tuple(recall_from_row(row) for row in found)

    def of_product(self, gtin: Gtin) -> tuple[Recall, ...]:
        """Newest first."""
        return self._recalls(_newest_first(select(recall).where(recall.c.gtin == gtin)))

    def all_in_force(self) -> tuple[Recall, ...]:
        """Newest first; as many rows as there are recalls, not units."""
        return self._recalls(_newest_first(select(recall).where(recall.c.lifted_at.is_(None))))

    def _recalls(self, statement: Select[Any]) -> tuple[Recall, ...]:
        return tuple(recall_from_row(row) for row in self._link.execute(statement))


def _newest_first(statement: Select[Any]) -> Select[Any]:
    return statement.order_by(recall.c.at.desc(), recall.c.id)


_IN_FORCE = Prepared(
    _newest_first(
        select(recall).where(
            recall.c.gtin == bindparam("of_gtin"),
            or_(recall.c.lot.is_(None), recall.c.lot == bindparam("of_lot")),
            or_(recall.c.serial.is_(None), recall.c.serial == bindparam("of_serial")),
            recall.c.lifted_at.is_(None),
        )
    )
)


def recall_from_row(row: Row[Any]) -> Recall:
    """A recall from its row."""
    return Recall(
        id=row.id,
        gtin=Gtin(row.gtin),
        lot=row.lot,
        serial=row.serial,
        kind=RecallKind(row.kind),
        reason=row.reason,
        instructions=row.instructions,
        at=row.at,
        by_org=OrgId(row.by_org),
        lifted_at=row.lifted_at,
    )
