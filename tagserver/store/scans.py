"""Scans in SQL: append-only, found by unit alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, Subquery, bindparam, delete, func, or_, select, tuple_, update

from tagcore.gs1 import Gtin
from tagcore.history import Place
from tagserver.ports import HISTORY_LIMIT, TOTALS_LIMIT, OrgId, ScanRecord, ScanSpot, ScanTotals
from tagserver.store.insertion import insert_if_absent
from tagserver.store.link import Link
from tagserver.store.prepared import Prepared
from tagserver.store.schema import scan, sent_scan

_SCANS_A_MICROSECOND = 2048
"""11 bits of the id, leaving 52 for the microseconds since 1970: until the year 2112."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_OF_UNIT = select(scan).where(scan.c.gtin == bindparam("of_gtin"), scan.c.serial == bindparam("of_serial"))
_NEWEST = Prepared(_OF_UNIT.order_by(scan.c.id.desc()).limit(bindparam("most")))
_NEWEST_COUNTED = Prepared(_OF_UNIT.where(scan.c.counted).order_by(scan.c.id.desc()).limit(bindparam("most")))


class SqlScans:
    """Implements `tagserver.ports.Scans` within one transaction."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def add(self, new: ScanRecord) -> None:
        """One row, at the first free id of its microsecond."""
        first_id = _first_id(new.at)
        values = _columns(new)
        for scan_id in range(first_id, first_id + _SCANS_A_MICROSECOND):
            if insert_if_absent(self._link, scan, {**values, "id": scan_id}):
                return
        raise ValueError(f"more than {_SCANS_A_MICROSECOND} scans of one unit in one microsecond")

    def first_time(self, ticket: bytes, *, at: datetime) -> bool:
        """A second transaction with the same ticket waits for the first to end."""
        return insert_if_absent(self._link, sent_scan, {"ticket": ticket, "at": at})

    def forget_tickets(self, *, before: datetime) -> int:
        """Along an index of their time."""
        return self._link.execute(delete(sent_scan).where(sent_scan.c.at < before)).rowcount

    def history(
        self, gtin: Gtin, serial: str, *, limit: int = HISTORY_LIMIT, counted_only: bool = False
    ) -> tuple[ScanRecord, ...]:
        """Newest first, along the primary key."""
        newest = _NEWEST_COUNTED if counted_only else _NEWEST
        most = min(limit, HISTORY_LIMIT)
        return tuple(_scan(row) for row in newest.all(self._link, of_gtin=gtin, of_serial=serial, most=most))

    def totals(self, gtin: Gtin, serial: str) -> ScanTotals:
        """A bounded number of rows is read, however often the unit was scanned."""
        newest = _newest_counted(gtin, serial)
        scans, viewers = self._link.execute(
            select(func.count(), func.count(newest.c.viewer.distinct())).select_from(newest)
        ).one()
        return ScanTotals(
            scans=scans,
            distinct_viewers=viewers,
            countries=self._countries(newest),
            first_seen=self._seen(gtin, serial, latest=False),
            last_seen=self._seen(gtin, serial, latest=True),
            is_capped=scans == TOTALS_LIMIT,
        )

    def older(self, gtin: Gtin, *, than: ScanSpot | None = None, limit: int) -> tuple[ScanRecord, ...]:
        """Newest first, along an index of its own."""
        statement = select(scan).where(scan.c.gtin == gtin).order_by(scan.c.id.desc(), scan.c.serial.desc())
        if than is not None:
            place = _first_id(than.at) + than.turn
            before = or_(scan.c.id < place, scan.c.serial < than.serial)
            statement = statement.where(scan.c.id <= place, before)
        newest = statement.limit(min(limit, HISTORY_LIMIT))
        return tuple(_scan(row) for row in self._link.execute(newest))

    def forget_viewers(self, *, before: datetime, limit: int = 10_000) -> int:
        """Along a partial index that holds only scans with something to forget."""
        key = tuple_(scan.c.gtin, scan.c.serial, scan.c.id)
        overdue = (
            select(scan.c.gtin, scan.c.serial, scan.c.id)
            .where(scan.c.holds_person, scan.c.at < before)
            .order_by(scan.c.at)
            .limit(limit)
        )
        nothing = {"viewer": None, "latitude": None, "longitude": None, "radius_km": 0.0}
        erased = {**nothing, "holds_person": False}
        return self._link.execute(update(scan).where(key.in_(overdue)).values(**erased)).rowcount

    def _countries(self, newest: Subquery) -> tuple[tuple[str, int], ...]:
        times = func.count().label("times")
        statement = (
            select(newest.c.country, times)
            .where(newest.c.country.is_not(None))
            .group_by(newest.c.country)
            .order_by(times.desc(), newest.c.country)
        )
        return tuple((country, number) for country, number in self._link.execute(statement))

    def _seen(self, gtin: Gtin, serial: str, *, latest: bool) -> datetime | None:
        order = scan.c.id.desc() if latest else scan.c.id
        statement = select(scan.c.at).where(scan.c.gtin == gtin, scan.c.serial == serial, scan.c.counted)
        return self._link.execute(statement.order_by(order).limit(1)).scalar_one_or_none()


def _first_id(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1) * _SCANS_A_MICROSECOND


def _newest_counted(gtin: Gtin, serial: str) -> Subquery:
    return (
        select(scan.c.viewer, scan.c.country)
        .where(scan.c.gtin == gtin, scan.c.serial == serial, scan.c.counted)
        .order_by(scan.c.id.desc())
        .limit(TOTALS_LIMIT)
        .subquery()
    )


def _columns(value: ScanRecord) -> dict[str, Any]:
    place = value.place or Place()
    return {
        "gtin": value.gtin,
        "serial": value.serial,
        "at": value.at,
        "viewer": value.viewer,
        "org_id": value.org_id,
        "country": place.country,
        "latitude": place.latitude,
        "longitude": place.longitude,
        "radius_km": place.radius_km,
        "reliable_place": value.reliable_place,
        "level": int(value.level),
        "headline": value.headline,
        "counted": value.counted,
        "holds_person": value.viewer is not None or place.latitude is not None,
    }


def _place(row: Row[Any]) -> Place | None:
    if row.country is None and row.latitude is None:
        return None
    return Place(country=row.country, latitude=row.latitude, longitude=row.longitude, radius_km=row.radius_km)


def _scan(row: Row[Any]) -> ScanRecord:
    return ScanRecord(
        gtin=Gtin(row.gtin),
        serial=row.serial,
        at=row.at,
        viewer=None if row.viewer is None else bytes(row.viewer),
        org_id=None if row.org_id is None else OrgId(row.org_id),
        place=_place(row),
        reliable_place=row.reliable_place,
        level=row.level,
        headline=row.headline,
        counted=row.counted,
        turn=row.id % _SCANS_A_MICROSECOND,
    )
