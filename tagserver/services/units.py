"""Report what happens to units: one of them, a range of a batch, or the whole batch at once.

The table in `tagcore.states` decides; the store applies the change only if nothing else happened meanwhile,
so of two dispensings of one unit one is refused. An event with an idempotency key is done once.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from tagcore.canonical import Json, canonical_json
from tagcore.errors import TransitionError
from tagcore.gs1 import Gtin
from tagcore.states import Action, Actor, Role, Standing, State, next_standing
from tagserver.ports import (
    Batch,
    BatchNumber,
    BatchStatus,
    Change,
    Clock,
    Scope,
    Segment,
    Store,
    Transaction,
    Unit,
    UnitEvent,
    UnitState,
)
from tagserver.services.access import Caller, RandomBytes, audit, require_owner, require_scope
from tagserver.services.errors import Refusal, ServiceError
from tagserver.services.event_facts import commit_range, commit_unit
from tagserver.services.issue import find_batch
from tagserver.services.lookup import Lookup
from tagserver.services.texts import check_country, check_line, check_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a party reports: the action, where (a GLN or its own name for the place, ISO country), in its
    words.

    Raises: ServiceError INPUT_INVALID for a text that is too long, or a country that is no code.
    """

    action: Action
    place: str | None = None
    country: str | None = None
    note: str = ""
    idempotency_key: str | None = None

    def __post_init__(self) -> None:
        if self.place is not None:
            check_line(self.place, "place", shortest=1)
        if self.country is not None:
            check_country(self.country, "country")
        check_text(self.note, "note")
        if self.idempotency_key is not None:
            check_line(self.idempotency_key, "idempotency_key", shortest=1)

    def digest(self, subject: str) -> bytes:
        """What tells a repeated report from another one under the same idempotency key."""
        body: dict[str, Json] = {
            "subject": subject,
            "action": self.action.value,
            "place": self.place,
            "country": self.country,
            "note": self.note,
        }
        return sha256(canonical_json(body)).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Neighbouring tags `first` to `last` (both included) and the state that they are in now."""

    first: int
    last: int
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeOutcome:
    """What became of a range: the runs that changed, and those that the table kept as they were."""

    applied: tuple[Run, ...]
    refused: tuple[Run, ...]

    def to_json(self) -> str:
        """For the store of outcomes."""
        return json.dumps({"applied": _runs_to_json(self.applied), "refused": _runs_to_json(self.refused)})

    @classmethod
    def from_json(cls, text: str) -> RangeOutcome:
        """What `to_json` gave."""
        body = json.loads(text)
        return cls(applied=_runs_from_json(body["applied"]), refused=_runs_from_json(body["refused"]))


def _runs_to_json(runs: tuple[Run, ...]) -> list[list[int | str]]:
    return [[run.first, run.last, run.state.value] for run in runs]


def _runs_from_json(rows: list[tuple[int, int, str]]) -> tuple[Run, ...]:
    return tuple(Run(first=first, last=last, state=State(state)) for first, last, state in rows)


class Units:
    """Events of units and of ranges of them."""

    def __init__(self, *, store: Store, lookup: Lookup, clock: Clock, random_bytes: RandomBytes) -> None:
        self._store = store
        self._lookup = lookup
        self._clock = clock
        self._random_bytes = random_bytes

    def report(self, caller: Caller, gtin: Gtin, serial: str, report: Report) -> UnitState:
        """Apply a report to one unit; its new standing. A repeated one is answered as it was the first time.

        Raises: AccessError; ServiceError NOT_FOUND; TransitionError; StateConflictError when somebody was
        faster; IdempotencyConflictError.
        """
        require_scope(caller, Scope.EVENTS)
        now, subject = self._clock(), f"{gtin}/{serial}"
        with self._store.write() as transaction:
            found = self._lookup.find(transaction, gtin, serial)
            if found is None:
                raise ServiceError(Refusal.NOT_FOUND, f"no unit {serial} of GTIN {gtin}")
            unit, batch = found
            if version := _first_outcome(transaction, caller, report, subject, now):
                return _as_of(transaction, unit, int(version))
            if caller.organisation.role is Role.PRODUCER:
                require_owner(caller, batch.org_id, "the unit")
            current = transaction.units.state(unit)
            standing = next_standing(current.standing, report.action, _actor(caller, report), now)
            event = transaction.units.apply(_change(report, standing), expected=current)
            commit_unit(transaction, event, self._random_bytes, now)
            audit(transaction, caller, now, f"unit.{report.action}", subject)
            _complete(transaction, caller, report, str(current.version + 1))
            return transaction.units.state(unit)

    def report_range(
        self, caller: Caller, number: BatchNumber, report: Report, *, first: int = 0, last: int | None = None
    ) -> RangeOutcome:
        """Apply a report to tags `first` to `last` (both included) of a batch, all of it by default.

        Each run of tags with one standing is judged by itself: the spoilt labels of a batch stay void when
        the batch is activated. Units with events of their own keep their standing. Raises: as `report`
        (TransitionError when the table refuses every run), ServiceError BATCH_NOT_ISSUED, INPUT_INVALID.
        """
        require_scope(caller, Scope.EVENTS)
        now = self._clock()
        with self._store.write() as transaction:
            batch = find_batch(transaction, number)
            require_owner(caller, batch.org_id, f"batch {number}")
            last = batch.count - 1 if last is None else last
            _check_range(batch, first, last)
            subject = f"batch {number}: {first}-{last}"
            if repeated := _first_outcome(transaction, caller, report, subject, now):
                return RangeOutcome.from_json(repeated)
            outcome = self._apply_to_segments(transaction, caller, batch, report, first, last, now)
            audit(transaction, caller, now, f"range.{report.action}", subject)
            _complete(transaction, caller, report, outcome.to_json())
        return outcome

    def segments(self, caller: Caller, number: BatchNumber) -> tuple[Segment, ...]:
        """Where the caller's batch stands, run by run; units with events of their own aside.

        Raises: AccessError; ServiceError NOT_FOUND.
        """
        with self._store.read() as transaction:
            batch = find_batch(transaction, number)
            require_owner(caller, batch.org_id, f"batch {number}")
            return transaction.units.segments(number, 0, batch.count - 1)

    def events(self, gtin: Gtin, serial: str) -> tuple[UnitEvent, ...]:
        """A unit's own events, newest first."""
        with self._store.read() as transaction:
            return transaction.units.events(gtin, serial)

    def _apply_to_segments(
        self,
        transaction: Transaction,
        caller: Caller,
        batch: Batch,
        report: Report,
        first: int,
        last: int,
        now: datetime,
    ) -> RangeOutcome:
        applied: list[Run] = []
        refused: list[Run] = []
        refusal: TransitionError | None = None
        for segment in transaction.units.segments(batch.number, first, last):
            try:
                standing = next_standing(segment.standing, report.action, _actor(caller, report), now)
            except TransitionError as error:
                refusal = error
                refused.append(Run(first=segment.first, last=segment.last, state=segment.standing.state))
                continue
            event = transaction.units.apply_to_range(
                _change(report, standing),
                batch=batch.number,
                first=segment.first,
                last=segment.last,
                expected_range_seq=batch.range_seq + len(applied),
            )
            commit_range(transaction, event, self._random_bytes, now)
            applied.append(Run(first=segment.first, last=segment.last, state=standing.state))
        if refusal is not None and not applied:
            raise refusal
        return RangeOutcome(applied=tuple(applied), refused=tuple(refused))


def _actor(caller: Caller, report: Report) -> Actor:
    return Actor(
        party=caller.org_id, role=caller.organisation.role, place=report.place, country=report.country
    )


def _change(report: Report, standing: Standing) -> Change:
    return Change(action=report.action, to=standing, note=report.note)


def _as_of(transaction: Transaction, unit: Unit, version: int) -> UnitState:
    """The unit as its event number `version` left it."""
    events = transaction.units.events(unit.gtin, unit.serial)
    event = next((event for event in events if event.seq == version), events[0])
    return UnitState(unit=unit, standing=event.change.to, version=event.seq)


def _check_range(batch: Batch, first: int, last: int) -> None:
    if batch.status is not BatchStatus.ISSUED:
        raise ServiceError(Refusal.BATCH_NOT_ISSUED, f"batch {batch.number} is {batch.status}, not issued")
    if not 0 <= first <= last < batch.count:
        message = f"got tags {first} to {last} of a batch of {batch.count}"
        raise ServiceError(Refusal.INPUT_INVALID, message, field="first")


def _first_outcome(
    transaction: Transaction, caller: Caller, report: Report, subject: str, now: datetime
) -> str | None:
    """What came of the same report when it was made first; None when this is the first time."""
    if report.idempotency_key is None:
        return None
    key = report.idempotency_key
    return transaction.requests.begin(caller.org_id, key, report.digest(subject), at=now)


def _complete(transaction: Transaction, caller: Caller, report: Report, outcome: str) -> None:
    if report.idempotency_key is not None:
        transaction.requests.complete(caller.org_id, report.idempotency_key, outcome)
