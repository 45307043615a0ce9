"""The workspace's log as its operator sees it: begin it, take it on, ask how it stands, name its witnesses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from tagcore.entries import KeyChange, KeyRole
from tagcore.errors import NoteError
from tagcore.note import COSIGNATURE_V1, VerifierKey, format_verifier_key, parse_verifier_key
from tagserver.ports import (
    Clock,
    Cosignature,
    LogKeeper,
    LogProgress,
    LogState,
    Store,
    StoredCheckpoint,
    TileStore,
    Witness,
)
from tagserver.ports.log_keys import verifier_key
from tagserver.services.access import audit
from tagserver.services.errors import Refusal, ServiceError
from tagserver.services.log_creation import LogCreation
from tagserver.services.log_entries import log_other_key

_URL = re.compile(r"https?://[^\s/?#]+(/[^\s?#]*)?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouchers:
    """How many of the witnesses that count have signed the published tree of `size`."""

    size: int
    signed: int
    threshold: int

    @property
    def is_witnessed(self) -> bool:
        """Never where none is asked for."""
        return 0 < self.threshold <= self.signed


@dataclass(frozen=True, slots=True, kw_only=True)
class LogStatus:
    """How the log stands: `pending` entries wait for a place; `cosignatures` are of the published `checkpoint`."""

    state: LogState
    key: VerifierKey
    pending: int
    checkpoint: StoredCheckpoint | None
    cosignatures: tuple[Cosignature, ...]
    witnesses: tuple[Witness, ...]
    threshold: int

    @property
    def vouchers(self) -> Vouchers:
        """Signatures of witnesses that are on the list now."""
        names = {witness.name for witness in self.witnesses}
        signed = sum(one.witness in names for one in self.cosignatures)
        return Vouchers(size=self.state.published, signed=signed, threshold=self.threshold)


VOUCHERS_KEPT = timedelta(seconds=2)
"""How long pages say the same; each has a sentence on it."""


class Logs:
    """The log of one workspace. `threshold` witnesses make a checkpoint witnessed."""

    def __init__(
        self,
        *,
        store: Store,
        tiles: TileStore,
        creation: LogCreation,
        keeper: LogKeeper,
        clock: Clock,
        threshold: int,
    ) -> None:
        self._store = store
        self._tiles = tiles
        self._creation = creation
        self._keeper = keeper
        self._clock = clock
        self._threshold = threshold
        self._vouchers: tuple[datetime, Vouchers] | None = None

    def create(self) -> LogState:
        """Begin the log, if there is none, and let everything from before it have its entry."""
        return self._creation.create()

    def run(self, *, close_blocks: bool = False) -> LogProgress:
        """See `tagserver.ports.LogKeeper.run`."""
        return self._keeper.run(close_blocks=close_blocks)

    def adopt(self) -> int:
        """See `tagserver.ports.LogKeeper.adopt`."""
        adopted = self._keeper.adopt()
        with self._store.write() as transaction:
            audit(transaction, None, self._clock(), "log.adopt", "log", entries=str(adopted))
        return adopted

    def file(self, path: str) -> bytes | None:
        """A file of the log, None when there is no such file. `path` is one that C2SP tlog-tiles has."""
        return self._tiles.read(path)

    def status(self) -> LogStatus:
        """Raises: ServiceError NOT_FOUND without a log."""
        with self._store.read() as transaction:
            state = transaction.log.state()
            if state is None:
                raise ServiceError(Refusal.NOT_FOUND, "this workspace has no log yet: `tagserver log create`")
            return LogStatus(
                state=state,
                key=verifier_key(state.origin, state.public_key),
                pending=transaction.log.pending_count(),
                checkpoint=transaction.log.checkpoint(state.published),
                cosignatures=transaction.witnesses.cosignatures(state.published),
                witnesses=transaction.witnesses.all(),
                threshold=self._threshold,
            )

    def vouchers(self) -> Vouchers:
        """As of some seconds ago at most. Raises: as `status`."""
        now, known = self._clock(), self._vouchers
        if known is None or not timedelta(0) <= now - known[0] < VOUCHERS_KEPT:
            known = self._vouchers = (now, self.status().vouchers)
        return known[1]

    def add_witness(self, vkey: str, url: str) -> Witness:
        """Offer checkpoints to this witness from now on; its key becomes an entry of the log.

        Raises: ServiceError INPUT_INVALID for a key that is none of a witness, or an address that is none;
        AlreadyExistsError.
        """
        try:
            key = parse_verifier_key(vkey)
        except NoteError as error:
            raise ServiceError(Refusal.INPUT_INVALID, str(error), field="vkey") from error
        if key.algorithm != COSIGNATURE_V1:
            raise ServiceError(Refusal.INPUT_INVALID, "this is no witness's key (type 4)", field="vkey")
        if not _URL.fullmatch(url):
            raise ServiceError(
                Refusal.INPUT_INVALID, "want an address such as https://witness.example", field="url"
            )
        now = self._clock()
        witness = Witness(name=key.name, vkey=format_verifier_key(key), url=url.rstrip("/"), added_at=now)
        with self._store.write() as transaction:
            transaction.witnesses.add(witness)
            log_other_key(transaction, KeyRole.WITNESS, KeyChange.ADDED, key.name, key.public_key, now)
            audit(transaction, None, now, "witness.add", key.name)
        return witness

    def remove_witness(self, name: str) -> None:
        """Ask it no more; what it signed stays. Raises: NotStoredError."""
        now = self._clock()
        with self._store.write() as transaction:
            witness = transaction.witnesses.remove(name)
            key = parse_verifier_key(witness.vkey)
            log_other_key(transaction, KeyRole.WITNESS, KeyChange.RETIRED, key.name, key.public_key, now)
            audit(transaction, None, now, "witness.remove", name)
