"""Serials that producers bring: none may be in use for the same product, whoever made it.

A list is long, and nobody may write while a transaction does. So it is compared with all other batches before
the transaction, and inside it only with those that came meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tagcore.errors import Gs1SyntaxError
from tagcore.gs1 import Gtin, parse_serial
from tagcore.serials import SerialCipher, is_generated
from tagserver.ports import (
    Batch,
    BatchNumber,
    BatchStatus,
    SerialIndexes,
    SerialSource,
    Store,
    Transaction,
)
from tagserver.services.errors import Refusal, ServiceError

READ_AT_ONCE = 65_536
"""Serials of another batch that are compared at a time."""

LOOKUP_COST = 40
"""Looking one serial up in a batch's index costs about as much as reading this many in a row."""


class OvertakenError(Exception):
    """Another list for the same product was accepted meanwhile: compare again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A list compared with the batches `against`: the refusal that came of it, if any.

    `readings` are what its serials would be if this system had generated them: batch number -> (index, serial).
    """

    against: frozenset[BatchNumber]
    refusal: ServiceError | None
    readings: Mapping[int, Sequence[tuple[int, str]]]


class SerialLists:
    """Accepts producers' lists of serials."""

    def __init__(self, *, store: Store, cipher: SerialCipher, indexes: SerialIndexes) -> None:
        self._store = store
        self._cipher = cipher
        self._indexes = indexes

    def compare(self, gtin: Gtin, serials: Sequence[str]) -> Comparison:
        """The long part of the work, outside any transaction that writes."""
        with self._store.read() as transaction:
            others = transaction.batches.with_supplied_serials(gtin)
        return Comparison(
            against=frozenset(other.number for other in others),
            refusal=self._refusal(others, serials),
            readings=self._readings(serials),
        )

    def accept(
        self,
        transaction: Transaction,
        batch: Batch,
        serials: Sequence[str],
        comparison: Comparison,
        now: datetime,
    ) -> None:
        """Write the batch's index while its row is still uncommitted: a crash leaves a file that nothing names.

        Raises: ServiceError SERIAL_TAKEN; OvertakenError.
        """
        supplied = transaction.batches.with_supplied_serials(batch.gtin)
        others = [other for other in supplied if other.number != batch.number]
        newer = [other for other in others if other.number not in comparison.against]
        refusal = (
            comparison.refusal
            or self._refusal(newer, serials)
            or _generated(transaction, batch, comparison.readings)
        )
        if refusal is not None:
            raise refusal
        _take_turn(transaction, batch, others, now)
        self._indexes.write(batch.number, serials)

    def _readings(self, serials: Sequence[str]) -> dict[int, list[tuple[int, str]]]:
        readings: dict[int, list[tuple[int, str]]] = {}
        for serial in filter(is_generated, serials):
            number, index = self._cipher.decrypt(serial)
            readings.setdefault(number, []).append((index, serial))
        return readings

    def _refusal(self, others: Sequence[Batch], serials: Sequence[str]) -> ServiceError | None:
        wanted = frozenset(serials)
        for other in others:
            if other.status is BatchStatus.FAILED:  # its units never came to be
                continue
            for taken in self._taken(other, wanted):
                return _taken(f"serial {taken} is in batch {other.number} already")
        return None

    def _taken(self, other: Batch, wanted: Collection[str]) -> Iterator[str]:
        if other.count > LOOKUP_COST * len(wanted):
            yield from (
                serial for serial in wanted if self._indexes.index_of(other.number, serial) is not None
            )
            return
        for first in range(0, other.count, READ_AT_ONCE):
            count = min(READ_AT_ONCE, other.count - first)
            yield from sorted(
                frozenset(self._indexes.serials(other.number, first, count)).intersection(wanted)
            )


def check_serials(serials: Sequence[str]) -> None:
    """Raises: ServiceError SERIALS_INVALID, with the place in the list counted from 1."""
    seen: set[str] = set()
    for place, serial in enumerate(serials, start=1):
        try:
            parse_serial(serial)
        except Gs1SyntaxError as error:
            raise _invalid(f"serial {place}: {error}") from error
        if serial in seen:
            raise _invalid(f"serial {place}: {serial} is there twice")
        seen.add(serial)


def _generated(
    transaction: Transaction, batch: Batch, readings: Mapping[int, Sequence[tuple[int, str]]]
) -> ServiceError | None:
    """Whether a serial is one that this system generated for the same product.

    A product's batches are all its owner's, so no number beyond the owner's newest can be one of them.
    """
    newest = transaction.batches.of_organisation(batch.org_id, limit=1)[0].number
    for number in sorted(readings):
        if not 0 < number <= newest:
            continue
        other = transaction.batches.find(BatchNumber(number))
        if other is None or other.gtin != batch.gtin or other.serial_source is SerialSource.SUPPLIED:
            continue
        for index, serial in readings[number]:
            if index < other.count:
                return _taken(f"serial {serial} is one that this system generated for batch {number}")
    return None


def _take_turn(transaction: Transaction, batch: Batch, others: Sequence[Batch], now: datetime) -> None:
    """Of lists that do not know of each other only the first is accepted; the next waits here for its end.

    SQLite has one writer anyway; in PostgreSQL two transactions could each fail to see the other's batch.
    """
    newest = max((other.number for other in others), default=0)
    key = f"serials of {batch.gtin} after batch {newest}"
    if transaction.requests.begin(batch.org_id, key, bytes(32), at=now) is not None:
        raise OvertakenError
    transaction.requests.complete(batch.org_id, key, f"serials of batch {batch.number}")


def _invalid(message: str) -> ServiceError:
    return ServiceError(Refusal.SERIALS_INVALID, message, field="serials")


def _taken(message: str) -> ServiceError:
    return ServiceError(Refusal.SERIAL_TAKEN, message, field="serials")
