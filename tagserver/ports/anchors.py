"""Anchors: a checkpoint's commitment put where others can see it; what is kept of it, and who can put it there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType, Protocol

AnchorId = NewType("AnchorId", int)


class AnchorState(StrEnum):
    """How far an anchor has come; `tagserver.services.anchor_states` says what leads where."""

    PREPARED = "prepared"
    SIGNED = "signed"
    SUBMITTED = "submitted"
    INCLUDED = "included"
    FINALIZED = "finalized"
    DROPPED = "dropped"
    EXPIRED = "expired"
    REVERTED = "reverted"
    FAILED = "failed"


OVER = frozenset({AnchorState.FINALIZED, AnchorState.FAILED})
"""States that nothing outside leads out of: nobody has to look any more."""

ON_CHAIN = frozenset({AnchorState.INCLUDED, AnchorState.FINALIZED})
"""States in which the commitment was seen where it belongs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A block: `id` is 0x and 64 hex digits, `at` its own time, which its signer chose within the chain's rules."""

    number: int
    id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedAnchor:
    """What is stored before anything is sent: the bytes to send, as often as needed, and the id that they have.

    `key` names who signed (an address, a key id, empty for nobody). `fee_limit` is the most that it can cost, in
    the chain's smallest unit. `details` are the backend's own notes.
    """

    id: str
    raw: bytes = field(repr=False)
    key: str = ""
    fee_limit: int = 0
    details: Mapping[str, int | str] = field(default_factory=dict)


class Sighting(StrEnum):
    """What is seen of an anchor, outside. EXPIRED: none of its attempts can ever be included any more."""

    ABSENT = "absent"
    PENDING = "pending"
    INCLUDED = "included"
    FINALIZED = "finalized"
    REVERTED = "reverted"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What was seen, and of which attempt (`id`). `block` and `fee` where there is a receipt.

    `is_final` says of a revert that it can no longer be undone. `evidence` is what is kept when nobody can be
    asked again: a time-stamp token, or a line of the journal; `at` is the time that a token names itself.
    """

    sighting: Sighting
    id: str = ""
    block: Block | None = None
    fee: int = 0
    is_final: bool = False
    evidence: bytes = field(default=b"", repr=False)
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What a backend tells of its own means: `key` signs, `balance` pays (None: nothing to pay with)."""

    key: str = ""
    balance: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """What somebody else than us says of an anchor, read anew: when, where, by whom, and whether it is settled.

    `block` is None where there are no blocks.
    """

    id: str
    at: datetime
    is_final: bool
    block: Block | None = None
    sender: str = ""


class AnchorBackend(Protocol):
    """One place to anchor at. Every method but `id_of` may raise AnchorError, and touches nothing but that place."""

    @property
    def name(self) -> str:
        """As in the database and in receipts: vechain, evm, rfc3161 or journal."""
        ...

    @property
    def replace_after(self) -> timedelta | None:
        """After how long a pending attempt is replaced by a dearer one; None where none can be."""
        ...

    def health(self) -> Health:
        """Ask whether it answers, is the network that is pinned, and keeps up."""
        ...

    def sign(
        self, commitment: bytes, *, replacing: tuple[SignedAnchor, ...], after: SignedAnchor | None
    ) -> SignedAnchor:
        """An attempt, not sent. `replacing` are former ones that may still be included, of which only one ever can.

        `after` is the newest attempt of another anchor that was, or may be, included.
        """
        ...

    def submit(self, signed: SignedAnchor) -> Observation:
        """Send the stored bytes. Sending them again does no harm."""
        ...

    def observe(self, attempts: tuple[SignedAnchor, ...]) -> Observation:
        """Look for these attempts of one anchor, the newest last; what is seen of the one that came farthest."""
        ...

    def confirm(self, commitment: bytes, *, tx_id: str, evidence: bytes) -> Confirmation:
        """Find the commitment again without a word of our own records. Raises AnchorError when it is not there."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One signed try of an anchor."""

    signed: SignedAnchor
    signed_at: datetime
    submitted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """One checkpoint at one backend, as our records have it; the chain has the last word.

    `version` counts its changes. `created_at` is when it was begun, or begun anew after it failed. `observation` is the
    newest that was more than "absent" or "pending".
    """

    id: AnchorId
    backend: str
    size: int
    root: bytes
    commitment: bytes = field(repr=False)
    state: AnchorState
    version: int
    created_at: datetime
    changed_at: datetime
    attempts: tuple[Attempt, ...] = ()
    observation: Observation | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAnchor:
    """A checkpoint to be anchored."""

    backend: str
    size: int
    root: bytes
    commitment: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorLease:
    """The right of one worker to act for a backend, until another takes it over: `fence` then differs."""

    backend: str
    owner: str
    fence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendStatus:
    """What was last known of a backend. `alarm` is the code of what is wrong, empty when nothing is."""

    backend: str
    seen_at: datetime | None = None
    key: str = ""
    balance: int | None = None
    alarm: str = ""
    problem: str = ""
    alarm_at: datetime | None = None


class Anchors(Protocol):
    """Records of anchors. Changes name the lease under which they are made and raise LeaseLostError without it."""

    def lease(self, backend: str, *, owner: str, now: datetime, duration: timedelta) -> AnchorLease | None:
        """None when another worker has it."""
        ...

    def release(self, lease: AnchorLease) -> None:
        """Give it back; nothing happens when it was taken over."""
        ...

    def add(self, lease: AnchorLease, new: NewAnchor, *, at: datetime) -> Anchor:
        """In state PREPARED. Raises AlreadyExistsError (backend and size)."""
        ...

    def renew(self, lease: AnchorLease, former: Anchor, *, state: AnchorState, at: datetime) -> Anchor:
        """Begin one anew that failed; its attempts stay on record. Raises StateConflictError."""
        ...

    def add_attempt(
        self, lease: AnchorLease, former: Anchor, signed: SignedAnchor, *, state: AnchorState, at: datetime
    ) -> Anchor:
        """Raises StateConflictError when it is not as `former` any more."""
        ...

    def note_submitted(
        self, lease: AnchorLease, former: Anchor, *, state: AnchorState, at: datetime
    ) -> Anchor:
        """The newest attempt was sent. Raises StateConflictError."""
        ...

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
        """State, observation and reason as they are now. Raises StateConflictError."""
        ...

    def unsettled(self, backend: str) -> tuple[Anchor, ...]:
        """Those whose state is not over, oldest first."""
        ...

    def newest(self, backend: str) -> Anchor | None:
        """The one of the largest size."""
        ...

    def find(self, backend: str, size: int) -> Anchor | None: ...

    def latest(self, *, limit: int) -> tuple[Anchor, ...]:
        """Of all backends, newest first."""
        ...

    def covering(self, size: int) -> tuple[Anchor, ...]:
        """For each backend the best one of a checkpoint of at least `size` entries: the farthest, then the earliest."""
        ...

    def since(self, backend: str, moment: datetime) -> tuple[Anchor, ...]:
        """Those with an attempt signed at `moment` or later."""
        ...

    def note_status(self, lease: AnchorLease, status: BackendStatus) -> None: ...

    def statuses(self) -> tuple[BackendStatus, ...]:
        """In order of name; backends that never ran are left out."""
        ...
