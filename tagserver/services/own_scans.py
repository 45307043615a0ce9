"""Scans of one's own products: those that a producer asks for, newest first, and what they amount to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from heapq import merge
from itertools import islice, takewhile

from tagcore.gs1 import Gtin
from tagcore.reasons import Level
from tagserver.ports import (
    HISTORY_LIMIT,
    Batch,
    BatchNumber,
    Product,
    ScanRecord,
    ScanSpot,
    Scope,
    Store,
    Transaction,
)
from tagserver.services.access import Caller, require_owner, require_scope
from tagserver.services.errors import Refusal, ServiceError
from tagserver.services.issue import find_batch
from tagserver.services.lookup import Lookup

LOOKED_THROUGH = 5_000
"""Scans that a page looks through for those that are asked for, and that sums are over: it bounds what both cost."""

_FIRST_READ = 32
"""Scans of a product that are read at first; each further read takes twice as many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What is asked for: of one product or of all, of one batch, since (included), until (not included), and only
    those whose verdict wants to be looked at.
    """

    gtin: Gtin | None = None
    batch: BatchNumber | None = None
    since: datetime | None = None
    until: datetime | None = None
    flagged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanMark:
    """A scan's place among those of all products."""

    spot: ScanSpot
    gtin: Gtin


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnScan:
    """A scan and the batch of its unit."""

    scan: ScanRecord
    batch: Batch | None


@dataclass(slots=True, kw_only=True)
class ScanSums:
    """How many scans, of how many labels, from which countries, with which verdicts. `is_cut`: there are more."""

    scans: int = 0
    labels: set[tuple[Gtin, str]] = field(default_factory=set)
    countries: Counter[str] = field(default_factory=Counter)
    levels: Counter[Level] = field(default_factory=Counter)
    is_cut: bool = False

    @property
    def flagged(self) -> int:
        """Those whose verdict wants to be looked at."""
        return sum(times for level, times in self.levels.items() if level >= Level.CAUTION)

    def count(self, scan: ScanRecord) -> None:
        """One more."""
        self.scans += 1
        self.labels.add((scan.gtin, scan.serial))
        self.levels[Level(scan.level)] += 1
        if scan.place is not None and scan.place.country is not None:
            self.countries[scan.place.country] += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanPage:
    """Some scans. `following` is where to go on, None at the end."""

    scans: tuple[OwnScan, ...]
    following: ScanMark | None


class OwnScans:
    """What producers see of the scans of their products; uncounted ones too."""

    def __init__(self, *, store: Store, lookup: Lookup) -> None:
        self._store = store
        self._lookup = lookup

    def page(
        self, caller: Caller, selection: Selection, *, after: ScanMark | None = None, limit: int = 100
    ) -> ScanPage:
        """Up to `limit` of them, looked for among LOOKED_THROUGH scans: a page may be short and not the last.

        Raises: AccessError; ServiceError NOT_FOUND.
        """
        asked = self._asked(caller, selection)
        looked = _Looked(asked.walk(after))
        found = tuple(islice(asked.among(looked), limit + 1))
        last = found[limit - 1] if len(found) > limit else looked.last if looked.is_cut else None
        return ScanPage(
            scans=tuple(asked.with_batch(scan) for scan in found[:limit]),
            following=None if last is None else ScanMark(spot=last.spot, gtin=last.gtin),
        )

    def sums(self, caller: Caller, selection: Selection) -> ScanSums:
        """Of those among the newest LOOKED_THROUGH scans.

        Raises: AccessError; ServiceError NOT_FOUND.
        """
        asked, sums = self._asked(caller, selection), ScanSums()
        looked = _Looked(asked.walk(None))
        for scan in asked.among(looked):
            sums.count(scan)
        sums.is_cut = looked.is_cut
        return sums

    def every(self, caller: Caller, selection: Selection) -> Iterator[OwnScan]:
        """All of them, however many: they are read as they are taken.

        Raises: AccessError; ServiceError NOT_FOUND; both at once.
        """
        asked = self._asked(caller, selection)
        return (asked.with_batch(scan) for scan in asked.among(asked.walk(None)))

    def _asked(self, caller: Caller, selection: Selection) -> _Asked:
        require_scope(caller, Scope.HISTORY)
        with self._store.read() as transaction:
            batch = None if selection.batch is None else find_batch(transaction, selection.batch)
            if batch is not None:
                require_owner(caller, batch.org_id, f"batch {batch.number}")
            gtin = selection.gtin if batch is None else batch.gtin
            gtins = tuple(product.gtin for product in _own_products(transaction, caller, gtin))
        if batch is not None and selection.gtin not in (None, batch.gtin):
            gtins = ()
        return _Asked(store=self._store, lookup=self._lookup, selection=selection, gtins=gtins)


class _Asked:
    """A selection that the caller may see, over the store."""

    def __init__(
        self, *, store: Store, lookup: Lookup, selection: Selection, gtins: tuple[Gtin, ...]
    ) -> None:
        self._store = store
        self._lookup = lookup
        self._selection = selection
        self._gtins = gtins
        self._batches = _RememberedBatches(store)

    def walk(self, after: ScanMark | None) -> Iterator[ScanRecord]:
        """Scans of the products in the selection's time, newest first; behind `after`."""
        since = self._selection.since
        of_products = [self._of_product(gtin, self._start(gtin, after)) for gtin in self._gtins]
        newest_first = merge(*of_products, key=lambda scan: (scan.at, scan.turn, scan.gtin), reverse=True)
        return takewhile(lambda scan: since is None or scan.at >= since, newest_first)

    def among(self, scans: Iterable[ScanRecord]) -> Iterator[ScanRecord]:
        """Those that are asked for."""
        chosen = self._selection
        return (
            scan
            for scan in scans
            if (not chosen.flagged or scan.level >= Level.CAUTION)
            and (chosen.batch is None or self._is_in(chosen.batch, scan))
        )

    def with_batch(self, scan: ScanRecord) -> OwnScan:
        """The scan and the batch of its unit."""
        return OwnScan(scan=scan, batch=self._batch(scan.gtin, scan.serial))

    def _batch(self, gtin: Gtin, serial: str) -> Batch | None:
        found = self._lookup.find_among(self._batches, gtin, serial)
        return found[1] if found else None

    def _is_in(self, number: BatchNumber, scan: ScanRecord) -> bool:
        batch = self._batch(scan.gtin, scan.serial)
        return batch is not None and batch.number == number

    def _start(self, gtin: Gtin, after: ScanMark | None) -> ScanSpot | None:
        """Where a product's scans begin, all products' being in one order: by time, turn, and product."""
        if after is None:
            until = self._selection.until
            return None if until is None else ScanSpot(at=until)
        if gtin == after.gtin:
            return after.spot
        turn = after.spot.turn + (1 if gtin < after.gtin else 0)
        return ScanSpot(at=after.spot.at, turn=turn)

    def _of_product(self, gtin: Gtin, than: ScanSpot | None) -> Iterator[ScanRecord]:
        size = _FIRST_READ
        while True:
            with self._store.read() as transaction:
                found = transaction.scans.older(gtin, than=than, limit=size)
            yield from found
            if len(found) < size:
                return
            than, size = found[-1].spot, min(2 * size, HISTORY_LIMIT)


class _Looked:
    """The first LOOKED_THROUGH scans; `last` is the one that was taken last, `is_cut` when they were as many."""

    def __init__(self, scans: Iterator[ScanRecord]) -> None:
        self._scans = islice(scans, LOOKED_THROUGH)
        self._count = 0
        self.last: ScanRecord | None = None

    def __iter__(self) -> Iterator[ScanRecord]:
        for scan in self._scans:
            self.last = scan
            self._count += 1
            yield scan

    @property
    def is_cut(self) -> bool:
        """Whether there may be more than were looked through."""
        return self._count == LOOKED_THROUGH


class _RememberedBatches:
    """Batches, each asked for once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._found: dict[BatchNumber, Batch | None] = {}
        self._supplied: dict[Gtin, tuple[Batch, ...]] = {}

    def find(self, number: BatchNumber) -> Batch | None:
        """As `ports.Batches`."""
        if number not in self._found:
            with self._store.read() as transaction:
                self._found[number] = transaction.batches.find(number)
        return self._found[number]

    def with_supplied_serials(self, gtin: Gtin) -> tuple[Batch, ...]:
        """As `ports.Batches`."""
        if gtin not in self._supplied:
            with self._store.read() as transaction:
                self._supplied[gtin] = transaction.batches.with_supplied_serials(gtin)
        return self._supplied[gtin]


def _own_products(transaction: Transaction, caller: Caller, gtin: Gtin | None) -> tuple[Product, ...]:
    if gtin is None:
        return transaction.products.of_organisation(caller.org_id)
    product = transaction.products.find(gtin)
    if product is None:
        raise ServiceError(Refusal.NOT_FOUND, f"no product {gtin}")
    require_owner(caller, product.org_id, f"product {gtin}")
    return (product,)
