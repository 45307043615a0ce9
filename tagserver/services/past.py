"""What happened to a unit: the public summary of its scans, and the events that its parties may read."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

from tagcore.gs1 import Gtin
from tagcore.states import Role
from tagserver.ports import (
    BatchNumber,
    Product,
    RangeState,
    ScanRecord,
    ScanTotals,
    Scope,
    Store,
    Transaction,
    UnitEvent,
    UnitState,
)
from tagserver.services.access import Caller, require_owner, require_scope
from tagserver.services.errors import Refusal, ServiceError
from tagserver.services.issue import find_batch
from tagserver.services.lookup import Lookup

SEARCHED = 1_000
"""Newest scans of a product among which those of one batch are looked for: a scan does not name its batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A unit's history. `scans`, `events` and `range_events` (newest first) are None for the public."""

    state: UnitState
    totals: ScanTotals
    scans: tuple[ScanRecord, ...] | None
    events: tuple[UnitEvent, ...] | None
    range_events: tuple[RangeState, ...] | None


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
            return Past(
                state=transaction.units.state(unit),
                totals=transaction.scans.totals(gtin, serial),
                scans=transaction.scans.history(gtin, serial) if insider else None,
                events=transaction.units.events(gtin, serial) if insider else None,
                range_events=(transaction.units.range_events(unit.batch, unit.index) if insider else None),
            )

    def latest(self, caller: Caller, gtin: Gtin | None = None, *, limit: int = 100) -> tuple[ScanRecord, ...]:
        """The newest scans of the caller's product, or of all its products; newest first, uncounted ones too.

        Raises: AccessError; ServiceError NOT_FOUND.
        """
        require_scope(caller, Scope.HISTORY)
        with self._store.read() as transaction:
            products = _own_products(transaction, caller, gtin)
            found = [transaction.scans.latest(product.gtin, limit=limit) for product in products]
        return tuple(sorted(chain(*found), key=lambda scan: scan.at, reverse=True)[:limit])

    def of_batch(self, caller: Caller, number: BatchNumber, *, limit: int = 100) -> tuple[ScanRecord, ...]:
        """The scans of the caller's batch among the newest SEARCHED of its product, newest first.

        Raises: AccessError; ServiceError NOT_FOUND.
        """
        require_scope(caller, Scope.HISTORY)
        with self._store.read() as transaction:
            batch = find_batch(transaction, number)
            require_owner(caller, batch.org_id, f"batch {number}")
            scans = transaction.scans.latest(batch.gtin, limit=SEARCHED)
            units = {
                serial: self._lookup.find(transaction, batch.gtin, serial)
                for serial in {s.serial for s in scans}
            }
        inside = {serial for serial, found in units.items() if found and found[1].number == number}
        return tuple(scan for scan in scans if scan.serial in inside)[:limit]


def _own_products(transaction: Transaction, caller: Caller, gtin: Gtin | None) -> tuple[Product, ...]:
    if gtin is None:
        return transaction.products.of_organisation(caller.org_id)
    product = transaction.products.find(gtin)
    if product is None:
        raise ServiceError(Refusal.NOT_FOUND, f"no product {gtin}")
    require_owner(caller, product.org_id, f"product {gtin}")
    return (product,)
