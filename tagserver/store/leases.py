"""The lease under which one worker at a time issues a batch: compare and set on owner and attempt.

A worker that dies leaves its lease to end by itself; whoever claims the batch then goes on where it stopped.
A worker that was only slow finds out with its next call, because every call names the attempt that it
belongs to.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select, update

from tagserver.ports import BatchNumber, BatchStatus, Lease, LeaseLostError
from tagserver.store.link import Link
from tagserver.store.schema import batch


class SqlLeases:
    """The leasing half of `SqlBatches`, within one transaction."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def claim(
        self, *, owner: str, now: datetime, duration: timedelta, number: BatchNumber | None
    ) -> Lease | None:
        """Batch `number`, or without it the oldest, if it is free at `now`."""
        if number is not None:
            return self._take(number, owner=owner, now=now, until=now + duration)
        while (oldest := self._first_free(now)) is not None:
            lease = self._take(oldest, owner=owner, now=now, until=now + duration)
            if lease is not None:
                return lease
        return None

    def renew(self, lease: Lease, *, until: datetime, **changes: object) -> Lease:
        """Raises LeaseLostError."""
        self._change(lease, lease_until=until, **changes)
        return Lease(batch=lease.batch, owner=lease.owner, attempt=lease.attempt, until=until)

    def end(self, lease: Lease, *, status: BatchStatus, **changes: object) -> None:
        """Give the lease back. Raises LeaseLostError."""
        self._change(lease, status=status.value, lease_owner=None, lease_until=None, **changes)

    def _first_free(self, now: datetime) -> int | None:
        statement = select(batch.c.number).where(_is_free(now)).order_by(batch.c.number).limit(1)
        return self._link.execute(statement).scalar_one_or_none()

    def _take(self, number: int, *, owner: str, now: datetime, until: datetime) -> Lease | None:
        # PostgreSQL waits for a rival's update of the row, then asks `_is_free` again of what the rival left.
        attempt = self._link.execute(
            update(batch)
            .where(batch.c.number == number, _is_free(now))
            .values(
                status=BatchStatus.ISSUING.value,
                lease_owner=owner,
                lease_until=until,
                attempt=batch.c.attempt + 1,
            )
            .returning(batch.c.attempt)
        ).scalar_one_or_none()
        if attempt is None:
            return None
        return Lease(batch=BatchNumber(number), owner=owner, attempt=attempt, until=until)

    def _change(self, lease: Lease, **changes: object) -> None:
        held = and_(
            batch.c.number == lease.batch,
            batch.c.status == BatchStatus.ISSUING.value,
            batch.c.lease_owner == lease.owner,
            batch.c.attempt == lease.attempt,
        )
        if self._link.execute(update(batch).where(held).values(**changes)).rowcount != 1:
            raise LeaseLostError(lease.batch, lease.owner)


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(
        batch.c.status == BatchStatus.QUEUED.value,
        and_(batch.c.status == BatchStatus.ISSUING.value, batch.c.lease_until <= now),
    )
