"""Anchoring: the newest checkpoint goes to every backend that is due, and each anchor to its end.

Backends run one by one and independently: what is wrong with one is noted as its alarm and stops no other. One
worker at a time acts for a backend; the database arbitrates. Bytes are stored before they are sent, so a crash
between leaves an anchor that is looked for, and sent again as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from tagcore.checkpoint import Checkpoint
from tagcore.commitment import commitment_of, format_commitment
from tagcore.proof_file import Anchor as ProofAnchor
from tagserver.ports import (
    AnchorCode,
    AnchorError,
    Clock,
    KeystoreError,
    LeaseLostError,
    StateConflictError,
    Store,
)
from tagserver.ports.anchors import (
    ON_CHAIN,
    Anchor,
    AnchorBackend,
    AnchorState,
    BackendStatus,
    Confirmation,
)
from tagserver.ports.log import Checkpoints
from tagserver.services.anchor_plan import Plan, conflict, is_due
from tagserver.services.anchor_receipts import Place, contradiction, receipt_of
from tagserver.services.anchor_turn import Turn
from tagserver.services.errors import Refusal, ServiceError

LEASE = timedelta(minutes=2)
"""Longer than a backend takes for all of its questions, each of which ends after ten seconds."""

LISTED_FROM = 200
"""Of so many newest anchors: a place that has none among them has stood still for hours."""

LOOK_EVERY = timedelta(seconds=5)
"""How often a node is asked about what is under way: blocks come every two to twelve seconds."""

CHECK_UP_EVERY = timedelta(minutes=10)
"""How often balance and network are looked at when nothing is under way."""


class Anchoring:
    """Safe to use from several threads, processes and machines."""

    def __init__(
        self,
        *,
        store: Store,
        checkpoints: Checkpoints,
        backends: Callable[[], tuple[AnchorBackend, ...]],
        plan: Plan,
        places: Mapping[str, Place],
        root_at: Callable[[int], bytes],
        clock: Clock,
    ) -> None:
        self._store = store
        self._checkpoints = checkpoints
        self._open_backends = backends
        self._backends: tuple[AnchorBackend, ...] | None = None
        self.plan = plan
        self.places = places
        self._root_at = root_at
        self._clock = clock

    @property
    def backends(self) -> tuple[AnchorBackend, ...]:
        """Those that are configured, opened when first needed."""
        if self._backends is None:
            self._backends = self._open_backends()
        return self._backends

    def backend(self, name: str) -> AnchorBackend:
        """Raises: AnchorError NOT_CONFIGURED."""
        for backend in self.backends:
            if backend.name == name:
                return backend
        raise AnchorError(AnchorCode.NOT_CONFIGURED, name, "no such backend is configured")

    def run(self, *, owner: str, now_due: bool = False) -> tuple[Anchor, ...]:
        """Do what there is to do at every backend; the anchors that changed. `now_due` waits for no interval.

        What goes wrong at a backend becomes its alarm. Raises: StoreError.
        """
        newest = self._checkpoints.newest()
        return tuple(
            changed
            for backend in self.backends
            for changed in self._run_backend(backend, newest, owner=owner, now_due=now_due)
        )

    def statuses(self) -> tuple[BackendStatus, ...]:
        """What was last known of each backend that ever ran."""
        with self._store.read() as transaction:
            return transaction.anchors.statuses()

    def latest(self, *, limit: int = 50) -> tuple[Anchor, ...]:
        """Newest first."""
        with self._store.read() as transaction:
            return transaction.anchors.latest(limit=limit)

    def covering(self, size: int) -> tuple[Anchor, ...]:
        """What our records say of the first `size` entries of the log: the best anchor of each backend."""
        with self._store.read() as transaction:
            return transaction.anchors.covering(size)

    def is_anchored(self, anchors: tuple[Anchor, ...]) -> bool:
        """Whether enough places outside hold it, as our records say. The journal is not outside."""
        outside = {anchor.backend for anchor in anchors if anchor.state in ON_CHAIN} - {"journal"}
        return len(outside) >= self.plan.required

    def listed(self) -> tuple[ProofAnchor, ...]:
        """Each place's newest receipt and its newest final one, for monitors; proofs of consistency are left to them.

        Chains take their time: without the final one a monitor would find none that counts.
        """
        newest: dict[tuple[str, bool], ProofAnchor] = {}
        for anchor in self.latest(limit=LISTED_FROM):
            receipt = receipt_of(anchor, self.places)
            if receipt is not None:
                found = ProofAnchor(size=anchor.size, root=anchor.root, consistency=(), receipt=receipt)
                newest.setdefault((anchor.backend, anchor.state is AnchorState.FINALIZED), found)
        return tuple(newest.values())

    def confirm(self, anchor: Anchor) -> Confirmation:
        """Ask the outside about an anchor. Of our database only its id is used, which says where to look.

        What should be there is computed from the published log. Raises: AnchorError NOT_FOUND, MISMATCH,
        NOT_CONFIGURED, or what keeps a backend from answering; TileMissingError.
        """
        newest = self._checkpoints.newest()
        if newest is None or newest.size < anchor.size:
            problem = f"the log has no {anchor.size} entries, or must not go on"
            raise AnchorError(AnchorCode.CONFLICT, anchor.backend, problem)
        published = Checkpoint(origin=newest.origin, size=anchor.size, root=self._root_at(anchor.size))
        commitment = format_commitment(commitment_of(published))
        seen = anchor.observation
        tx_id = seen.id if seen else "".join(one.signed.id for one in anchor.attempts[-1:])
        if not tx_id:
            raise AnchorError(AnchorCode.NOT_FOUND, anchor.backend, "nothing was sent yet")
        evidence = seen.evidence if seen else b""
        found = self.backend(anchor.backend).confirm(commitment, tx_id=tx_id, evidence=evidence)
        if wrong := contradiction(anchor, found):
            raise AnchorError(AnchorCode.MISMATCH, anchor.backend, wrong)
        return found

    def find(self, backend: str, size: int) -> Anchor:
        """Raises: ServiceError NOT_FOUND."""
        with self._store.read() as transaction:
            found = transaction.anchors.find(backend, size)
        if found is None:
            raise ServiceError(Refusal.NOT_FOUND, f"no anchor of size {size} at {backend}")
        return found

    def _run_backend(
        self, backend: AnchorBackend, newest: Checkpoint | None, *, owner: str, now_due: bool
    ) -> tuple[Anchor, ...]:
        if not self._has_work(backend, newest, now_due=now_due):
            return ()
        with self._store.write() as transaction:
            lease = transaction.anchors.lease(backend.name, owner=owner, now=self._clock(), duration=LEASE)
        if lease is None:
            return ()
        turn = Turn(self._store, backend, lease, self.plan, self._clock)
        try:
            turn.take(newest, now_due=now_due)
        except (AnchorError, KeystoreError) as error:
            turn.alarm(error.code, str(error))
        except (LeaseLostError, StateConflictError):
            return tuple(turn.changed)  # another worker is at it
        with self._store.write() as transaction:
            transaction.anchors.release(lease)
        return tuple(turn.changed)

    def _has_work(self, backend: AnchorBackend, newest: Checkpoint | None, *, now_due: bool) -> bool:
        """Cheap, so that a worker may ask every second."""
        with self._store.read() as transaction:
            unsettled = transaction.anchors.unsettled(backend.name)
            last = transaction.anchors.newest(backend.name)
            known = {status.backend: status for status in transaction.anchors.statuses()}.get(backend.name)
        looked = None if known is None or known.seen_at is None else self._clock() - known.seen_at
        if now_due or looked is None:
            return True
        alarmed = known is not None and bool(known.alarm)
        if not alarmed and is_due(self.plan, last, newest, unsettled, self._clock(), now_due=False):
            return True
        is_waiting = bool(unsettled) or alarmed or conflict(last, newest) is not None
        return looked >= (LOOK_EVERY if is_waiting else CHECK_UP_EVERY)
