"""Proof files: one tag's whole way into the log, for somebody who will never ask this server.

A proof file holds the tag's signature. Whoever has the tag has it already; to anybody who only knows the digits beside
it this server gives no proof, for a genuine label could be printed from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from tagcore.entries import EntryKind
from tagcore.errors import ProofError
from tagcore.evidence import Ours, Signature
from tagcore.gs1 import Gtin
from tagcore.log_proof import LogProof, format_log_proof
from tagcore.merkle import leaf_hash, verify_inclusion
from tagcore.proof_file import Anchor, Proof, format_proof
from tagcore.reading import check_signature, read
from tagcore.serials import SerialCipher
from tagcore.tag import Tag, leaf_bytes
from tagserver.ports import (
    Batch,
    BatchNumber,
    Clock,
    Cosignature,
    KeyPurpose,
    Keystore,
    LeafStore,
    LogEntry,
    Scope,
    SerialIndexes,
    Store,
    StoredCheckpoint,
    TileMissingError,
    Transaction,
    Tree,
    Unit,
)
from tagserver.ports.cosigned import cosigned
from tagserver.ports.entries import batch_subject
from tagserver.ports.log_keys import is_believed
from tagserver.services.access import Caller, require_owner, require_scope
from tagserver.services.errors import Refusal, ServiceError
from tagserver.services.keys import Trust
from tagserver.services.lookup import Lookup
from tagserver.services.tags import Press, url

KEPT = 1_024
"""Log proofs remembered, some 3 kB each: all tags of a batch share one."""

Receipts = Callable[[Transaction, int, int], tuple[Anchor, ...]]
"""(transaction, an entry's index, the checkpoint's size) -> receipts of anchors that cover the entry, each with the
proof that its log and the checkpoint's are one.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Logged:
    """A batch's entry in the log, with the checkpoint that is shown for it."""

    unit: Unit
    batch: Batch
    entry: LogEntry
    index: int
    checkpoint: StoredCheckpoint
    cosignatures: tuple[Cosignature, ...]
    anchors: tuple[Anchor, ...]


class Proofs:
    """Makes proof files."""

    def __init__(
        self,
        *,
        store: Store,
        trust: Trust,
        keystore: Keystore,
        cipher: SerialCipher,
        indexes: SerialIndexes,
        lookup: Lookup,
        leaves: LeafStore,
        tree: Tree,
        clock: Clock,
        threshold: int,
        receipts: Receipts = lambda _transaction, _index, _size: (),
    ) -> None:
        self._store = store
        self._trust = trust
        self._keystore = keystore
        self._cipher = cipher
        self._indexes = indexes
        self._lookup = lookup
        self._leaves = leaves
        self._tree = tree
        self._clock = clock
        self._threshold = threshold
        self._receipts = receipts
        self._log_proofs = lru_cache(maxsize=KEPT)(self._make_log_proof)

    def of_text(self, text: str, *, gtin: Gtin | None = None, serial: str | None = None) -> bytes:
        """The proof file of a tag, from its text as printed; of this GTIN and serial, if they are given.

        Raises: ServiceError INPUT_INVALID for what is no tag with a good signature, NOT_FOUND, PROOF_PENDING;
        LeafFileError, TileStoreError, TileMissingError.
        """
        trust = self._trust.now_in_force()
        reading = read(text, trust)
        if not isinstance(reading, Ours):
            raise ServiceError(Refusal.INPUT_INVALID, "this is no tag of a producer here", field="tag")
        tag = reading.tag
        if (gtin or tag.identity.gtin, serial or tag.identity.serial) != (
            tag.identity.gtin,
            tag.identity.serial,
        ):
            raise ServiceError(Refusal.INPUT_INVALID, "this tag is of another unit", field="tag")
        if check_signature(tag, trust, self._clock()).outcome is not Signature.VALID:
            raise ServiceError(Refusal.INPUT_INVALID, "the tag's signature is not good", field="tag")
        return self._made(text, tag, self._logged(tag.identity.gtin, tag.identity.serial))

    def of_unit(self, caller: Caller, gtin: Gtin, serial: str) -> bytes:
        """The proof file of a unit of the caller's own, whose tag is derived as for printing.

        Raises: AccessError; as `of_text`; KeystoreError.
        """
        require_scope(caller, Scope.LABELS)
        logged = self._logged(gtin, serial)
        require_owner(caller, logged.batch.org_id, "the unit")
        press = Press(
            cipher=self._cipher,
            indexes=self._indexes,
            signer=self._keystore.signing_key(logged.batch.key_id, KeyPurpose.ISSUER),
        )
        tag = press.tag(logged.batch, logged.unit.index)
        return self._made(url(tag, logged.batch), tag, logged)

    def of_batch_entry(self, number: BatchNumber) -> bytes:
        """The batch's own place in the log: the text of C2SP tlog-proof. Raises: as `of_text`."""
        with self._store.read() as transaction:
            batch = transaction.batches.find(number)
            if batch is None:
                raise ServiceError(Refusal.NOT_FOUND, f"no batch {number}")
            unit = Unit(gtin=batch.gtin, serial="", batch=number, index=0)
            logged = self._find(transaction, unit, batch)
        return self._log_proof(logged)

    def _logged(self, gtin: Gtin, serial: str) -> _Logged:
        with self._store.read() as transaction:
            found = self._lookup.find(transaction, gtin, serial)
            if found is None:
                raise ServiceError(Refusal.NOT_FOUND, f"no unit {serial} of GTIN {gtin}")
            return self._find(transaction, *found)

    def _find(self, transaction: Transaction, unit: Unit, batch: Batch) -> _Logged:
        entries = transaction.log.of_subject(EntryKind.BATCH, batch_subject(batch.number))
        index = entries[0].index if entries else None
        if index is None:
            raise ServiceError(Refusal.PROOF_PENDING, f"batch {batch.number} waits for its place in the log")
        checkpoint = self._checkpoint(transaction, index)
        return _Logged(
            unit=unit,
            batch=batch,
            entry=entries[0],
            index=index,
            checkpoint=checkpoint,
            cosignatures=transaction.witnesses.cosignatures(checkpoint.size),
            anchors=self._receipts(transaction, index, checkpoint.size),
        )

    def _checkpoint(self, transaction: Transaction, index: int) -> StoredCheckpoint:
        """The newest published one; where witnesses are asked for, the newest that enough of them signed."""
        state = transaction.log.state()
        size = 0 if state is None else state.published
        if self._threshold:
            names = [witness.name for witness in transaction.witnesses.all()]
            size = transaction.witnesses.newest_cosigned(threshold=self._threshold, names=names) or 0
        checkpoint = transaction.log.checkpoint(size)
        if self._threshold and state and checkpoint and not is_believed(transaction.log, state, checkpoint):
            # Witnesses do not know the log's new key yet, and verifiers do not believe the former any more.
            checkpoint = None
        if checkpoint is None or checkpoint.size <= index:
            waiting = "witnesses" if self._threshold else "its checkpoint"
            raise ServiceError(Refusal.PROOF_PENDING, f"entry {index} of the log waits for {waiting}")
        return checkpoint

    def _made(self, text: str, tag: Tag, logged: _Logged) -> bytes:
        batch, unit = logged.batch, logged.unit
        path = self._leaves.path(batch.number, unit.index)
        leaf = leaf_hash(leaf_bytes(tag))
        try:
            verify_inclusion(leaf, unit.index, batch.count, path, batch.root or b"")
        except ProofError as error:
            raise ServiceError(
                Refusal.INPUT_INVALID, "this tag is not the one that was issued with its serial", field="tag"
            ) from error
        return format_proof(
            Proof(
                tag=text,
                index=unit.index,
                path=path,
                entry=logged.entry.data,
                log_proof=self._log_proof(logged),
                anchors=logged.anchors,
            )
        )

    def _log_proof(self, logged: _Logged) -> bytes:
        return self._log_proofs(logged.entry.data, logged.index, logged.checkpoint, logged.cosignatures)

    def _make_log_proof(
        self, data: bytes, index: int, checkpoint: StoredCheckpoint, cosignatures: tuple[Cosignature, ...]
    ) -> bytes:
        """Checked before it leaves: a damaged file must not become a proof that fails elsewhere."""
        path = self._tree.inclusion(index, checkpoint.size)
        try:
            verify_inclusion(leaf_hash(data), index, checkpoint.size, path, checkpoint.root)
        except ProofError as error:
            raise TileMissingError(
                f"tree of size {checkpoint.size}", f"does not hold entry {index}"
            ) from error
        note = cosigned(checkpoint.note, cosignatures)
        return format_log_proof(LogProof(index=index, path=path, checkpoint=note))
