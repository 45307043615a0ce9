"""Products."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import Field

from tagcore.history import Thresholds
from tagserver.web.schemas.fields import Country, GtinField, Incoming, Line, Outgoing, Paragraphs

_DEFAULTS = Thresholds()


class ThresholdsIn(Incoming):
    """When scans of this product become a signal, in place of the deployment's thresholds."""

    burst_viewers: int = Field(default=_DEFAULTS.burst_viewers, ge=2, le=1_000)
    burst_window_days: int = Field(default=_DEFAULTS.burst_window.days, ge=1, le=365)
    travel_speed_kmh: float = Field(default=_DEFAULTS.speed_kmh, ge=100, le=10_000)
    travel_distance_km: float = Field(default=_DEFAULTS.distance_km, ge=10, le=20_000)

    def thresholds(self) -> Thresholds:
        """As tagcore takes them."""
        return Thresholds(
            burst_viewers=self.burst_viewers,
            burst_window=timedelta(days=self.burst_window_days),
            speed_kmh=self.travel_speed_kmh,
            distance_km=self.travel_distance_km,
        )


class ProductIn(Incoming):
    """A product to register: one GTIN, and what people should see on the pack."""

    gtin: GtinField
    name: Line = Field(min_length=1, max_length=200, examples=["Red Sorghum Baijiu 52 %"])
    description: Paragraphs = Field(default="", max_length=2_000)
    size: Line = Field(default="", max_length=50, examples=["500 ml"])
    markets: tuple[Country, ...] = Field(default=(), max_length=250, description="Empty: anywhere.")
    instructions: Paragraphs = Field(
        default="", max_length=2_000, description="What a person should do with a recalled or suspect unit."
    )
    thresholds: ThresholdsIn | None = None


class ProductOut(Outgoing):
    """A registered product."""

    gtin: str
    organisation: str
    name: str
    description: str
    size: str
    markets: list[str]
    instructions: str
    picture: str | None = Field(description="Path of the picture, if there is one.")
    created_at: datetime
