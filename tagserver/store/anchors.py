"""Anchors in SQL. Every change names the lease it is made under, and the version that it changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Row,
    Select,
    bindparam,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from tagserver.ports import LeaseLostError, StateConflictError
from tagserver.ports.anchors import (
    OVER,
    Anchor,
    AnchorId,
    AnchorLease,
    AnchorState,
    Attempt,
    BackendStatus,
    Block,
    NewAnchor,
    Observation,
    Sighting,
    SignedAnchor,
)
from tagserver.store.insertion import insert_if_absent, refusals_named
from tagserver.store.link import Link
from tagserver.store.prepared import Prepared
from tagserver.store.schema import anchor, anchor_attempt, anchor_backend

_NO_ALARM = {"key": "", "alarm": "", "problem": ""}

_FARTHEST = (
    AnchorState.FINALIZED,
    AnchorState.INCLUDED,
    AnchorState.SUBMITTED,
    AnchorState.SIGNED,
    AnchorState.DROPPED,
    AnchorState.PREPARED,
    AnchorState.EXPIRED,
    AnchorState.REVERTED,
    AnchorState.FAILED,
)


_BACKENDS = Prepared(select(anchor_backend.c.name).order_by(anchor_backend.c.name))
_EARLIEST = Prepared(
    select(anchor)
    .where(
        anchor.c.backend == bindparam("of_backend"),
        anchor.c.state == bindparam("of_state"),
        anchor.c.size >= bindparam("of_size"),
    )
    .order_by(anchor.c.size)
    .limit(1)
)
"""Asked for each proof and each page."""


class SqlAnchors:
    """Implements `tagserver.ports.anchors.Anchors` within one transaction."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def lease(self, backend: str, *, owner: str, now: datetime, duration: timedelta) -> AnchorLease | None:
        """The fence counts up whenever another owner takes over."""
        insert_if_absent(self._link, anchor_backend, {"name": backend, "fence": 0, **_NO_ALARM})
        mine_or_free = or_(
            anchor_backend.c.lease_owner.is_(None),
            anchor_backend.c.lease_owner == owner,
            anchor_backend.c.lease_until <= now,
        )
        fence = self._link.execute(
            update(anchor_backend)
            .where(anchor_backend.c.name == backend, mine_or_free)
            .values(lease_owner=owner, lease_until=now + duration, fence=anchor_backend.c.fence + 1)
            .returning(anchor_backend.c.fence)
        ).scalar_one_or_none()
        return None if fence is None else AnchorLease(backend=backend, owner=owner, fence=fence)

    def release(self, lease: AnchorLease) -> None:
        """Only what is still held."""
        self._link.execute(
            update(anchor_backend).where(*_held(lease)).values(lease_owner=None, lease_until=None)
        )

    def add(self, lease: AnchorLease, new: NewAnchor, *, at: datetime) -> Anchor:
        """Raises AlreadyExistsError, LeaseLostError."""
        self._check(lease)
        with refusals_named("anchor", f"{new.backend} {new.size}"):
            self._link.execute(
                insert(anchor).values(
                    backend=new.backend,
                    size=new.size,
                    root=new.root,
                    commitment=new.commitment,
                    state=AnchorState.PREPARED.value,
                    version=0,
                    created_at=at,
                    changed_at=at,
                    reason="",
                    **_columns_of(None),
                )
            )
        return self._again(select(anchor).where(anchor.c.backend == new.backend, anchor.c.size == new.size))

    def renew(self, lease: AnchorLease, former: Anchor, *, state: AnchorState, at: datetime) -> Anchor:
        """Raises LeaseLostError, StateConflictError."""
        nothing_seen = _columns_of(None)
        self._change(lease, former, state=state, at=at, created_at=at, reason="", **nothing_seen)
        return self._again(select(anchor).where(anchor.c.id == former.id))

    def add_attempt(
        self, lease: AnchorLease, former: Anchor, signed: SignedAnchor, *, state: AnchorState, at: datetime
    ) -> Anchor:
        """Raises LeaseLostError, StateConflictError."""
        self._change(lease, former, state=state, at=at)
        self._link.execute(
            insert(anchor_attempt).values(
                anchor_id=former.id,
                seq=len(former.attempts) + 1,
                tx_id=signed.id,
                raw=signed.raw,
                key=signed.key,
                fee_limit=str(signed.fee_limit),
                details=dict(signed.details),
                signed_at=at,
            )
        )
        return self._again(select(anchor).where(anchor.c.id == former.id))

    def note_submitted(
        self, lease: AnchorLease, former: Anchor, *, state: AnchorState, at: datetime
    ) -> Anchor:
        """Raises LeaseLostError, StateConflictError."""
        self._change(lease, former, state=state, at=at)
        self._link.execute(
            update(anchor_attempt)
            .where(anchor_attempt.c.anchor_id == former.id, anchor_attempt.c.seq == len(former.attempts))
            .values(submitted_at=at)
        )
        return self._again(select(anchor).where(anchor.c.id == former.id))

    def settle(
        self,
        lease: AnchorLease,
        former: Anchor,
        *,
        state: AnchorState,
        observation: Observation | None,
        reason: str,
        at: datetime,
    ) -> Anchor:
        """Raises LeaseLostError, StateConflictError."""
        self._change(lease, former, state=state, at=at, reason=reason, **_columns_of(observation))
        return self._again(select(anchor).where(anchor.c.id == former.id))

    def unsettled(self, backend: str) -> tuple[Anchor, ...]:
        """Oldest first."""
        over = [state.value for state in OVER]
        return self._all(
            select(anchor)
            .where(anchor.c.backend == backend, anchor.c.state.not_in(over))
            .order_by(anchor.c.id)
        )

    def newest(self, backend: str) -> Anchor | None:
        """By size."""
        found = self._all(
            select(anchor).where(anchor.c.backend == backend).order_by(anchor.c.size.desc()).limit(1)
        )
        return found[0] if found else None

    def find(self, backend: str, size: int) -> Anchor | None:
        """By backend and size."""
        found = self._all(select(anchor).where(anchor.c.backend == backend, anchor.c.size == size))
        return found[0] if found else None

    def latest(self, *, limit: int) -> tuple[Anchor, ...]:
        """Newest first."""
        return self._all(select(anchor).order_by(anchor.c.id.desc()).limit(limit))

    def covering(self, size: int) -> tuple[Anchor, ...]:
        """In order of backend."""
        names = [row.name for row in _BACKENDS.all(self._link)]
        best = [row for name in names if (row := self._farthest(name, size)) is not None]
        return self._whole(best)

    def _farthest(self, backend: str, size: int) -> Any:  # noqa: ANN401 (a row, or None)
        for state in _FARTHEST:
            row = _EARLIEST.first(self._link, of_backend=backend, of_state=state.value, of_size=size)
            if row is not None:
                return row
        return None

    def since(self, backend: str, moment: datetime) -> tuple[Anchor, ...]:
        """In order of id."""
        signed = exists().where(
            anchor_attempt.c.anchor_id == anchor.c.id, anchor_attempt.c.signed_at >= moment
        )
        return self._all(select(anchor).where(anchor.c.backend == backend, signed).order_by(anchor.c.id))

    def note_status(self, lease: AnchorLease, status: BackendStatus) -> None:
        """The first time of an alarm stays until it is over. Raises LeaseLostError."""
        first = func.coalesce(
            anchor_backend.c.alarm_at, status.alarm_at, type_=anchor_backend.c.alarm_at.type
        )
        changed = self._link.execute(
            update(anchor_backend)
            .where(*_held(lease))
            .values(
                seen_at=func.coalesce(
                    status.seen_at, anchor_backend.c.seen_at, type_=anchor_backend.c.seen_at.type
                ),
                key=status.key or anchor_backend.c.key,
                balance=anchor_backend.c.balance if status.balance is None else str(status.balance),
                alarm=status.alarm,
                problem=status.problem,
                alarm_at=first if status.alarm else None,
            )
        )
        if changed.rowcount != 1:
            raise LeaseLostError(lease.backend, lease.owner)

    def statuses(self) -> tuple[BackendStatus, ...]:
        """In order of name."""
        return tuple(
            BackendStatus(
                backend=row.name,
                seen_at=row.seen_at,
                key=row.key,
                balance=None if row.balance is None else int(row.balance),
                alarm=row.alarm,
                problem=row.problem,
                alarm_at=row.alarm_at,
            )
            for row in self._link.execute(select(anchor_backend).order_by(anchor_backend.c.name))
        )

    def _check(self, lease: AnchorLease) -> None:
        # An update, so that PostgreSQL waits for whoever is just taking the lease over, and then finds it gone.
        held = self._link.execute(
            update(anchor_backend).where(*_held(lease)).values(fence=anchor_backend.c.fence)
        )
        if held.rowcount != 1:
            raise LeaseLostError(lease.backend, lease.owner)

    def _change(self, lease: AnchorLease, former: Anchor, *, at: datetime, **values: object) -> None:
        self._check(lease)
        changed = self._link.execute(
            update(anchor)
            .where(anchor.c.id == former.id, anchor.c.version == former.version)
            .values(version=former.version + 1, changed_at=at, **_plain(values))
        )
        if changed.rowcount != 1:
            found = self._again(select(anchor).where(anchor.c.id == former.id)).version
            raise StateConflictError(
                f"anchor {former.id}", expected=f"version {former.version}", found=f"version {found}"
            )

    def _again(self, statement: Select[Any]) -> Anchor:
        return self._all(statement)[0]

    def _all(self, statement: Select[Any]) -> tuple[Anchor, ...]:
        return self._whole(self._link.execute(statement).all())

    def _whole(self, rows: Sequence[Any]) -> tuple[Anchor, ...]:
        attempts = self._attempts([row.id for row in rows])
        return tuple(_anchor(row, attempts.get(row.id, ())) for row in rows)

    def _attempts(self, ids: Sequence[int]) -> dict[int, tuple[Attempt, ...]]:
        if not ids:  # already writing the statement takes longer than most answers
            return {}
        statement = (
            select(anchor_attempt)
            .where(anchor_attempt.c.anchor_id.in_(ids))
            .order_by(anchor_attempt.c.anchor_id, anchor_attempt.c.seq)
        )
        found: dict[int, tuple[Attempt, ...]] = {}
        for row in self._link.execute(statement):
            found[row.anchor_id] = (*found.get(row.anchor_id, ()), _attempt(row))
        return found


def _held(lease: AnchorLease) -> tuple[Any, ...]:
    return (
        anchor_backend.c.name == lease.backend,
        anchor_backend.c.lease_owner == lease.owner,
        anchor_backend.c.fence == lease.fence,
    )


def _plain(values: dict[str, object]) -> dict[str, object]:
    return {name: value.value if isinstance(value, AnchorState) else value for name, value in values.items()}


def _columns_of(observation: Observation | None) -> dict[str, Any]:
    seen = observation or Observation(sighting=Sighting.ABSENT)
    return {
        "sighting": None if observation is None else seen.sighting.value,
        "tx_id": seen.id,
        "block_number": seen.block.number if seen.block else None,
        "block_id": seen.block.id if seen.block else None,
        "block_at": seen.block.at if seen.block else seen.at,
        "fee": str(seen.fee),
        "is_final": seen.is_final,
        "evidence": seen.evidence,
    }


def _anchor(row: Row[Any], attempts: tuple[Attempt, ...]) -> Anchor:
    return Anchor(
        id=AnchorId(row.id),
        backend=row.backend,
        size=row.size,
        root=row.root,
        commitment=row.commitment,
        state=AnchorState(row.state),
        version=row.version,
        created_at=row.created_at,
        changed_at=row.changed_at,
        attempts=attempts,
        observation=None if row.sighting is None else _observation(row),
        reason=row.reason,
    )


def _observation(row: Row[Any]) -> Observation:
    block = None
    if row.block_number is not None:
        block = Block(number=row.block_number, id=row.block_id, at=row.block_at)
    return Observation(
        sighting=Sighting(row.sighting),
        id=row.tx_id,
        block=block,
        fee=int(row.fee),
        is_final=row.is_final,
        evidence=bytes(row.evidence),
        at=row.block_at if block is None else None,
    )


def _attempt(row: Row[Any]) -> Attempt:
    signed = SignedAnchor(
        id=row.tx_id,
        raw=bytes(row.raw),
        key=row.key,
        fee_limit=int(row.fee_limit),
        details=row.details,
    )
    return Attempt(signed=signed, signed_at=row.signed_at, submitted_at=row.submitted_at)
