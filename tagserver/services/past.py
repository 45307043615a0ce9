"""What happened to a unit: the public summary of its scans, and the events that its parties may read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tagcore.gs1 import Gtin
from tagcore.states import Role
from tagserver.ports import (
    RangeState,
    ScanRecord,
    ScanTotals,
    Scope,
    Store,
    UnitEvent,
    UnitState,
)
from tagserver.services.access import Caller
from tagserver.services.commitments import Commitment, commitments
from tagserver.services.errors import Refusal, ServiceError
from tagserver.services.event_facts import range_subject, unit_subject
from tagserver.services.lookup import Lookup


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A unit's history. `scans`, `events` and `range_events` (newest first) are None for the public."""

    state: UnitState
    totals: ScanTotals
    scans: tuple[ScanRecord, ...] | None
    events: tuple[UnitEvent, ...] | None
    range_events: tuple[RangeState, ...] | None
    commitments: Mapping[tuple[str, int], Commitment] = field(default_factory=dict)


class Pasts:
    """Histories of units."""

    def __init__(self, *, store: Store, lookup: Lookup) -> None:
        self._store = store
        self._lookup = lookup

    def of(self, caller: Caller | None, gtin: Gtin, serial: str) -> Past:
        """The totals for everybody who knows the serial; single scans and events for the unit's producer and
        inspectors.

        Raises: ServiceError NOT_FOUND.
        """
        with self._store.read() as transaction:
            found = self._lookup.find(transaction, gtin, serial)
            if found is None:
                raise ServiceError(Refusal.NOT_FOUND, f"no unit {serial} of GTIN {gtin}")
            unit, batch = found
            insider = caller is not None and Scope.HISTORY in caller.scopes and (
                caller.org_id == batch.org_id or caller.organisation.role in (Role.INSPECTOR, Role.ADMIN)
            )  # fmt: skip
            subjects = (unit_subject(unit), range_subject(batch.number)) if insider else ()
            return Past(
                state=transaction.units.state(unit),
                totals=transaction.scans.totals(gtin, serial),
                scans=transaction.scans.history(gtin, serial) if insider else None,
                events=transaction.units.events(gtin, serial) if insider else None,
                range_events=(transaction.units.range_events(unit.batch, unit.index) if insider else None),
                commitments=commitments(transaction, subjects) if insider else {},
            )
