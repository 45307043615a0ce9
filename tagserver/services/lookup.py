"""Find the unit behind a GTIN and a serial: arithmetic for generated serials, an index file for supplied
ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from tagcore.gs1 import Gtin
from tagcore.serials import SerialCipher, is_generated
from tagserver.ports import (
    Batch,
    BatchNumber,
    BatchStatus,
    SerialIndexes,
    SerialSource,
    Transaction,
    Unit,
)


class KnownBatches(Protocol):
    """Where batches are known: a transaction, or the memory of one who looks up many units."""

    def find(self, number: BatchNumber) -> Batch | None: ...

    def with_supplied_serials(self, gtin: Gtin) -> tuple[Batch, ...]: ...


class Lookup:
    """Serials to units. Only issued batches have units."""

    def __init__(self, *, cipher: SerialCipher, indexes: SerialIndexes) -> None:
        self._cipher = cipher
        self._indexes = indexes

    def find(self, transaction: Transaction, gtin: Gtin, serial: str) -> tuple[Unit, Batch] | None:
        """The unit and its batch, None when there is no such unit."""
        return self.find_among(transaction.batches, gtin, serial)

    def find_among(self, batches: KnownBatches, gtin: Gtin, serial: str) -> tuple[Unit, Batch] | None:
        """As `find`, among batches that are known otherwise."""
        for batch, index in self._candidates(batches, gtin, serial):
            if batch.status is BatchStatus.ISSUED:
                return Unit(gtin=gtin, serial=serial, batch=batch.number, index=index), batch
        return None

    def _candidates(self, batches: KnownBatches, gtin: Gtin, serial: str) -> Iterator[tuple[Batch, int]]:
        if is_generated(serial):
            number, index = self._cipher.decrypt(serial)
            batch = batches.find(BatchNumber(number)) if number else None
            generated = batch is not None and batch.serial_source is SerialSource.GENERATED
            if batch is not None and generated and batch.gtin == gtin and index < batch.count:
                yield batch, index
        for batch in batches.with_supplied_serials(gtin):
            if batch.status is BatchStatus.ISSUED:
                found = self._indexes.index_of(batch.number, serial)
                if found is not None:
                    yield batch, found
