"""Committing to events: each gets a salted hash in the transaction that stores it."""

from __future__ import annotations

from datetime import datetime

from tagcore.unit_events import SALT_BYTES, EventFacts, OfRange, OfUnit, event_leaf
from tagserver.ports import BatchNumber, Change, RangeState, Transaction, Unit, UnitEvent
from tagserver.services.access import RandomBytes


def commit_unit(transaction: Transaction, event: UnitEvent, random_bytes: RandomBytes, at: datetime) -> None:
    """Of one unit."""
    _commit(transaction, unit_subject(event.unit), facts_of_unit(event), random_bytes, at)


def commit_range(
    transaction: Transaction, event: RangeState, random_bytes: RandomBytes, at: datetime
) -> None:
    """Of a range of units."""
    _commit(transaction, range_subject(event.batch), facts_of_range(event), random_bytes, at)


def unit_subject(unit: Unit) -> str:
    """What the leaves of one unit's events are found by."""
    return f"unit {unit.gtin} {unit.serial}"


def range_subject(batch: BatchNumber) -> str:
    """What the leaves of the events of a batch's ranges are found by."""
    return f"ranges {batch}"


def facts_of_unit(event: UnitEvent) -> EventFacts:
    """The event as it is committed to."""
    unit = event.unit
    of = OfUnit(gtin=unit.gtin, serial=unit.serial, batch=unit.batch, index=unit.index)
    return _facts(of, event.seq, event.change)


def facts_of_range(event: RangeState) -> EventFacts:
    """The event as it is committed to."""
    of = OfRange(batch=event.batch, first=event.first, last=event.last)
    return _facts(of, event.seq, event.change)


def _facts(of: OfUnit | OfRange, seq: int, change: Change) -> EventFacts:
    standing = change.to
    assert standing.since is not None, "the store refuses an event without its time"
    assert standing.party is not None, "the store refuses an event without its party"
    return EventFacts(
        of=of,
        seq=seq,
        action=change.action,
        state=standing.state,
        previous=standing.previous,
        at=standing.since,
        party=standing.party,
        place=standing.place,
        country=standing.country,
        note=change.note,
    )


def _commit(
    transaction: Transaction, subject: str, facts: EventFacts, random_bytes: RandomBytes, at: datetime
) -> None:
    salt = random_bytes(SALT_BYTES)
    transaction.event_leaves.add(
        subject=subject, seq=facts.seq, salt=salt, leaf=event_leaf(facts, salt), at=at
    )
