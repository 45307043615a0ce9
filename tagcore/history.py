"""What a unit's past scans say: first sight, distinct viewers, and signals that a copy is about.

docs/spec/verdicts.md, "Counting". Pure: scans, the present scan and thresholds in, a summary out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_KM = 6371.0


class Signal(StrEnum):
    """A kind of independent hint at a copy."""

    IMPOSSIBLE_TRAVEL = "impossible_travel"
    VIEWER_BURST = "viewer_burst"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a scan was made, never exactly: ISO 3166 country, and a coarse cell's centre with its radius in km."""

    country: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    radius_km: float = 0.0

    @property
    def is_located(self) -> bool:
        """Whether it has coordinates."""
        return self.latitude is not None and self.longitude is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """One counted sight of a unit: when (aware), by which viewer (keyed hash), where; previews and bots are left out.

    `reliable_place` is false for addresses of hosting and VPN networks: such a place makes no travel.
    `professional` marks a check by an organisation: it makes travel, yet trade's checks are no crowd of viewers.
    """

    at: datetime
    viewer: bytes
    place: Place | None = None
    reliable_place: bool = True
    professional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """When scans become a signal; a product may have its own.

    - `burst_viewers` 5 in `burst_window` 30 days: a bottle passes few hands before it is drunk, its shelf-side
      scans are by one or two people; a label copied onto a hundred bottles gathers strangers.
    - `speed_kmh` 800 over more than `distance_km` 300 beyond both radii: an airliner's pace, door to door.
    """

    burst_viewers: int = 5
    burst_window: timedelta = timedelta(days=30)
    speed_kmh: float = 800.0
    distance_km: float = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What the past says, the present scan's viewer left out of `other_viewers` and `first_*`."""

    total: int
    other_viewers: int
    first_at: datetime | None
    first_country: str | None
    seen_before_by_viewer: bool
    signals: frozenset[Signal]


def summarise(past: Sequence[Scan], present: Scan, thresholds: Thresholds) -> History:
    """The summary of `past` scans (any order) as seen by the `present` one."""
    ordered = sorted(past, key=lambda scan: scan.at)
    others = [scan for scan in ordered if scan.viewer != present.viewer and not scan.professional]
    first = others[0] if others else None
    signals = {
        signal
        for signal, found in (
            (Signal.IMPOSSIBLE_TRAVEL, _travels([*ordered, present], thresholds)),
            (Signal.VIEWER_BURST, _bursts(others, present.at, thresholds)),
        )
        if found
    }
    return History(
        total=len(ordered),
        other_viewers=len({scan.viewer for scan in others}),
        first_at=first.at if first else None,
        first_country=first.place.country if first and first.place else None,
        seen_before_by_viewer=any(scan.viewer == present.viewer for scan in ordered),
        signals=frozenset(signals),
    )


def distance_km(a: Place, b: Place) -> float | None:
    """The least distance between two places, their radii taken off; None when either has no coordinates."""
    if a.latitude is None or a.longitude is None or b.latitude is None or b.longitude is None:
        return None
    north_a, north_b = radians(a.latitude), radians(b.latitude)
    east = radians(b.longitude - a.longitude)
    chord = sin((north_b - north_a) / 2) ** 2 + cos(north_a) * cos(north_b) * sin(east / 2) ** 2
    return max(0.0, 2 * EARTH_RADIUS_KM * asin(sqrt(min(1.0, chord))) - a.radius_km - b.radius_km)


def _travels(ordered: Sequence[Scan], thresholds: Thresholds) -> bool:
    located = [
        (scan, place)
        for scan in ordered
        if scan.reliable_place and (place := scan.place) is not None and place.is_located
    ]
    return any(_impossible(*earlier, *later, thresholds) for earlier, later in pairwise(located))


def _impossible(scan: Scan, place: Place, later: Scan, there: Place, thresholds: Thresholds) -> bool:
    """Whether one unit cannot have made the step. One person's device changes its address, not its unit: only an
    organisation, which has many hands, makes travel with itself.
    """
    if scan.viewer == later.viewer and not scan.professional:
        return False
    distance = distance_km(place, there)
    if distance is None or distance <= thresholds.distance_km:
        return False
    return distance > thresholds.speed_kmh * (later.at - scan.at).total_seconds() / 3600


def _bursts(others: Sequence[Scan], now: datetime, thresholds: Thresholds) -> bool:
    since = now - thresholds.burst_window
    return len({scan.viewer for scan in others if scan.at > since}) >= thresholds.burst_viewers
