"""Events of ranges of a batch in SQL: one row for any number of units."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from sqlalchemy import Row, bindparam, insert, select, update

from tagcore.states import Standing, State
from tagserver.ports import (
    BatchNumber,
    Change,
    NotStoredError,
    RangeState,
    Segment,
    StateConflictError,
)
from tagserver.store.changes import change_from_row, columns_of_change
from tagserver.store.link import Link
from tagserver.store.prepared import Prepared
from tagserver.store.schema import batch, range_state
from tagserver.store.segments import visible_segments

_BASE_OF = select(batch.c.gtin, batch.c.units, batch.c.base_state).where(
    batch.c.number == bindparam("of_number")
)
_BASE = Prepared(_BASE_OF)

_BASE_LOCKED = Prepared(_BASE_OF.with_for_update(read=True))
"""FOR SHARE: first events of different units do not wait for one another. SQLite has one writer anyway."""

_NEWEST_OVER = Prepared(
    select(range_state)
    .where(
        range_state.c.batch == bindparam("of_number"),
        range_state.c.first <= bindparam("of_index"),
        range_state.c.last >= bindparam("of_index"),
    )
    .order_by(range_state.c.seq.desc())
    .limit(1)
)


class SqlRanges:
    """The half of `SqlUnits` that concerns ranges, within one transaction."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def batch_row(self, number: BatchNumber, *, lock: bool = False) -> Row[str, int, str]:
        """The batch's gtin, count and base state; `lock` keeps range events out until the transaction ends.

        Raises NotStoredError.
        """
        row = (_BASE_LOCKED if lock else _BASE).first(self._link, of_number=number)
        if row is None:
            raise NotStoredError("batch", str(number))
        return cast("Row[str, int, str]", row)

    def standing(self, number: BatchNumber, index: int, base: Standing) -> Standing:
        """That of the newest range over `index`, or `base`."""
        row = _NEWEST_OVER.first(self._link, of_number=number, of_index=index)
        return base if row is None else change_from_row(row).to

    def events(self, number: BatchNumber, index: int, *, limit: int) -> tuple[RangeState, ...]:
        """Newest first."""
        return tuple(self._newest_first(number, index, index, limit=limit))

    def segments(self, number: BatchNumber, first: int, last: int) -> tuple[Segment, ...]:
        """Raises NotStoredError, ValueError."""
        row = self.batch_row(number)
        _check_range(first, last, row.units)
        base = Standing(state=State(row.base_state))
        return visible_segments(first, last, self._newest_first(number, first, last), base)

    def apply(
        self, change: Change, *, number: BatchNumber, first: int, last: int, expected_range_seq: int
    ) -> RangeState:
        """Raises StateConflictError, NotStoredError, ValueError."""
        _check_range(first, last, self.batch_row(number).units)
        seq = expected_range_seq + 1
        advanced = self._link.execute(
            update(batch)
            .where(batch.c.number == number, batch.c.range_seq == expected_range_seq)
            .values(range_seq=seq)
        ).rowcount
        if advanced != 1:
            raise StateConflictError(
                f"ranges of batch {number}", expected=f"{expected_range_seq} events", found="another number"
            )
        self._link.execute(
            insert(range_state).values(
                batch=number, seq=seq, first=first, last=last, **columns_of_change(change)
            )
        )
        return RangeState(batch=number, seq=seq, first=first, last=last, change=change)

    def _newest_first(
        self, number: BatchNumber, first: int, last: int, *, limit: int | None = None
    ) -> Iterator[RangeState]:
        overlapping = (range_state.c.first <= last, range_state.c.last >= first)
        statement = (
            select(range_state)
            .where(range_state.c.batch == number, *overlapping)
            .order_by(range_state.c.seq.desc())
            .limit(limit)
        )
        for row in self._link.execute(statement):
            yield RangeState(
                batch=BatchNumber(row.batch),
                seq=row.seq,
                first=row.first,
                last=row.last,
                change=change_from_row(row),
            )


def _check_range(first: int, last: int, units: int) -> None:
    if not 0 <= first <= last < units:
        raise ValueError(f"got units {first} to {last} of a batch of {units}")
