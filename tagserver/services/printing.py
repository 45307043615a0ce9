"""Hand out a batch's tags for printing, and note each time in the audit trail.

A second genuine label is the insider's forgery: who had labels made, which ones and when, must be answerable.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha512

from tagcore.identity import Identity
from tagcore.keys import KeyStatus
from tagcore.serials import SerialCipher
from tagcore.tag import Tag
from tagserver.ports import (
    AuditEntry,
    Batch,
    BatchNumber,
    BatchStatus,
    Clock,
    KeyPurpose,
    Keystore,
    LeafStore,
    Product,
    Scope,
    SerialIndexes,
    Store,
)
from tagserver.services.access import Caller, audit, require_owner, require_scope
from tagserver.services.errors import Refusal, ServiceError
from tagserver.services.issue import find_batch
from tagserver.services.tags import Press, url

RENDERED = "labels.render"
"""The action in the audit trail."""

SHOWN_TIMES = 5

SPECIMEN_SERIAL = "SPECIMEN"

_NO_SIGNATURE = sha512(b"origintag/specimen").digest()
"""As long and as dense as a signature, so that the code looks as it will."""


class _Specimen:
    """A press for a label that proves nothing."""

    def tags(self, batch: Batch, first: int, stop: int) -> Iterator[Tag]:
        """The same tag each time."""
        identity = Identity(
            gtin=batch.gtin, lot=batch.lot, serial=SPECIMEN_SERIAL, expiry=batch.expiry, slot=batch.slot
        )
        yield from (Tag(identity=identity, signature=_NO_SIGNATURE) for _ in range(first, stop))


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintJob:
    """Tags `first` to `first + count - 1` of a batch, ready to be laid out; `times_before` it was done
    before.
    """

    batch: Batch
    product: Product
    first: int
    count: int
    times_before: int
    press: Press | _Specimen

    def tags(self) -> Iterator[tuple[Tag, str]]:
        """(tag, URL) of each, in order; derived while it is read."""
        for tag in self.press.tags(self.batch, self.first, self.first + self.count):
            yield tag, url(tag, self.batch)


class Printing:
    """Print jobs."""

    def __init__(
        self,
        *,
        store: Store,
        keystore: Keystore,
        leaves: LeafStore,
        indexes: SerialIndexes,
        cipher: SerialCipher,
        clock: Clock,
    ) -> None:
        self._store = store
        self._keystore = keystore
        self._leaves = leaves
        self._indexes = indexes
        self._cipher = cipher
        self._clock = clock

    def job(
        self, caller: Caller, number: BatchNumber, *, form: str, first: int = 0, count: int | None = None
    ) -> PrintJob:
        """A print job; it is in the audit trail before the first label exists.

        Raises: AccessError; ServiceError NOT_FOUND, BATCH_NOT_ISSUED, INPUT_INVALID for a range outside the
        batch, NO_SIGNING_KEY when its key was revoked: such labels would read "do not use".
        """
        require_scope(caller, Scope.LABELS)
        with self._store.read() as transaction:
            batch = find_batch(transaction, number)
            product = transaction.products.find(batch.gtin)
            key = transaction.keys.find(batch.key_id)
        require_owner(caller, batch.org_id, f"batch {number}")
        if batch.status is not BatchStatus.ISSUED or product is None:
            raise ServiceError(Refusal.BATCH_NOT_ISSUED, f"batch {number} is {batch.status}, not issued")
        if key is None or key.status is KeyStatus.REVOKED:
            raise ServiceError(Refusal.NO_SIGNING_KEY, f"key {batch.key_id} of batch {number} was revoked")
        wanted = batch.count - first if count is None else count
        if first < 0 or wanted < 1 or first + wanted > batch.count:
            message = f"got tags {first} to {first + wanted - 1} of a batch of {batch.count}"
            raise ServiceError(Refusal.INPUT_INVALID, message, field="first")
        press = Press(
            cipher=self._cipher,
            indexes=self._indexes,
            signer=self._keystore.signing_key(batch.key_id, KeyPurpose.ISSUER),
        )
        before = self._note(caller, batch, form, first, wanted)
        return PrintJob(
            batch=batch, product=product, first=first, count=wanted, times_before=before, press=press
        )

    def times(self, caller: Caller, number: BatchNumber) -> tuple[int, tuple[AuditEntry, ...]]:
        """How often labels of the caller's batch were made, and the newest times of it.

        Raises: AccessError; ServiceError NOT_FOUND.
        """
        with self._store.read() as transaction:
            batch = find_batch(transaction, number)
            require_owner(caller, batch.org_id, f"batch {number}")
            subject = str(number)
            newest = transaction.audit.latest(limit=SHOWN_TIMES, action=RENDERED, subject=subject)
            return transaction.audit.count(action=RENDERED, subject=subject), newest

    def specimen(self, caller: Caller, number: BatchNumber) -> PrintJob:
        """One label as this batch's look, under a serial that is none and without a signature.

        It needs no key and is no label, so it is not noted: scanned, it reads "do not use".
        Raises: AccessError; ServiceError NOT_FOUND.
        """
        require_scope(caller, Scope.LABELS)
        with self._store.read() as transaction:
            batch = find_batch(transaction, number)
            require_owner(caller, batch.org_id, f"batch {number}")
            product = transaction.products.find(batch.gtin)
        if product is None:
            raise ServiceError(Refusal.NOT_FOUND, f"no product {batch.gtin}")
        return PrintJob(batch=batch, product=product, first=0, count=1, times_before=0, press=_Specimen())

    def path(self, number: BatchNumber, index: int) -> tuple[bytes, ...]:
        """The inclusion proof of tag `index` in its batch's tree."""
        return self._leaves.path(number, index)

    def _note(self, caller: Caller, batch: Batch, form: str, first: int, count: int) -> int:
        subject = str(batch.number)
        with self._store.write() as transaction:
            before = transaction.audit.count(action=RENDERED, subject=subject)
            audit(
                transaction,
                caller,
                self._clock(),
                RENDERED,
                subject,
                form=form,
                first=str(first),
                count=str(count),
            )
        return before
