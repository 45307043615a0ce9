"""States of units in SQL: sparse rows, changed by compare and set."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, and_, bindparam, case, func, insert, select, update

from tagcore.gs1 import Gtin
from tagcore.states import Standing, State
from tagserver.ports import (
    BatchNumber,
    Change,
    NotStoredError,
    RangeState,
    Segment,
    StateConflictError,
    Unit,
    UnitEvent,
    UnitState,
)
from tagserver.store.changes import (
    STANDING_COLUMNS,
    change_from_row,
    columns_of_change,
    columns_of_standing,
    standing_from_row,
)
from tagserver.store.insertion import insert_if_absent
from tagserver.store.link import Link
from tagserver.store.prepared import Prepared, Record
from tagserver.store.ranges import SqlRanges
from tagserver.store.schema import batch, range_state, unit_event, unit_state

_NEWEST_OVER = (
    select(func.max(range_state.c.seq))
    .where(
        range_state.c.batch == bindparam("of_batch"),
        range_state.c.first <= bindparam("of_index"),
        range_state.c.last >= bindparam("of_index"),
    )
    .scalar_subquery()
)
_STANDING = Prepared(
    select(
        batch.c.gtin,
        batch.c.units,
        batch.c.base_state,
        unit_state.c.version,
        *(
            case((unit_state.c.version.is_not(None), unit_state.c[name]), else_=range_state.c[name]).label(
                name
            )
            for name in STANDING_COLUMNS
        ),
    )
    .select_from(batch)
    .outerjoin(
        unit_state,
        and_(unit_state.c.gtin == bindparam("of_gtin"), unit_state.c.serial == bindparam("of_serial")),
    )
    .outerjoin(range_state, and_(range_state.c.batch == batch.c.number, range_state.c.seq == _NEWEST_OVER))
    .where(batch.c.number == bindparam("of_batch"))
)
"""The batch, and in one row with it what counts: the unit's own standing, else that of the newest range over it."""


class SqlUnits:
    """Implements `tagserver.ports.Units` within one transaction."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._ranges = SqlRanges(link)

    def state(self, unit: Unit) -> UnitState:
        """Its own row, else the newest range over it, else its batch's base state."""
        row = _STANDING.first(
            self._link, of_gtin=unit.gtin, of_serial=unit.serial, of_batch=unit.batch, of_index=unit.index
        )
        if row is None:
            raise NotStoredError("batch", str(unit.batch))
        _require_within(unit, row)
        standing = Standing(state=State(row.base_state)) if row.state is None else standing_from_row(row)
        return UnitState(unit=unit, standing=standing, version=row.version or 0)

    def apply(self, change: Change, *, expected: UnitState) -> UnitEvent:
        """Row and event go together; the event's key would refuse a second event of the same version."""
        columns = columns_of_change(change)
        if expected.version == 0:
            self._apply_first(change.to, expected)
        else:
            self._apply_next(change.to, expected)
        unit, seq = expected.unit, expected.version + 1
        self._link.execute(insert(unit_event).values(seq=seq, **_key(unit), **columns))
        return UnitEvent(unit=unit, seq=seq, change=change)

    def segments(self, batch: BatchNumber, first: int, last: int) -> tuple[Segment, ...]:
        """Raises NotStoredError, ValueError."""
        return self._ranges.segments(batch, first, last)

    def own_states(
        self, batch: BatchNumber, first: int, last: int, *, limit: int = 1000
    ) -> tuple[UnitState, ...]:
        """In order of index."""
        position = unit_state.c.position
        statement = (
            select(unit_state)
            .where(unit_state.c.batch == batch, position >= first, position <= last)
            .order_by(position)
            .limit(limit)
        )
        return tuple(unit_state_from_row(row) for row in self._link.execute(statement))

    def apply_to_range(
        self, change: Change, *, batch: BatchNumber, first: int, last: int, expected_range_seq: int
    ) -> RangeState:
        """Raises StateConflictError, NotStoredError, ValueError."""
        return self._ranges.apply(
            change, number=batch, first=first, last=last, expected_range_seq=expected_range_seq
        )

    def events(self, gtin: Gtin, serial: str, *, limit: int = 1000) -> tuple[UnitEvent, ...]:
        """Newest first."""
        statement = (
            select(unit_event)
            .where(unit_event.c.gtin == gtin, unit_event.c.serial == serial)
            .order_by(unit_event.c.seq.desc())
            .limit(limit)
        )
        return tuple(
            UnitEvent(unit=unit_from_row(row), seq=row.seq, change=change_from_row(row))
            for row in self._link.execute(statement)
        )

    def range_events(self, batch: BatchNumber, index: int, *, limit: int = 1000) -> tuple[RangeState, ...]:
        """Newest first."""
        return self._ranges.events(batch, index, limit=limit)

    def _inherited(self, unit: Unit) -> UnitState:
        """As of a unit without an event of its own, its batch locked."""
        row = self._ranges.batch_row(unit.batch, lock=True)
        _require_within(unit, row)
        standing = self._ranges.standing(unit.batch, unit.index, Standing(state=State(row.base_state)))
        return UnitState(unit=unit, standing=standing, version=0)

    def _apply_first(self, to: Standing, expected: UnitState) -> None:
        found = self._inherited(expected.unit)
        if found != expected:
            raise _conflict(expected, found.standing.state)
        values = {**_key(expected.unit), **columns_of_standing(to), "version": 1}
        if not insert_if_absent(self._link, unit_state, values):
            raise _conflict(expected, "a unit with an event of its own")

    def _apply_next(self, to: Standing, expected: UnitState) -> None:
        unit = expected.unit
        changed = self._link.execute(
            update(unit_state)
            .where(
                unit_state.c.gtin == unit.gtin,
                unit_state.c.serial == unit.serial,
                unit_state.c.version == expected.version,
            )
            .values(**columns_of_standing(to), version=expected.version + 1)
        ).rowcount
        if changed != 1:
            raise _conflict(expected, "another version")


def _require_within(unit: Unit, row: Record) -> None:
    """Raises NotStoredError when the batch of `row` has no such unit."""
    if row.gtin != unit.gtin or not 0 <= unit.index < row.units:
        raise NotStoredError("unit", f"{unit.gtin} {unit.serial}")


def _conflict(expected: UnitState, found: str) -> StateConflictError:
    unit = expected.unit
    return StateConflictError(
        f"unit {unit.gtin} {unit.serial}",
        expected=f"{expected.standing.state} (version {expected.version})",
        found=found,
    )


def _key(unit: Unit) -> dict[str, Any]:
    return {"gtin": unit.gtin, "serial": unit.serial, "batch": unit.batch, "position": unit.index}


def unit_from_row(row: Row[Any]) -> Unit:
    """The unit of a row of its events or of its state."""
    return Unit(gtin=Gtin(row.gtin), serial=row.serial, batch=BatchNumber(row.batch), index=row.position)


def unit_state_from_row(row: Row[Any]) -> UnitState:
    """A unit's own state from its row."""
    return UnitState(unit=unit_from_row(row), standing=standing_from_row(row), version=row.version)
