"""Batches: one row for any number of tags, and the lease under which one worker at a time issues it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType, Protocol

from tagcore.gs1 import Expiry, Gtin
from tagcore.states import State
from tagcore.tag import Profile
from tagserver.ports.keys import KeyId
from tagserver.ports.parties import OrgId

BatchNumber = NewType("BatchNumber", int)


class SerialSource(StrEnum):
    """Where a batch's serials come from: the keyed permutation, or the producer's own list."""

    GENERATED = "generated"
    SUPPLIED = "supplied"


class BatchStatus(StrEnum):
    """queued -> issuing -> issued | failed; a worker's end puts `issuing` back within reach, never half
    issued.
    """

    QUEUED = "queued"
    ISSUING = "issuing"
    ISSUED = "issued"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBatch:
    """What a producer asks for. `count` is 1 to 2**32; `lot` may be empty; `slot` is the signing key's (0 to
    255).

    Every unit begins in `base_state`.
    """

    org_id: OrgId
    gtin: Gtin
    lot: str
    expiry: Expiry | None
    count: int
    profile: Profile
    host: str
    key_id: KeyId
    slot: int
    serial_source: SerialSource
    base_state: State
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch as stored. `done` leaves of `count` are durable; `root` (32 bytes), `issued_at` and
    `manifest_signature` (64 bytes) come with `issued`.

    `range_seq` counts the range events so far: pass it back to `Units.apply_to_range`.
    """

    number: BatchNumber
    org_id: OrgId
    gtin: Gtin
    lot: str
    expiry: Expiry | None
    count: int
    profile: Profile
    host: str
    key_id: KeyId
    slot: int
    serial_source: SerialSource
    base_state: State
    created_at: datetime
    status: BatchStatus
    done: int
    root: bytes | None
    issued_at: datetime | None
    manifest_signature: bytes | None
    failure: str | None
    attempt: int
    range_seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedBatch:
    """A batch and whether this very request made it (False: an earlier one with the same key did)."""

    batch: Batch
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to issue one batch until `until`. `attempt` makes an old lease of the same owner
    worthless.
    """

    batch: BatchNumber
    owner: str
    attempt: int
    until: datetime


class Batches(Protocol):
    """Batch rows and the queue that they are."""

    def create(self, new: NewBatch, *, idempotency_key: str, request_hash: bytes) -> CreatedBatch:
        """Queue a batch, once a key: the same key and hash return the first batch, from any process, at any
        time.

        The key is the organisation's own; numbers are 1 to 2**32 - 1 and never reused.
        Raises IdempotencyConflictError, NotStoredError (organisation, product or key).
        """
        ...

    def find(self, number: BatchNumber) -> Batch | None: ...

    def of_organisation(
        self, org_id: OrgId, *, before: BatchNumber | None = None, limit: int = 100
    ) -> tuple[Batch, ...]:
        """Newest first, from just below number `before`."""
        ...

    def of_lot(self, gtin: Gtin, lot: str) -> tuple[Batch, ...]:
        """In order of number."""
        ...

    def with_supplied_serials(self, gtin: Gtin) -> tuple[Batch, ...]:
        """Batches of this product whose serials are in an index file, newest first."""
        ...

    def claim(
        self, *, owner: str, now: datetime, duration: timedelta, number: BatchNumber | None = None
    ) -> Lease | None:
        """Lease the oldest batch that is queued, or whose worker's lease ended by `now`; with `number` that
        one if it is so; None when there is none.

        `owner` must be unique to the worker. Two workers never get the same batch.
        """
        ...

    def renew(self, lease: Lease, *, now: datetime, duration: timedelta) -> Lease:
        """Raises LeaseLostError."""
        ...

    def progress(self, lease: Lease, *, done: int, now: datetime, duration: timedelta) -> Lease:
        """Acknowledge that the first `done` leaves are durable, and renew. Raises LeaseLostError."""
        ...

    def finish(self, lease: Lease, *, root: bytes, issued_at: datetime, manifest_signature: bytes) -> Batch:
        """The batch is issued: all its leaves are durable under this root. `manifest_signature` is the
        issuer's, 64 bytes, over the batch's manifest. Raises LeaseLostError.
        """
        ...

    def fail(self, lease: Lease, *, reason: str) -> Batch:
        """The batch can never be issued. Raises LeaseLostError."""
        ...

    def release(self, lease: Lease) -> None:
        """Put the batch back in the queue at once, for an orderly shutdown. Raises LeaseLostError."""
        ...
