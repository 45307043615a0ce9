"""What the log commits to of a unit's event, or of one of a range of units: a salted hash, opened only in a history.

docs/spec/log.md, "Unit events". The salt keeps others from trying out what an event could have been: parties, places
and notes are not public. The same bytes, with their salt, are what a history's reader checks against a block's root.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import assert_never

from tagcore.canonical import Json, canonical_json
from tagcore.gs1 import Gtin
from tagcore.merkle import leaf_hash
from tagcore.states import Action, State

VERSION = 1
SALT_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class OfUnit:
    """An event of one unit: index `index` (from 0) of batch `batch`."""

    gtin: Gtin
    serial: str
    batch: int
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OfRange:
    """An event of the units `first` to `last` (both included, from 0) of batch `batch`."""

    batch: int
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFacts:
    """One event, whole: number `seq` (from 1) of its unit or of its batch's ranges, at `at` (aware)."""

    of: OfUnit | OfRange
    seq: int
    action: Action
    state: State
    previous: State | None
    at: datetime
    party: str
    place: str | None
    country: str | None
    note: str


def format_event(facts: EventFacts) -> bytes:
    """The event's bytes: RFC 8785, times in UTC to the microsecond."""
    return canonical_json({**_of(facts.of), **_what(facts), "version": VERSION})


def event_leaf(facts: EventFacts, salt: bytes) -> bytes:
    """The leaf hash over the salt and the event's bytes. Raises: ValueError unless the salt is 16 bytes."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"got a salt of {len(salt)} bytes, want {SALT_BYTES}")
    return leaf_hash(salt + format_event(facts))


def _of(of: OfUnit | OfRange) -> dict[str, Json]:
    match of:
        case OfUnit():
            return {
                "event": "unit",
                "gtin": of.gtin,
                "serial": of.serial,
                "batch": of.batch,
                "index": of.index,
            }
        case OfRange():
            return {"event": "range", "batch": of.batch, "first": of.first, "last": of.last}
        case _ as never:
            assert_never(never)


def _what(facts: EventFacts) -> dict[str, Json]:
    at = facts.at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    return {
        "seq": facts.seq,
        "action": facts.action.value,
        "state": facts.state.value,
        "previous": facts.previous.value if facts.previous else None,
        "at": f"{at}Z",
        "party": facts.party,
        "place": facts.place,
        "country": facts.country,
        "note": facts.note,
    }
