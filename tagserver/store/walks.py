"""Whole tables in pieces: each page begins behind the last key of the one before, along the primary key."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, Table, select, tuple_

from tagcore.gs1 import Gtin
from tagserver.ports import (
    Batch,
    BatchNumber,
    EventLeaf,
    LogEntry,
    RangeState,
    Recall,
    UnitEvent,
    UnitState,
)
from tagserver.store.batches import batch_from_row
from tagserver.store.changes import change_from_row
from tagserver.store.event_leaves import leaf_from_row
from tagserver.store.link import Link
from tagserver.store.log_book import entry_from_row
from tagserver.store.recalls import recall_from_row
from tagserver.store.schema import batch, event_leaf, log_entry, range_state, recall, unit_event, unit_state
from tagserver.store.units import unit_from_row, unit_state_from_row


class SqlWalks:
    """Implements `tagserver.ports.Walks` within one transaction."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def batches(self, *, after: BatchNumber | None, limit: int) -> tuple[Batch, ...]:
        """By number."""
        return tuple(map(batch_from_row, self._page(batch, after, limit)))

    def recalls(self, *, after: str | None, limit: int) -> tuple[Recall, ...]:
        """By id."""
        return tuple(map(recall_from_row, self._page(recall, after, limit)))

    def unit_events(self, *, after: tuple[Gtin, str, int] | None, limit: int) -> tuple[UnitEvent, ...]:
        """By unit and seq."""
        return tuple(
            UnitEvent(unit=unit_from_row(row), seq=row.seq, change=change_from_row(row))
            for row in self._page(unit_event, after, limit)
        )

    def unit_states(self, *, after: tuple[Gtin, str] | None, limit: int) -> tuple[UnitState, ...]:
        """By unit."""
        return tuple(map(unit_state_from_row, self._page(unit_state, after, limit)))

    def range_events(self, *, after: tuple[BatchNumber, int] | None, limit: int) -> tuple[RangeState, ...]:
        """By batch and seq."""
        return tuple(
            RangeState(
                batch=BatchNumber(row.batch),
                seq=row.seq,
                first=row.first,
                last=row.last,
                change=change_from_row(row),
            )
            for row in self._page(range_state, after, limit)
        )

    def event_leaves(self, *, after: int | None, limit: int) -> tuple[EventLeaf, ...]:
        """By id."""
        return tuple(map(leaf_from_row, self._page(event_leaf, after, limit)))

    def pending_entries(self, *, after: int | None, limit: int) -> tuple[LogEntry, ...]:
        """By id, along the index of what waits."""
        waiting = select(log_entry).where(log_entry.c.leaf_index.is_(None))
        if after is not None:
            waiting = waiting.where(log_entry.c.id > after)
        rows = self._link.execute(waiting.order_by(log_entry.c.id).limit(limit))
        return tuple(map(entry_from_row, rows))

    def _page(self, table: Table, after: object, limit: int) -> list[Row[Any]]:
        key = list(table.primary_key)
        page = select(table).order_by(*key).limit(limit)
        if after is not None:
            page = page.where(tuple_(*key) > after if len(key) > 1 else key[0] > after)
        return list(self._link.execute(page))
