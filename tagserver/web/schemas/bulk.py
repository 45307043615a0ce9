"""Bulk checks: one answer an item, and sums over the list."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from tagserver.web.schemas.fields import Incoming, Outgoing
from tagserver.web.schemas.problem import FieldProblem
from tagserver.web.schemas.verification import PlaceIn, TagOut, VerdictOut, VerificationIn


class BulkIn(Incoming):
    """A list as one JSON object. A bare array of items is taken too, and a bare text for an item."""

    items: list[VerificationIn] = Field(min_length=1, max_length=50_000)
    place: PlaceIn | None = Field(
        default=None, description="Where the list was made; an item's own comes first."
    )


class SignalOut(Outgoing):
    """What the list as a whole says of an item. `detail` holds numbers as text."""

    code: str = Field(examples=["DUPLICATE_IN_BATCH"])
    detail: dict[str, str] = Field(examples=[{"first_index": "3", "times": "2"}])


class BulkItemOut(Outgoing):
    """What came of one item: a verdict, or an error."""

    index: int = Field(description="Place in the list, from 0.")
    input: dict[str, Any] | str = Field(
        description="The item as given; the beginning of it where it is no item."
    )
    verdict: VerdictOut | None
    tag: TagOut | None
    product: str | None = Field(description="The product's name on record.")
    state: str | None = Field(description="Where the unit stands.", examples=["active"])
    error: FieldProblem | None
    signals: list[SignalOut]


class SummaryOut(Outgoing):
    """Sums over the list: `codes` are those of headlines, `errors` those of items that could not be read."""

    items: int
    levels: dict[str, int] = Field(examples=[{"match": 998, "stop": 1}])
    codes: dict[str, int] = Field(examples=[{"FIRST_SCAN": 998, "RECALLED": 1}])
    errors: dict[str, int] = Field(examples=[{"INPUT_INVALID": 1}])
    signals: dict[str, int] = Field(examples=[{"DUPLICATE_IN_BATCH": 2}])
    repeated_units: int = Field(description="Units that stand in the list more than once.")


class BulkOut(Outgoing):
    """The items in the order given, and the summary after the last of them."""

    items: list[BulkItemOut]
    summary: SummaryOut
