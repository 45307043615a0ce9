"""Who looks at a tag, without knowing who: keyed hashes that rotate, and clients that do not count.

An IP address is personal data: neither it nor the browser's token is stored, only an HMAC of them under a
key that is derived anew for each period. Across a period's end one person counts twice, at most.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256

from tagcore.history import Place
from tagserver.ports import OrgId

HASH_BYTES = 16
"""128 bits: no two viewers of one unit collide, and nothing longer is kept than needed."""

CELL_DEGREES = 0.5
"""Positions are kept as the middle of a cell of half a degree, about 55 km from north to south."""

CELL_RADIUS_KM = 40.0
"""From the middle of such a cell to its farthest corner at the equator (39.3 km), rounded up."""

_NOT_PEOPLE = re.compile(
    r"(?<!\bcu)bot\b|crawl|spider|slurp|preview|facebookexternalhit|^whatsapp|slack-imgproxy|embedly|vkshare"
    r"|chrome-lighthouse|curl/|wget/|python-requests|go-http-client",
    re.IGNORECASE,
)
"""Programs that fetch pages by themselves. Not the browsers inside messengers, which people look through, nor
Cubot, who make telephones.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """The circumstances of one verification, as much as may be kept of them.

    `org_id` is set for a professional's check. `counted` is false for link previews and bots.
    """

    viewer: bytes
    org_id: OrgId | None = None
    place: Place | None = None
    reliable_place: bool = True
    counted: bool = True


def viewer_hash(secret: bytes, token: str, now: datetime, rotation: timedelta) -> bytes:
    """The viewer behind a first-party token (or, without one, address and browser), for this period only."""
    period = int(now.timestamp() // rotation.total_seconds())
    return hmac.digest(_key_of(secret, period), token.encode("utf-8", "replace"), sha256)[:HASH_BYTES]


@lru_cache(maxsize=2)
def _key_of(secret: bytes, period: int) -> bytes:
    """That of a period."""
    return hmac.digest(secret, b"origintag/viewer/%d" % period, sha256)


def is_person(user_agent: str) -> bool:
    """Whether a client's name looks like a browser rather than a link preview, a bot or a script."""
    return bool(user_agent) and _NOT_PEOPLE.search(user_agent) is None


def coarse_place(
    country: str | None, latitude: float | None, longitude: float | None, accuracy_km: float = 0.0
) -> Place | None:
    """What is kept of a position: the country and the middle of its cell; None when nothing is known.

    Raises: ValueError for coordinates that are none.
    """
    if latitude is None or longitude is None:
        return Place(country=country) if country else None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180 and 0 <= accuracy_km < 20_000):
        raise ValueError("latitude is -90 to 90, longitude -180 to 180, accuracy 0 to 20,000 km")
    return Place(
        country=country,
        latitude=_middle(latitude),
        longitude=_middle(longitude),
        radius_km=CELL_RADIUS_KM + accuracy_km,
    )


def _middle(degrees: float) -> float:
    return (degrees // CELL_DEGREES) * CELL_DEGREES + CELL_DEGREES / 2
