"""Issue batches: ask once, work under a lease, acknowledge only what is durable.

A request makes one row (queued). A worker leases it, derives the tags chunk by chunk, makes their leaf hashes
durable, notes the progress, and at the end the Merkle root and the signed manifest turn the batch to issued
in one transaction. Killed anywhere, the next worker goes on from what was acknowledged: tags are derived, so
they are the same. A repeated request finds the first one's batch by its idempotency key.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from tagcore.canonical import canonical_json
from tagcore.gs1 import Expiry, Gtin, parse_lot
from tagcore.keys import KeyStatus, Signer
from tagcore.manifest import sign_manifest
from tagcore.serials import SerialCipher
from tagcore.states import State
from tagcore.tag import Profile
from tagserver.ports import (
    Batch,
    BatchNumber,
    BatchStatus,
    Clock,
    CreatedBatch,
    IssuerKeyRecord,
    KeyPurpose,
    Keystore,
    KeystoreError,
    LeafStore,
    Lease,
    LeaseLostError,
    NewBatch,
    OrgId,
    Product,
    Scope,
    SerialIndexes,
    SerialSource,
    Store,
    Transaction,
)
from tagserver.services.access import Caller, audit, require_owner, require_scope
from tagserver.services.errors import Refusal, ServiceError
from tagserver.services.keys import signing_record
from tagserver.services.log_entries import log_batch
from tagserver.services.manifest import manifest_of
from tagserver.services.serial_lists import Comparison, OvertakenError, SerialLists, check_serials
from tagserver.services.tags import CHUNK, Press
from tagserver.services.texts import check_line

Progress = Callable[[int, int], None]
"""Called with (tags done, tags in all)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a producer asks for. `serials` are its own, in label order; without them `count` are generated."""

    gtin: Gtin
    lot: str
    expiry: Expiry | None
    count: int
    profile: Profile
    host: str | None = None
    serials: Sequence[str] | None = None

    def digest(self) -> bytes:
        """What tells a repeated request from another one under the same idempotency key."""
        return sha256(
            canonical_json(
                {
                    "gtin": self.gtin,
                    "lot": self.lot,
                    "expiry": str(self.expiry) if self.expiry else None,
                    "count": self.count,
                    "profile": self.profile.value,
                    "host": self.host,
                    "serials": None if self.serials is None else list(self.serials),
                }
            )
        ).digest()


class Issuing:
    """Requests for batches, and the work on them."""

    def __init__(
        self,
        *,
        store: Store,
        keystore: Keystore,
        leaves: LeafStore,
        indexes: SerialIndexes,
        cipher: SerialCipher,
        clock: Clock,
        max_count: int,
        lease: timedelta,
    ) -> None:
        self._store = store
        self._keystore = keystore
        self._leaves = leaves
        self._indexes = indexes
        self._cipher = cipher
        self._serial_lists = SerialLists(store=store, cipher=cipher, indexes=indexes)
        self._clock = clock
        self._max_count = max_count
        self._lease = lease

    def request(self, caller: Caller, order: Order, *, idempotency_key: str) -> CreatedBatch:
        """Queue a batch, or find the one that this key queued before, whatever became of keys meanwhile.

        Raises: AccessError; ServiceError; Gs1SyntaxError (lot); IdempotencyConflictError.
        """
        require_scope(caller, Scope.BATCHES)
        check_line(idempotency_key, "idempotency_key", shortest=1)
        self._check(order)
        while True:
            comparison = (
                None if order.serials is None else self._serial_lists.compare(order.gtin, order.serials)
            )
            # Overtaken means that another list was accepted, so somebody always gets on.
            with suppress(OvertakenError), self._store.write() as transaction:
                return self._create(transaction, caller, order, idempotency_key, comparison)

    def work_on(self, number: BatchNumber, *, owner: str, progress: Progress | None = None) -> Batch:
        """Issue this batch if it waits; whatever came of it. A batch that another worker holds is left to
        it.
        """
        lease = self._claim(owner, number)
        if lease is not None:
            return self._issue(lease, progress)
        return self.find(number)

    def work_once(self, *, owner: str, progress: Progress | None = None) -> Batch | None:
        """Issue the batch that waits longest; None when none does."""
        lease = self._claim(owner, None)
        return None if lease is None else self._issue(lease, progress)

    def find(self, number: BatchNumber) -> Batch:
        """Raises: ServiceError NOT_FOUND."""
        with self._store.read() as transaction:
            return find_batch(transaction, number)

    def of(self, caller: Caller, *, before: BatchNumber | None = None) -> tuple[Batch, ...]:
        """The caller's batches, newest first."""
        with self._store.read() as transaction:
            return transaction.batches.of_organisation(caller.org_id, before=before)

    def issued(self, caller: Caller, *, after: BatchNumber) -> tuple[Batch, ...]:
        """All of the caller's issued batches with a number above `after`, oldest first."""
        found: list[Batch] = []
        before: BatchNumber | None = None
        while page := self.of(caller, before=before):
            found += [batch for batch in page if batch.number > after and batch.status is BatchStatus.ISSUED]
            before = page[-1].number
            if before <= after:
                break
        return tuple(reversed(found))

    def _check(self, order: Order) -> None:
        parse_lot(order.lot)
        if not 1 <= order.count <= self._max_count:
            message = f"got {order.count} tags, want 1 to {self._max_count}"
            raise ServiceError(Refusal.BATCH_TOO_LARGE, message, field="count")
        if order.serials is not None:
            if len(order.serials) != order.count:
                message = f"got {len(order.serials)} serials for {order.count} tags"
                raise ServiceError(Refusal.SERIALS_INVALID, message, field="serials")
            check_serials(order.serials)

    def _create(
        self,
        transaction: Transaction,
        caller: Caller,
        order: Order,
        idempotency_key: str,
        comparison: Comparison | None,
    ) -> CreatedBatch:
        now = self._clock()
        product = _own_product(transaction, caller, order.gtin)
        key = _newest_key(transaction, caller.org_id, now)
        created = transaction.batches.create(
            _new_batch(caller, product, order, key, now),
            idempotency_key=idempotency_key,
            request_hash=order.digest(),
        )
        if not created.is_new:
            return created
        signing_record(transaction, caller.org_id, now)
        if order.serials is not None and comparison is not None:
            self._serial_lists.accept(transaction, created.batch, order.serials, comparison, now)
        audit(transaction, caller, now, "batch.request", str(created.batch.number), count=str(order.count))
        return created

    def _claim(self, owner: str, number: BatchNumber | None) -> Lease | None:
        with self._store.write() as transaction:
            return transaction.batches.claim(
                owner=owner, now=self._clock(), duration=self._lease, number=number
            )

    def _issue(self, lease: Lease, progress: Progress | None) -> Batch:
        """Go on where the batch stands. A worker that lost its lease leaves the batch to the one that has it."""
        try:
            with self._store.read() as transaction:
                batch = find_batch(transaction, lease.batch)
                key = transaction.keys.find(batch.key_id)
            if key is None or key.status is KeyStatus.REVOKED:
                reason = (
                    f"{Refusal.NO_SIGNING_KEY}: key {batch.key_id} was revoked before the batch was issued"
                )
                return self._give_up(lease, reason)
            try:
                signer = self._keystore.signing_key(batch.key_id, KeyPurpose.ISSUER)
            except KeystoreError as error:
                return self._give_up(lease, f"{error.code}: {error}")
            root = self._write_leaves(lease, batch, signer, progress)
            return self._finish(lease, batch, signer, root)
        except LeaseLostError:
            return self.find(lease.batch)
        except KeyboardInterrupt:
            with suppress(LeaseLostError), self._store.write() as transaction:
                transaction.batches.release(lease)
            raise

    def _write_leaves(self, lease: Lease, batch: Batch, signer: Signer, progress: Progress | None) -> bytes:
        """The root over all leaves, which are durable then."""
        press = Press(cipher=self._cipher, indexes=self._indexes, signer=signer)
        with self._leaves.writer(batch.number, count=batch.count, acknowledged=batch.done) as writer:
            while writer.written < batch.count:
                stop = min(batch.count, writer.written + CHUNK)
                writer.append(press.leaf_hashes(batch, writer.written, stop))
                self._acknowledge(lease, writer.written)
                if progress is not None:
                    progress(writer.written, batch.count)
            return writer.finish()

    def _acknowledge(self, lease: Lease, done: int) -> None:
        with self._store.write() as transaction:
            transaction.batches.progress(lease, done=done, now=self._clock(), duration=self._lease)

    def _finish(self, lease: Lease, batch: Batch, signer: Signer, root: bytes) -> Batch:
        issued_at = self._clock().astimezone(UTC).replace(microsecond=0)
        signature = sign_manifest(manifest_of(batch, root, issued_at), signer)
        with self._store.write() as transaction:
            issued = transaction.batches.finish(
                lease, root=root, issued_at=issued_at, manifest_signature=signature
            )
            log_batch(transaction, issued, issued_at)
            audit(transaction, None, issued_at, "batch.issued", str(batch.number), root=root.hex())
        return issued

    def _give_up(self, lease: Lease, reason: str) -> Batch:
        with self._store.write() as transaction:
            return transaction.batches.fail(lease, reason=reason)


def find_batch(transaction: Transaction, number: BatchNumber) -> Batch:
    """Raises: ServiceError NOT_FOUND."""
    batch = transaction.batches.find(number)
    if batch is None:
        raise ServiceError(Refusal.NOT_FOUND, f"no batch {number}")
    return batch


def _own_product(transaction: Transaction, caller: Caller, gtin: Gtin) -> Product:
    product = transaction.products.find(gtin)
    if product is None:
        raise ServiceError(Refusal.NOT_FOUND, f"no product {gtin}: register it first", field="gtin")
    require_owner(caller, product.org_id, f"product {gtin}")
    return product


def _newest_key(transaction: Transaction, org_id: OrgId, now: datetime) -> IssuerKeyRecord:
    """The key to sign with; without one the newest of all, for a request that was answered before.

    Raises: ServiceError NO_SIGNING_KEY when the organisation never had a key.
    """
    try:
        return signing_record(transaction, org_id, now)
    except ServiceError:
        keys = transaction.keys.of_organisation(org_id)
        if not keys:
            raise
        return keys[-1]


def _new_batch(
    caller: Caller, product: Product, order: Order, key: IssuerKeyRecord, now: datetime
) -> NewBatch:
    return NewBatch(
        org_id=caller.org_id,
        gtin=product.gtin,
        lot=order.lot,
        expiry=order.expiry,
        count=order.count,
        profile=order.profile,
        host=_host(caller, order),
        key_id=key.id,
        slot=key.slot,
        serial_source=SerialSource.GENERATED if order.serials is None else SerialSource.SUPPLIED,
        base_state=State.PRINTED,
        created_at=now,
    )


def _host(caller: Caller, order: Order) -> str:
    """The host that the tags name: the one asked for if it is the caller's, else the caller's first."""
    hosts = caller.organisation.hosts
    wanted = order.host.upper() if order.host else next(iter(hosts), None)
    if wanted is None or wanted not in hosts:
        message = f"{order.host or 'no host'} is none of your hosts: {', '.join(hosts) or 'you have none'}"
        raise ServiceError(Refusal.NO_HOST, message, field="host")
    return wanted
