"""Auditing unit events against what commits to them, and units' states against their events."""

from __future__ import annotations

from tagcore.gs1 import Gtin
from tagcore.unit_events import event_leaf
from tagserver.ports import (
    BatchNumber,
    EventLeaf,
    RangeState,
    Transaction,
    UnitEvent,
    UnitState,
)
from tagserver.services.audit_findings import DifferenceError, Tally, compare
from tagserver.services.event_facts import facts_of_range, facts_of_unit, range_subject, unit_subject

PAGE = 500

Known = dict[tuple[str, int], EventLeaf]


def audit_events(transaction: Transaction, tally: Tally) -> None:
    """Every event is one that was committed to, and every one that was committed to is there, unchanged.

    Raises DifferenceError.
    """
    events = _audit_unit_events(transaction, tally)
    ranges = _audit_ranges(transaction, tally)
    _audit_leaves(transaction, tally, events + ranges)


def audit_states(transaction: Transaction, tally: Tally) -> None:
    """A unit stands where its newest event left it. Raises DifferenceError."""
    last: UnitState | None = None
    while True:
        after = (last.unit.gtin, last.unit.serial) if last else None
        rows = transaction.walks.unit_states(after=after, limit=PAGE)
        for row in rows:
            _audit_state(transaction, row)
        tally.count("unit_state", len(rows))
        if len(rows) < PAGE:
            return
        last = rows[-1]


def _audit_state(transaction: Transaction, row: UnitState) -> None:
    key = f"{row.unit.gtin} {row.unit.serial}"
    newest = transaction.units.events(row.unit.gtin, row.unit.serial, limit=1)
    if not newest:
        raise DifferenceError("unit_state", key, "no event led there")
    event, standing = newest[0], row.standing
    to = event.change.to
    compare(
        "unit_state",
        key,
        batch=((row.unit.batch, row.unit.index), (event.unit.batch, event.unit.index)),
        version=(row.version, event.seq),
        state=(standing.state.value, to.state.value),
        previous=(standing.previous, to.previous),
        since=(standing.since, to.since),
        by_org=(standing.party, to.party),
        place=(standing.place, to.place),
        country=(standing.country, to.country),
    )


def _audit_unit_events(transaction: Transaction, tally: Tally) -> int:
    last: UnitEvent | None = None
    total = 0
    while True:
        after = (last.unit.gtin, last.unit.serial, last.seq) if last else None
        rows = transaction.walks.unit_events(after=after, limit=PAGE)
        known = _known(transaction, {unit_subject(row.unit) for row in rows})
        for row in rows:
            _audit_unit_event(transaction, row, known)
        total += len(rows)
        if len(rows) < PAGE:
            tally.count("unit_event", total)
            return total
        last = rows[-1]


def _audit_unit_event(transaction: Transaction, row: UnitEvent, known: Known) -> None:
    key = f"{row.unit.gtin} {row.unit.serial} {row.seq}"
    leaf = known.get((unit_subject(row.unit), row.seq))
    if leaf is None:
        raise DifferenceError("unit_event", key, "was never committed to: it was added")
    if event_leaf(facts_of_unit(row), leaf.salt) != leaf.hash:
        raise DifferenceError("unit_event", key, f"is not as it was committed to {_where(leaf)}")
    if not transaction.units.own_states(row.unit.batch, row.unit.index, row.unit.index):
        raise DifferenceError(
            "unit_state", f"{row.unit.gtin} {row.unit.serial}", "is not there, though it has events"
        )


def _audit_ranges(transaction: Transaction, tally: Tally) -> int:
    last: RangeState | None = None
    total = 0
    while True:
        after = (last.batch, last.seq) if last else None
        rows = transaction.walks.range_events(after=after, limit=PAGE)
        known = _known(transaction, {range_subject(row.batch) for row in rows})
        for row in rows:
            key = f"batch {row.batch} {row.seq}"
            leaf = known.get((range_subject(row.batch), row.seq))
            if leaf is None:
                raise DifferenceError("range_state", key, "was never committed to: it was added")
            if event_leaf(facts_of_range(row), leaf.salt) != leaf.hash:
                raise DifferenceError("range_state", key, f"is not as it was committed to {_where(leaf)}")
        total += len(rows)
        if len(rows) < PAGE:
            tally.count("range_state", total)
            return total
        last = rows[-1]


def _audit_leaves(transaction: Transaction, tally: Tally, events: int) -> None:
    """As many as there are events: else one of these was taken away, and is looked for."""
    total, last = 0, None
    while rows := transaction.walks.event_leaves(after=last, limit=PAGE):
        total += len(rows)
        last = rows[-1].id
    tally.count("event_leaf", total)
    if total == events:
        return
    last = None
    while rows := transaction.walks.event_leaves(after=last, limit=PAGE):
        for leaf in rows:
            if not _is_there(transaction, leaf):
                kind, _, rest = leaf.subject.partition(" ")
                table = "unit_event" if kind == "unit" else "range_state"
                key = f"{rest} {leaf.seq}" if kind == "unit" else f"batch {rest} {leaf.seq}"
                raise DifferenceError(table, key, f"is gone, and was committed to {_where(leaf)}")
        last = rows[-1].id


def _is_there(transaction: Transaction, leaf: EventLeaf) -> bool:
    kind, *rest = leaf.subject.split(" ")
    if kind == "unit":
        gtin, serial = rest
        behind = (Gtin(gtin), serial, leaf.seq - 1)
        found = transaction.walks.unit_events(after=behind, limit=1)
        return bool(found) and (found[0].unit.gtin, found[0].unit.serial, found[0].seq) == (
            gtin,
            serial,
            leaf.seq,
        )
    number = BatchNumber(int(rest[0]))
    ranges = transaction.walks.range_events(after=(number, leaf.seq - 1), limit=1)
    return bool(ranges) and (ranges[0].batch, ranges[0].seq) == (number, leaf.seq)


def _known(transaction: Transaction, subjects: set[str]) -> Known:
    return {(leaf.subject, leaf.seq): leaf for leaf in transaction.event_leaves.of_subjects(subjects)}


def _where(leaf: EventLeaf) -> str:
    return "(not in a block yet)" if leaf.block is None else f"in block {leaf.block}"
