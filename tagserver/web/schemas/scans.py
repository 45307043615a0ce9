"""Scans that the camera page sends, and sends again until it is answered."""

from __future__ import annotations

from pydantic import Field

from tagserver.web.schemas.fields import Incoming
from tagserver.web.schemas.verification import MAX_TEXT

MOST_SCANS = 25
"""Of one request: what somebody reads in a few seconds, or a part of what was read offline."""


class ScanIn(Incoming):
    """One scan. `id` is the device's own, 128 random bits in hex, the same each time it is sent."""

    id: str = Field(pattern="^[0-9a-f]{32}$")
    text: str = Field(min_length=1, max_length=MAX_TEXT)


class ScansIn(Incoming):
    """Some scans, in the order in which they were made."""

    scans: list[ScanIn] = Field(min_length=1, max_length=MOST_SCANS)
