"""Batches, their labels and the events of many units at once."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from tagcore.tag import Profile
from tagserver.web.schemas.fields import ExpiryField, GtinField, Incoming, LotField, Outgoing, SerialField

MAX_NUMBER = 2**32 - 1


class BatchIn(Incoming):
    """A batch to issue: `count` generated serials, or the producer's own `serials` in label order."""

    gtin: GtinField
    lot: LotField = ""
    expiry: ExpiryField | None = None
    count: int | None = Field(default=None, ge=1, le=2**32)
    profile: Profile = Profile.DIGITAL_LINK
    host: str | None = Field(default=None, max_length=260, description="One of your hosts; else your first.")
    serials: tuple[SerialField, ...] | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _counted(self) -> Self:
        if self.count is None and self.serials is None:
            raise PydanticCustomError("INPUT_INVALID", "want count, or serials of your own")
        return self


class BatchesQuery(Incoming):
    """Which page of batches."""

    before: int | None = Field(
        default=None, ge=1, le=MAX_NUMBER, description="Only batches of lower numbers: the last one you have."
    )


class ManifestOut(Outgoing):
    """The producer's signed sentence about the whole batch (docs/spec/tag-format.md, section 6)."""

    signed: dict[str, str | int | None]
    signature: str | None = Field(description="Ed25519 by the batch's key, hex.")


class BatchOut(Outgoing):
    """A batch. `status` is queued, issuing, issued or failed; `done` of `count` tags are durable."""

    number: int
    gtin: str
    lot: str
    expiry: str | None
    count: int
    done: int
    status: str
    profile: str
    host: str
    key_slot: int
    serials: str = Field(description="generated or supplied")
    created_at: datetime
    issued_at: datetime | None
    root: str | None
    manifest: ManifestOut | None
    failure: str | None = Field(description="Why it failed; told to its producer only.")


class BatchListOut(Outgoing):
    """Your batches, newest first. `next` is the path of the following page, null on the last."""

    batches: list[BatchOut]
    next: str | None


class LabelsQuery(Incoming):
    """Which labels, and on what. `stock` is the name of a sheet or roll; see /docs."""

    stock: str | None = Field(
        default=None,
        max_length=60,
        examples=["a4-3x8"],
        description="A sheet or a roll by its name; see /docs.",
    )
    first: int = Field(default=0, ge=0, le=MAX_NUMBER, description="Index of the first tag, from 0.")
    count: int | None = Field(default=None, ge=1, le=2**32, description="How many; else all from `first`.")
    start: int = Field(default=1, ge=1, le=1_000, description="First free label of a begun sheet, from 1.")
    dpi: float | None = Field(default=None, ge=100, le=2_400, description="The printer's dots an inch.")
    module_mm: float | None = Field(default=None, gt=0, le=10, description="Wanted size of a module.")
    cut_marks: bool | None = None
