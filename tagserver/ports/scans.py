"""Scans: append-only, keyed by unit, with no more about a person than the history needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from tagcore.gs1 import Gtin
from tagcore.history import Place
from tagserver.ports.parties import OrgId

HISTORY_LIMIT = 1_000
"""Scans that a history shows one by one. A copied label may be scanned millions of times; nobody reads them
all.
"""

TOTALS_LIMIT = 10_000
"""Scans that totals are counted over, the newest: it bounds what one verification costs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanRecord:
    """One verification of one unit.

    `viewer` is a keyed, rotating hash of a first-party token, None for nobody in particular or after the
    retention period. `org_id` is set for a professional's scan. `place` is coarse, and a country alone after
    the retention period. `level` and `headline` are the verdict given. `counted` is False for link previews,
    bots and a viewer's repeats. `turn` tells apart scans of one unit in one microsecond; the store counts it.
    """

    gtin: Gtin
    serial: str
    at: datetime
    viewer: bytes | None
    org_id: OrgId | None
    place: Place | None
    reliable_place: bool
    level: int
    headline: str
    counted: bool
    turn: int = field(default=0, compare=False)

    @property
    def spot(self) -> ScanSpot:
        """Where it stands among its product's."""
        return ScanSpot(at=self.at, turn=self.turn, serial=self.serial)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanSpot:
    """A place in the order of a product's scans: by time, then by turn, then by serial.

    One without turn and serial is before all scans of its microsecond.
    """

    at: datetime
    turn: int = 0
    serial: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanTotals:
    """Sums over a unit's counted scans, the newest TOTALS_LIMIT of them; `is_capped` when it reached that:
    there may be more.

    `first_seen` and `last_seen` are over all. `countries` go from the most scans to the fewest.
    """

    scans: int
    distinct_viewers: int
    countries: tuple[tuple[str, int], ...]
    first_seen: datetime | None
    last_seen: datetime | None
    is_capped: bool


class Scans(Protocol):
    """The scan path: one insert and reads by unit key; no transaction spans two units."""

    def add(self, scan: ScanRecord) -> None: ...

    def first_time(self, ticket: bytes, *, at: datetime) -> bool:
        """Note a scan's ticket (16 bytes); False when it was noted before, and the scan with it."""
        ...

    def forget_tickets(self, *, before: datetime) -> int:
        """Drop tickets noted before `before`; how many."""
        ...

    def history(
        self, gtin: Gtin, serial: str, *, limit: int = HISTORY_LIMIT, counted_only: bool = False
    ) -> tuple[ScanRecord, ...]:
        """The newest `limit` (at most HISTORY_LIMIT) scans, newest first; uncounted ones too, unless
        `counted_only`.
        """
        ...

    def totals(self, gtin: Gtin, serial: str) -> ScanTotals: ...

    def older(self, gtin: Gtin, *, than: ScanSpot | None = None, limit: int) -> tuple[ScanRecord, ...]:
        """The newest `limit` (at most HISTORY_LIMIT) scans of a product's units, newest first, uncounted ones too;
        with `than`, of those that stand before it.
        """
        ...

    def forget_viewers(self, *, before: datetime, limit: int = 10_000) -> int:
        """Erase viewer hash and coordinates of up to `limit` scans made before `before`; how many. Call
        until it is 0.

        What stays (time, country, verdict, organisation) tells of no person.
        """
        ...
