"""One worker's turn at one backend: begin what is due, look at what is under way, sign and send what has to be.

Bytes are stored before they are sent, so a crash between leaves an anchor that is looked for, and sent again as it is.
"""

from __future__ import annotations

from tagcore.checkpoint import Checkpoint
from tagcore.commitment import commitment_of, format_commitment
from tagserver.ports import AnchorCode, AnchorError, Clock, Store
from tagserver.ports.anchors import (
    ON_CHAIN,
    Anchor,
    AnchorBackend,
    AnchorLease,
    AnchorState,
    BackendStatus,
    Health,
    NewAnchor,
    Observation,
    Sighting,
    SignedAnchor,
)
from tagserver.services.anchor_plan import SPENDING_WINDOW, Limits, Plan, conflict, is_due
from tagserver.services.anchor_states import Happening, happening_of, next_state

MOST_ATTEMPTS = 8
"""Of one anchor. Then somebody has to look; the next checkpoint covers this one anyway, or it is begun anew later."""


class Turn:
    """One worker's turn at one backend, under a lease."""

    def __init__(
        self, store: Store, backend: AnchorBackend, lease: AnchorLease, plan: Plan, clock: Clock
    ) -> None:
        self._store = store
        self._backend = backend
        self._lease = lease
        self._plan = plan
        self._clock = clock
        self._limits = plan.limits.get(backend.name, Limits())
        self.changed: list[Anchor] = []

    def take(self, newest: Checkpoint | None, *, now_due: bool) -> None:
        """Begin an anchor if one is due, and move on all that are under way. Raises: AnchorError, KeystoreError."""
        with self._store.read() as transaction:
            unsettled = transaction.anchors.unsettled(self._backend.name)
            last = transaction.anchors.newest(self._backend.name)
        if problem := conflict(last, newest):
            raise AnchorError(AnchorCode.CONFLICT, self._backend.name, problem)
        health = self._backend.health()
        if newest and is_due(self._plan, last, newest, unsettled, self._clock(), now_due=now_due):
            unsettled = (*unsettled, self._begin(newest, last))
        for anchor in unsettled:
            self._move_on(anchor, health)
        self._note_health(health, unsettled)

    def alarm(self, code: str, problem: str) -> None:
        """Note what is wrong; an alarm that lasts keeps the time at which it began."""
        now = self._clock()
        status = BackendStatus(
            backend=self._backend.name, seen_at=now, alarm=code, problem=problem, alarm_at=now
        )
        with self._store.write() as transaction:
            transaction.anchors.note_status(self._lease, status)

    def _begin(self, newest: Checkpoint, last: Anchor | None) -> Anchor:
        if last is not None and last.size == newest.size:
            state = next_state(last.state, Happening.RENEWED)
            with self._store.write() as transaction:
                return transaction.anchors.renew(self._lease, last, state=state, at=self._clock())
        new = NewAnchor(
            backend=self._backend.name,
            size=newest.size,
            root=newest.root,
            commitment=format_commitment(commitment_of(newest)),
        )
        with self._store.write() as transaction:
            return transaction.anchors.add(self._lease, new, at=self._clock())

    def _move_on(self, anchor: Anchor, health: Health) -> None:
        """Look first: whatever our records say, the outside may know more. Then sign or send where that is needed."""
        before = anchor.state
        if anchor.attempts and before not in {AnchorState.EXPIRED, AnchorState.PREPARED}:
            seen = self._backend.observe(tuple(attempt.signed for attempt in anchor.attempts))
            anchor = self._settle(anchor, seen)
        if self._needs_signing(anchor):
            anchor = self._sign(anchor, health)
        # A block that was replaced may have taken the transaction with it, out of the nodes' pools too.
        fell_back = before in ON_CHAIN and anchor.state is AnchorState.SUBMITTED
        if fell_back or anchor.state in {AnchorState.SIGNED, AnchorState.DROPPED}:
            self._send(anchor)

    def _needs_signing(self, anchor: Anchor) -> bool:
        match anchor.state:
            case AnchorState.PREPARED | AnchorState.EXPIRED:
                return True
            case AnchorState.REVERTED:
                return anchor.observation is not None and anchor.observation.is_final
            case AnchorState.SUBMITTED | AnchorState.DROPPED:
                after = self._backend.replace_after
                return after is not None and self._clock() - anchor.attempts[-1].signed_at > after
            case _:
                return False

    def _sign(self, anchor: Anchor, health: Health) -> Anchor:
        tried = sum(attempt.signed_at >= anchor.created_at for attempt in anchor.attempts)
        if tried >= MOST_ATTEMPTS:
            if anchor.state in {AnchorState.SUBMITTED, AnchorState.DROPPED}:
                return anchor  # one of them may still be included
            return self._give_up(anchor, f"{tried} attempts came to nothing")
        may_be_included = anchor.state in {AnchorState.SUBMITTED, AnchorState.DROPPED}
        former = tuple(attempt.signed for attempt in anchor.attempts) if may_be_included else ()
        signed = self._backend.sign(anchor.commitment, replacing=former, after=self._newest_attempt(anchor))
        self._check_means(anchor, signed, health)
        state = next_state(anchor.state, Happening.SIGNED)
        with self._store.write() as transaction:
            anchor = transaction.anchors.add_attempt(
                self._lease, anchor, signed, state=state, at=self._clock()
            )
        return self._told(anchor)

    def _send(self, anchor: Anchor) -> None:
        """The stored bytes. If this ends without an answer, the next turn looks whether they arrived."""
        seen = self._backend.submit(anchor.attempts[-1].signed)
        now = self._clock()
        if seen.sighting is Sighting.PENDING:
            state = next_state(anchor.state, Happening.SENT)
            with self._store.write() as transaction:
                anchor = transaction.anchors.note_submitted(self._lease, anchor, state=state, at=now)
            self._told(anchor)
        else:
            self._settle(anchor, seen)

    def _settle(self, anchor: Anchor, seen: Observation) -> Anchor:
        """Store what was seen where it says more than we had."""
        state = next_state(anchor.state, happening_of(seen))
        kept = seen if seen.block is not None or seen.evidence else None
        if (state, kept) == (anchor.state, anchor.observation):
            return anchor
        with self._store.write() as transaction:
            anchor = transaction.anchors.settle(
                self._lease, anchor, state=state, observation=kept, reason="", at=self._clock()
            )
        return self._told(anchor)

    def _give_up(self, anchor: Anchor, reason: str) -> Anchor:
        state = next_state(anchor.state, Happening.GIVEN_UP)
        with self._store.write() as transaction:
            anchor = transaction.anchors.settle(
                self._lease,
                anchor,
                state=state,
                observation=anchor.observation,
                reason=reason,
                at=self._clock(),
            )
        return self._told(anchor)

    def _newest_attempt(self, anchor: Anchor) -> SignedAnchor | None:
        """Of this backend's other anchors, what took or may take a place in an order that the chain keeps."""
        with self._store.read() as transaction:
            others = transaction.anchors.since(self._backend.name, anchor.created_at - SPENDING_WINDOW)
        used = [other.attempts[-1].signed for other in others if other.id != anchor.id and _may_count(other)]
        return used[-1] if used else None

    def _check_means(self, anchor: Anchor, signed: SignedAnchor, health: Health) -> None:
        """Raises: AnchorError SPEND_CEILING, BALANCE_LOW. Nothing was stored or sent then."""
        if self._limits.spend_ceiling:
            with self._store.read() as transaction:
                recent = transaction.anchors.since(self._backend.name, self._clock() - SPENDING_WINDOW)
            spent = sum(_cost(other) for other in recent if other.id != anchor.id)
            if spent + signed.fee_limit > self._limits.spend_ceiling:
                problem = (
                    f"{spent} spent in a day and {signed.fee_limit} more are above"
                    f" the ceiling of {self._limits.spend_ceiling}"
                )
                raise AnchorError(AnchorCode.SPEND_CEILING, self._backend.name, problem)
        if health.balance is not None and health.balance < signed.fee_limit:
            problem = f"{health.key} has {health.balance}, and this may cost {signed.fee_limit}"
            raise AnchorError(AnchorCode.BALANCE_LOW, self._backend.name, problem)

    def _note_health(self, health: Health, anchors: tuple[Anchor, ...]) -> None:
        now = self._clock()
        alarm, problem = self._warning(health, anchors)
        status = BackendStatus(
            backend=self._backend.name,
            seen_at=now,
            key=health.key,
            balance=health.balance,
            alarm=alarm,
            problem=problem,
            alarm_at=now,
        )
        with self._store.write() as transaction:
            transaction.anchors.note_status(self._lease, status)

    def _warning(self, health: Health, anchors: tuple[Anchor, ...]) -> tuple[str, str]:
        """What does not stop anchoring, and has to be looked after."""
        if health.balance is not None and health.balance < self._limits.balance_alarm:
            problem = f"{health.key} has {health.balance}, the alarm is at {self._limits.balance_alarm}"
            return AnchorCode.BALANCE_LOW, problem
        with self._store.read() as transaction:
            waiting = transaction.anchors.unsettled(self._backend.name)
        for anchor in waiting:
            since = anchor.observation.block.at if anchor.observation and anchor.observation.block else None
            if since is not None and self._clock() - since > self._plan.finality_alarm:
                problem = f"the block of {since.isoformat()} with size {anchor.size} is not final yet"
                return AnchorCode.FINALITY_STALLED, problem
        return "", ""

    def _told(self, anchor: Anchor) -> Anchor:
        self.changed = [other for other in self.changed if other.id != anchor.id]
        self.changed.append(anchor)
        return anchor


def _may_count(anchor: Anchor) -> bool:
    return bool(anchor.attempts) and anchor.state not in {AnchorState.FAILED, AnchorState.EXPIRED}


def _cost(anchor: Anchor) -> int:
    """What an anchor took, or at most takes: of its attempts one alone can be carried out."""
    if anchor.observation is not None and anchor.observation.fee:
        return anchor.observation.fee
    if anchor.state is AnchorState.EXPIRED:
        return 0
    return max((attempt.signed.fee_limit for attempt in anchor.attempts), default=0)
