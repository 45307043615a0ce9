"""States of units: a row of its own only after a unit's first event; else a range's; else its batch's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from tagcore.gs1 import Gtin
from tagcore.states import Action, Standing
from tagserver.ports.batches import BatchNumber
from tagserver.ports.parties import OrgId


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One unit's place in the records: index 0 to count - 1 of its batch."""

    gtin: Gtin
    serial: str
    batch: BatchNumber
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitState:
    """The standing in force for one unit. `version` is the number of its own events: 0 means it is
    inherited.
    """

    unit: Unit
    standing: Standing
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An event that a party reports, already judged lawful: `to` is what `tagcore.states.next_standing` gave.

    `to` has its `since` and `party`; `note` is the reporting party's own words.
    """

    action: Action
    to: Standing
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitEvent:
    """One event of one unit, append-only. `seq` is 1 for the unit's first."""

    unit: Unit
    seq: int
    change: Change


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeState:
    """One event of the units `first` to `last` (both included) of a batch, and the standing that it gave
    them.

    The newest (`seq` from 1) that covers an index is in force there, for units without an event of their own.
    """

    batch: BatchNumber
    seq: int
    first: int
    last: int
    change: Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A run of neighbouring units (`first` to `last`, both included) with one standing, own events aside.

    `seq` is that of the range event it comes from, 0 for the batch's base state.
    """

    first: int
    last: int
    standing: Standing
    seq: int


class Units(Protocol):
    """Reads and compare-and-set changes. A caller reads, lets `tagcore.states` judge, then applies."""

    def state(self, unit: Unit) -> UnitState:
        """The standing in force. Raises NotStoredError (the batch)."""
        ...

    def apply(self, change: Change, *, expected: UnitState) -> UnitEvent:
        """Store the event and the new standing, only if the unit is still as `expected`.

        Of two callers with the same `expected`, one wins and the other gets StateConflictError.
        """
        ...

    def segments(self, batch: BatchNumber, first: int, last: int) -> tuple[Segment, ...]:
        """The standings in force from `first` to `last` (both included), in order, own events aside.

        Raises NotStoredError (the batch), ValueError (a range outside the batch).
        """
        ...

    def own_states(
        self, batch: BatchNumber, first: int, last: int, *, limit: int = 1000
    ) -> tuple[UnitState, ...]:
        """Units of the range that have a standing of their own, in order of index.

        Read after `apply_to_range` in the same transaction, it misses none: until that ends, no other unit of
        the batch can get its first event.
        """
        ...

    def apply_to_range(
        self, change: Change, *, batch: BatchNumber, first: int, last: int, expected_range_seq: int
    ) -> RangeState:
        """Store one range event. Units with an event of their own keep their own standing.

        `expected_range_seq` is the batch's `range_seq` as read (and one more for each range that this
        transaction has applied since). Raises StateConflictError, NotStoredError (the batch), ValueError (a
        range outside the batch).
        """
        ...

    def events(self, gtin: Gtin, serial: str, *, limit: int = 1000) -> tuple[UnitEvent, ...]:
        """The unit's own events, newest first."""
        ...

    def range_events(self, batch: BatchNumber, index: int, *, limit: int = 1000) -> tuple[RangeState, ...]:
        """Events of ranges that cover the index, newest first."""
        ...


class RecallKind(StrEnum):
    """Recalled: get it back from people. Withdrawn: take it off the market."""

    RECALL = "recall"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """One recall or withdrawal: of a unit (`serial`), a lot, or with neither the whole product.

    `lot` None means any lot; an empty `lot` means units without one. In force until `lifted_at`.
    """

    id: str
    gtin: Gtin
    lot: str | None
    serial: str | None
    kind: RecallKind
    reason: str
    instructions: str
    at: datetime
    by_org: OrgId
    lifted_at: datetime | None = None


class Recalls(Protocol):
    """Recalls: one row for a lot of any size."""

    def add(self, recall: Recall) -> None:
        """Raises AlreadyExistsError (the id), NotStoredError (organisation or product)."""
        ...

    def find(self, recall_id: str) -> Recall | None: ...

    def lift(self, recall_id: str, *, at: datetime) -> Recall:
        """Ends it; keeps the first time when repeated. Raises NotStoredError."""
        ...

    def in_force(self, gtin: Gtin, *, lot: str, serial: str) -> tuple[Recall, ...]:
        """Recalls not lifted that cover this unit, newest first."""
        ...

    def of_product(self, gtin: Gtin) -> tuple[Recall, ...]:
        """All of them, newest first, lifted ones included."""
        ...

    def all_in_force(self) -> tuple[Recall, ...]:
        """Recalls of every product that are not lifted, newest first."""
        ...
