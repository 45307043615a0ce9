"""Verifications: what is asked, and what the answer says."""

from __future__ import annotations

from datetime import date, datetime
from typing import Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from tagserver.web.schemas.fields import (
    Country,
    ExpiryField,
    Incoming,
    LotField,
    Outgoing,
    TypedGtin,
    TypedSerial,
)

MAX_TEXT = 8_000
"""A QR symbol holds 7,089 digits at most (ISO/IEC 18004, table 7)."""


class PlaceIn(Incoming):
    """Where the scan is made. Only the country and a coarse cell are kept."""

    country: Country | None = None
    latitude: float | None = Field(default=None, ge=-90, le=90, description="Degrees north.")
    longitude: float | None = Field(default=None, ge=-180, le=180, description="Degrees east.")
    accuracy_km: float = Field(default=0.0, ge=0, lt=20_000)

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        if (self.latitude is None) != (self.longitude is None):
            raise PydanticCustomError("INPUT_INVALID", "want latitude and longitude, or neither")
        return self


class VerificationIn(Incoming):
    """Either `text`, as a scanner read it, or `gtin` and `serial`, as a person typed them."""

    text: str | None = Field(default=None, min_length=1, max_length=MAX_TEXT)
    gtin: TypedGtin | None = None
    serial: TypedSerial | None = None
    lot: LotField | None = None
    expiry: ExpiryField | None = None
    place: PlaceIn | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        typed = (self.gtin, self.serial, self.lot, self.expiry)
        if self.text is not None and any(value is not None for value in typed):
            raise PydanticCustomError("INPUT_INVALID", "want text, or gtin and serial, not both")
        if self.text is None and (self.gtin is None or self.serial is None):
            raise PydanticCustomError("INPUT_INVALID", "want text, or gtin and serial")
        return self


class HeadlineOut(Outgoing):
    """The reason that decides, in words."""

    code: str = Field(examples=["FIRST_SCAN"])
    title: str
    text: str
    advice: str


class ReasonOut(Outgoing):
    """One reason. `detail` holds the values that its sentence is filled with."""

    code: str
    level: str
    detail: dict[str, str]
    text: str


class VerdictOut(Outgoing):
    """The verdict: `level` is match, unchecked, not_ours, caution, suspect or stop, from good to bad."""

    level: str = Field(examples=["match"])
    headline: HeadlineOut
    reasons: list[ReasonOut]


class TagOut(Outgoing):
    """What was read. A typed number has no profile and no key."""

    gtin: str
    lot: str | None
    serial: str
    expiry: str | None
    profile: str | None
    key_slot: int | None


class ProductBriefOut(Outgoing):
    """The product, as on the pack."""

    gtin: str
    name: str
    description: str
    size: str
    producer: str
    picture: str | None = Field(description="Path of the picture, if there is one.")


class BatchBriefOut(Outgoing):
    """The batch on record."""

    number: int
    lot: str
    expiry: str | None
    use_by: date | None
    count: int
    issued_at: datetime | None
    root: str | None = Field(description="RFC 6962 root over all its tags, hex.")


class HistoryOut(Outgoing):
    """Earlier scans by others; this scan and this viewer's own are left out of all but `total`."""

    first_seen: datetime | None
    other_viewers: int
    first_country: str | None
    total: int


class StateOut(Outgoing):
    """Where the unit stands."""

    state: str = Field(examples=["active"])
    since: datetime | None
    country: str | None


class VerificationOut(Outgoing):
    """A verification. Parts that are not known are null."""

    verdict: VerdictOut
    tag: TagOut | None
    product: ProductBriefOut | None
    batch: BatchBriefOut | None
    history: HistoryOut | None
    state: StateOut | None
    checked_at: datetime


class LikenessOut(Outgoing):
    """How like a label is to the one that was made; shares from 0 to 1."""

    seen: float = Field(description="Of the modules that only this label has so, how many can be seen.")
    agreeing: float = Field(description="Of those that can be seen, how many are as they should be.")


class SymbolOut(Outgoing):
    """One symbol found on a picture."""

    text: str
    corners: list[tuple[float, float]] = Field(
        description="Four (x, y) in pixels of the upright picture, clockwise from the symbol's top left."
    )
    stage: str = Field(description="The decoder's stage that read it.")
    likeness: LikenessOut | None = Field(
        default=None,
        description="Given for a label that was not read but recognised: see `gtin` and `serial`.",
    )
    verification: VerificationOut


class ImageVerificationOut(Outgoing):
    """Every symbol on a picture, foreign ones included; none is an answer too."""

    symbols: list[SymbolOut]
    left_out: int = Field(description="Symbols beyond the number that one picture is answered for.")
