"""Units: events reported of them, and their history."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from tagcore.states import Action
from tagserver.web.schemas.batches import MAX_NUMBER
from tagserver.web.schemas.fields import Country, Incoming, Line, Outgoing, Paragraphs
from tagserver.web.schemas.verification import MAX_TEXT, StateOut


class EventIn(Incoming):
    """What a party reports: the action, where (a GLN or its own name for the place), in its own words."""

    action: Action
    place: Line | None = Field(default=None, max_length=64)
    country: Country | None = None
    note: Paragraphs = Field(default="", max_length=500)


class RangeEventIn(EventIn):
    """An event of tags `first` to `last` of a batch, both included and counted from 0; of all by default."""

    first: int = Field(default=0, ge=0, le=MAX_NUMBER)
    last: int | None = Field(default=None, ge=0, le=MAX_NUMBER)


class UnitOut(Outgoing):
    """A unit and where it stands."""

    gtin: str
    serial: str
    batch: int
    index: int = Field(description="Its place in the batch, from 0.")
    state: StateOut


class ProofQuery(Incoming):
    """Which tag: its text as printed."""

    tag: str | None = Field(default=None, min_length=1, max_length=MAX_TEXT)


class RunOut(Outgoing):
    """Neighbouring tags `first` to `last`, both included, and the state they are in now."""

    first: int
    last: int
    state: str


class RangeOutcomeOut(Outgoing):
    """What became of a range: the runs that changed, and those that the state table kept as they were."""

    applied: list[RunOut]
    refused: list[RunOut]


class TotalsOut(Outgoing):
    """Sums over counted scans; `capped` when there are more than are summed."""

    scans: int
    distinct_viewers: int
    countries: dict[str, int]
    first_seen: datetime | None
    last_seen: datetime | None
    capped: bool


class ScanOut(Outgoing):
    """One scan, as much of it as is kept: no person, no exact place."""

    at: datetime
    country: str | None
    organisation: str | None
    verdict: str
    level: str
    counted: bool


class CommitmentOut(Outgoing):
    """How the event is checked against the log (docs/spec/log.md); `block` is null while it waits for one."""

    salt: str = Field(description="16 bytes, hex.")
    leaf: str = Field(description="The leaf hash over salt and event, hex.")
    block: int | None
    place: int | None
    count: int = Field(description="Leaves in the block.")
    path: list[str] = Field(description="The audit path to the block's root, hex, nearest the leaf first.")
    log_index: int | None = Field(description="The place of the block's entry in the log.")


class EventOut(Outgoing):
    """One event of the unit, or of the range of its batch that it lies in."""

    at: datetime | None
    action: str
    state: str
    organisation: str | None
    place: str | None
    country: str | None
    note: str
    seq: int = Field(
        description="Its number among the unit's own events, or among those of its batch's ranges."
    )
    first: int | None = Field(description="The first unit of the range, null for an event of the unit alone.")
    last: int | None
    previous: str | None
    commitment: CommitmentOut | None


class PastOut(Outgoing):
    """A unit's history. `scans` and `events` are told to its producer and to inspectors; null for others."""

    unit: UnitOut
    totals: TotalsOut
    scans: list[ScanOut] | None
    events: list[EventOut] | None
