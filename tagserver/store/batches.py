"""Batches in SQL, created once a request."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, bindparam, insert, select

from tagcore.gs1 import Gtin, parse_expiry
from tagcore.states import State
from tagcore.tag import Profile
from tagserver.ports import (
    Batch,
    BatchNumber,
    BatchStatus,
    CreatedBatch,
    IdempotencyConflictError,
    KeyId,
    Lease,
    NewBatch,
    OrgId,
    SerialSource,
)
from tagserver.store.insertion import refusals_named
from tagserver.store.leases import SqlLeases
from tagserver.store.link import Link
from tagserver.store.prepared import Prepared
from tagserver.store.requests import SqlRequests
from tagserver.store.schema import batch

_OUTCOME = "batch "

_BY_NUMBER = Prepared(select(batch).where(batch.c.number == bindparam("of_number")))
_SUPPLIED = Prepared(
    select(batch)
    .where(batch.c.gtin == bindparam("of_gtin"), batch.c.serial_source == SerialSource.SUPPLIED.value)
    .order_by(batch.c.number.desc())
)


class SqlBatches:
    """Implements `tagserver.ports.Batches` within one transaction."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._leases = SqlLeases(link)

    def create(self, new: NewBatch, *, idempotency_key: str, request_hash: bytes) -> CreatedBatch:
        """The number goes on record with the idempotency key, in one transaction."""
        requests = SqlRequests(self._link)
        outcome = requests.begin(new.org_id, idempotency_key, request_hash, at=new.created_at)
        if outcome is not None:
            if not outcome.startswith(_OUTCOME):
                raise IdempotencyConflictError(new.org_id, idempotency_key)
            return CreatedBatch(batch=self._get(int(outcome.removeprefix(_OUTCOME))), is_new=False)
        number = self._insert(new)
        requests.complete(new.org_id, idempotency_key, f"{_OUTCOME}{number}")
        return CreatedBatch(batch=self._get(number), is_new=True)

    def find(self, number: BatchNumber) -> Batch | None:
        """By primary key."""
        row = _BY_NUMBER.first(self._link, of_number=number)
        return None if row is None else batch_from_row(row)

    def of_organisation(
        self, org_id: OrgId, *, before: BatchNumber | None = None, limit: int = 100
    ) -> tuple[Batch, ...]:
        """Newest first."""
        statement = select(batch).where(batch.c.org_id == org_id)
        if before is not None:
            statement = statement.where(batch.c.number < before)
        return self._batches(statement.order_by(batch.c.number.desc()).limit(limit))

    def of_lot(self, gtin: Gtin, lot: str) -> tuple[Batch, ...]:
        """In order of number."""
        of_lot = select(batch).where(batch.c.gtin == gtin, batch.c.lot == lot)
        return self._batches(of_lot.order_by(batch.c.number))

    def with_supplied_serials(self, gtin: Gtin) -> tuple[Batch, ...]:
        """Newest first."""
        return tuple(batch_from_row(row) for row in _SUPPLIED.all(self._link, of_gtin=gtin))

    def claim(
        self, *, owner: str, now: datetime, duration: timedelta, number: BatchNumber | None = None
    ) -> Lease | None:
        """See `SqlLeases.claim`."""
        return self._leases.claim(owner=owner, now=now, duration=duration, number=number)

    def renew(self, lease: Lease, *, now: datetime, duration: timedelta) -> Lease:
        """Raises LeaseLostError."""
        return self._leases.renew(lease, until=now + duration)

    def progress(self, lease: Lease, *, done: int, now: datetime, duration: timedelta) -> Lease:
        """Raises LeaseLostError."""
        return self._leases.renew(lease, until=now + duration, done=done)

    def finish(self, lease: Lease, *, root: bytes, issued_at: datetime, manifest_signature: bytes) -> Batch:
        """Raises LeaseLostError."""
        self._leases.end(
            lease,
            status=BatchStatus.ISSUED,
            root=root,
            issued_at=issued_at,
            manifest_signature=manifest_signature,
            done=batch.c.units,
        )
        return self._get(lease.batch)

    def fail(self, lease: Lease, *, reason: str) -> Batch:
        """Raises LeaseLostError."""
        self._leases.end(lease, status=BatchStatus.FAILED, failure=reason)
        return self._get(lease.batch)

    def release(self, lease: Lease) -> None:
        """Raises LeaseLostError."""
        self._leases.end(lease, status=BatchStatus.QUEUED)

    def _insert(self, new: NewBatch) -> int:
        statement = insert(batch).values(
            org_id=new.org_id,
            gtin=new.gtin,
            lot=new.lot,
            expiry=None if new.expiry is None else str(new.expiry),
            units=new.count,
            profile=new.profile.value,
            host=new.host,
            key_id=new.key_id,
            slot=new.slot,
            serial_source=new.serial_source.value,
            base_state=new.base_state.value,
            created_at=new.created_at,
            status=BatchStatus.QUEUED.value,
            done=0,
            attempt=0,
            range_seq=0,
        )
        with refusals_named("batch", new.lot, references="organisation, product or issuer key of batch"):
            return int(self._link.execute(statement.returning(batch.c.number)).scalar_one())

    def _get(self, number: int) -> Batch:
        return batch_from_row(self._link.execute(select(batch).where(batch.c.number == number)).one())

    def _batches(self, statement: Select[Any]) -> tuple[Batch, ...]:
        return tuple(batch_from_row(row) for row in self._link.execute(statement))


def batch_from_row(row: Row[Any]) -> Batch:
    """A batch from its row."""
    return Batch(
        number=BatchNumber(row.number),
        org_id=OrgId(row.org_id),
        gtin=Gtin(row.gtin),
        lot=row.lot,
        expiry=None if row.expiry is None else parse_expiry(row.expiry),
        count=row.units,
        profile=Profile(row.profile),
        host=row.host,
        key_id=KeyId(row.key_id),
        slot=row.slot,
        serial_source=SerialSource(row.serial_source),
        base_state=State(row.base_state),
        created_at=row.created_at,
        status=BatchStatus(row.status),
        done=row.done,
        root=row.root,
        issued_at=row.issued_at,
        manifest_signature=row.manifest_signature,
        failure=row.failure,
        attempt=row.attempt,
        range_seq=row.range_seq,
    )
