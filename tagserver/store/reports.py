"""Consumers' reports in SQL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, or_, select, update

from tagcore.gs1 import Gtin
from tagcore.history import Place
from tagserver.ports import AccountId, OrgId, Report, ReportReason, ReportStatus, StateConflictError
from tagserver.store.insertion import refusals_named
from tagserver.store.link import Link
from tagserver.store.schema import report


class SqlReports:
    """Implements `tagserver.ports.Reports` within one transaction."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def add(self, new: Report) -> None:
        """Raises AlreadyExistsError, NotStoredError."""
        with refusals_named("report", new.id, references="organisation of report"):
            self._link.execute(insert(report).values(**_columns(new), **_handling(new)))

    def find(self, report_id: str) -> Report | None:
        """By primary key."""
        row = self._link.execute(select(report).where(report.c.id == report_id)).one_or_none()
        return None if row is None else _report(row)

    def of_organisation(
        self,
        org_id: OrgId,
        *,
        limit: int,
        status: ReportStatus | None = None,
        after: str | None = None,
    ) -> tuple[Report, ...]:
        """Along an index, which has the statuses apart as well."""
        statement = select(report).where(report.c.org_id == org_id)
        if status is not None:
            statement = statement.where(report.c.status == status.value)
        if after is not None:
            last = self.find(after)
            if last is None:
                return ()
            older = or_(report.c.at < last.at, (report.c.at == last.at) & (report.c.id < last.id))
            statement = statement.where(older)
        statement = statement.order_by(report.c.at.desc(), report.c.id.desc()).limit(limit)
        return tuple(_report(row) for row in self._link.execute(statement))

    def counts(self, org_id: OrgId) -> Mapping[ReportStatus, int]:
        """All statuses."""
        statement = (
            select(report.c.status, func.count().label("number"))
            .where(report.c.org_id == org_id)
            .group_by(report.c.status)
        )
        found = {row.status: row.number for row in self._link.execute(statement)}
        return {status: found.get(status.value, 0) for status in ReportStatus}

    def settle(self, changed: Report, *, expected: ReportStatus) -> None:
        """Raises StateConflictError."""
        statement = (
            update(report)
            .where(report.c.id == changed.id, report.c.status == expected.value)
            .values(**_handling(changed))
        )
        if self._link.execute(statement).rowcount != 1:
            raise StateConflictError(
                f"report {changed.id!r}", expected=expected.value, found="another status"
            )

    def forget_people(self, *, before: datetime, limit: int = 10_000) -> int:
        """Along a partial index that holds only reports with something to forget."""
        overdue = (
            select(report.c.id)
            .where(report.c.holds_person, report.c.at < before)
            .order_by(report.c.at)
            .limit(limit)
        )
        nothing = {"contact": "", "viewer": None, "latitude": None, "longitude": None, "radius_km": 0.0}
        statement = update(report).where(report.c.id.in_(overdue)).values(**nothing, holds_person=False)
        return self._link.execute(statement).rowcount


def _columns(value: Report) -> dict[str, Any]:
    place = value.place or Place()
    has_person = bool(value.contact) or value.viewer is not None or place.latitude is not None
    return {
        "id": value.id,
        "gtin": value.gtin,
        "serial": value.serial,
        "org_id": value.org_id,
        "at": value.at,
        "reason": value.reason.value,
        "text": value.text,
        "contact": value.contact,
        "verdict": value.verdict,
        "country": place.country,
        "latitude": place.latitude,
        "longitude": place.longitude,
        "radius_km": place.radius_km,
        "viewer": value.viewer,
        "holds_person": has_person,
    }


def _handling(value: Report) -> dict[str, Any]:
    return {
        "status": value.status.value,
        "handled_by": value.handled_by,
        "closing_reason": value.closing_reason,
        "closed_at": value.closed_at,
    }


def _place(row: Row[Any]) -> Place | None:
    if row.country is None and row.latitude is None:
        return None
    return Place(country=row.country, latitude=row.latitude, longitude=row.longitude, radius_km=row.radius_km)


def _report(row: Row[Any]) -> Report:
    return Report(
        id=row.id,
        gtin=Gtin(row.gtin),
        serial=row.serial,
        org_id=OrgId(row.org_id),
        at=row.at,
        reason=ReportReason(row.reason),
        text=row.text,
        contact=row.contact,
        verdict=row.verdict,
        place=_place(row),
        viewer=None if row.viewer is None else bytes(row.viewer),
        status=ReportStatus(row.status),
        handled_by=None if row.handled_by is None else AccountId(row.handled_by),
        closing_reason=row.closing_reason,
        closed_at=row.closed_at,
    )
