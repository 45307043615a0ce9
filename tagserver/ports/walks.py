"""Reading whole tables in pieces, in order of their keys: for filling the log in, and for auditing against it."""

from __future__ import annotations

from typing import Protocol

from tagcore.gs1 import Gtin
from tagserver.ports.batches import Batch, BatchNumber
from tagserver.ports.log import EventLeaf, LogEntry
from tagserver.ports.units import RangeState, Recall, UnitEvent, UnitState


class Walks(Protocol):
    """Each gives at most `limit` rows behind the key `after` (None: from the first on); fewer at the end."""

    def batches(self, *, after: BatchNumber | None, limit: int) -> tuple[Batch, ...]: ...

    def recalls(self, *, after: str | None, limit: int) -> tuple[Recall, ...]: ...

    def unit_events(self, *, after: tuple[Gtin, str, int] | None, limit: int) -> tuple[UnitEvent, ...]: ...

    def unit_states(self, *, after: tuple[Gtin, str] | None, limit: int) -> tuple[UnitState, ...]: ...

    def range_events(
        self, *, after: tuple[BatchNumber, int] | None, limit: int
    ) -> tuple[RangeState, ...]: ...

    def event_leaves(self, *, after: int | None, limit: int) -> tuple[EventLeaf, ...]:
        """By id."""
        ...

    def pending_entries(self, *, after: int | None, limit: int) -> tuple[LogEntry, ...]:
        """Entries without a place, by id."""
        ...
