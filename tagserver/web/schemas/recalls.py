"""Recalls."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from tagserver.ports import RecallKind
from tagserver.web.schemas.fields import GtinField, Incoming, LotField, Outgoing, Paragraphs, SerialField


class RecallIn(Incoming):
    """What to recall, and what to tell people. Without `lot` any lot, without `serial` every unit."""

    gtin: GtinField
    lot: LotField | None = None
    serial: SerialField | None = None
    kind: RecallKind = RecallKind.RECALL
    reason: Paragraphs = Field(min_length=1, max_length=1_000)
    instructions: Paragraphs = Field(default="", max_length=2_000)


class RecallOut(Outgoing):
    """A recall or withdrawal; in force until `lifted_at`."""

    id: str
    gtin: str
    lot: str | None
    serial: str | None
    kind: str
    reason: str
    instructions: str
    at: datetime
    organisation: str
    lifted_at: datetime | None


class RecallListOut(Outgoing):
    """Recalls, newest first: of a product with the lifted ones, or of all products those in force."""

    recalls: list[RecallOut]
