"""Auditing rows against the log's entries: batches, keys, recalls, blocks, in the order of the log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tagcore.checkpoint import Checkpoint
from tagcore.entries import (
    BatchEntry,
    Entry,
    EventsEntry,
    KeyChange,
    KeyEntry,
    KeyRole,
    RecallChange,
    RecallEntry,
    parse_entry,
    recall_terms,
)
from tagcore.errors import InputError, SignatureError
from tagcore.frontier import Frontier
from tagcore.keys import KeyStatus
from tagcore.manifest import verify_manifest
from tagcore.merkle import TILE_WIDTH, leaf_hash, root_from_leaf_hashes
from tagserver.ports import Batch, BatchNumber, BatchStatus, LogEntry, RecallKind, Transaction, Tree
from tagserver.ports.entries import kind_and_subject
from tagserver.services.audit_findings import DifferenceError, Tally, compare
from tagserver.services.log_entries import batch_entry

PAGE = 500
"""Rows read at a time."""

_STATUS = {
    KeyChange.ADDED: KeyStatus.ACTIVE,
    KeyChange.RETIRED: KeyStatus.RETIRED,
    KeyChange.REVOKED: KeyStatus.REVOKED,
}


@dataclass(slots=True)
class Told:
    """What the entries told so far, for what takes several: keys by their bytes, recalls by their id."""

    keys: dict[bytes, KeyEntry] = field(default_factory=dict)
    recalls: dict[str, list[RecallEntry]] = field(default_factory=dict)
    batches: set[int] = field(default_factory=set)
    blocks: int = 0


def audit_entries(
    transaction: Transaction, tree: Tree, checkpoint: Checkpoint, told: Told, tally: Tally
) -> None:
    """Each published entry against its own row and the rows that it is about. Raises DifferenceError."""
    frontier = Frontier()
    for first in range(0, checkpoint.size, TILE_WIDTH):
        stop = min(first + TILE_WIDTH, checkpoint.size)
        published = tree.entries(first, stop, checkpoint.size)
        frontier = frontier.grown(map(leaf_hash, published))
        rows = {row.index: row for row in transaction.log.entries(first, stop)}
        for index, data in enumerate(published, start=first):
            _audit_row(rows.get(index), index, data)
            _audit_entry(transaction, _parsed(index, data), told)
            tally.entries += 1
        tally.count("log_entry", len(published))
    if frontier.root != checkpoint.root:
        raise DifferenceError("file", "tile/entries", "the entries do not lead to the signed root")


def audit_pending(transaction: Transaction, told: Told, tally: Tally) -> None:
    """Entries that wait: nothing outside holds them yet, so they are believed. Raises DifferenceError."""
    last: int | None = None
    while rows := transaction.walks.pending_entries(after=last, limit=PAGE):
        for row in rows:
            _audit_entry(transaction, _parsed(f"id {row.id}", row.data), told)
        tally.count("log_entry", len(rows))
        last = rows[-1].id


def audit_batches(transaction: Transaction, told: Told, tally: Tally) -> None:
    """Every issued batch is in the log, signed by a key that the log knows. Raises DifferenceError."""
    for batch in _batches(transaction):
        tally.count("batch")
        if batch.status is not BatchStatus.ISSUED:
            continue
        if batch.number not in told.batches:
            raise DifferenceError("batch", batch.number, "is issued, and the log has no entry of it")
        key = transaction.keys.find(batch.key_id)
        if key is None or key.public_key not in told.keys:
            raise DifferenceError(
                "batch", batch.number, f"is of key {batch.key_id}, which the log does not know"
            )
        entry = batch_entry(batch)
        try:
            verify_manifest(entry.manifest, entry.signature, key.public_key)
        except SignatureError:
            raise DifferenceError("batch", batch.number, "its manifest is not signed by its key") from None


def audit_keys(transaction: Transaction, told: Told, tally: Tally) -> None:
    """Keys here and in the log are the same ones, and stand alike. Raises DifferenceError."""
    here = {record.public_key: record for record in transaction.keys.all()}
    for public_key, record in here.items():
        entry = told.keys.get(public_key)
        if entry is None:
            raise DifferenceError("issuer_key", record.id, "the log has no entry of it")
        compare(
            "issuer_key",
            record.id,
            slot=(record.slot, entry.slot),
            status=(record.status.value, _STATUS[entry.change].value),
        )
        tally.count("issuer_key")
    for public_key, entry in told.keys.items():
        if entry.role is KeyRole.ISSUER and public_key not in here:
            raise DifferenceError(
                "issuer_key", f"{entry.name} slot {entry.slot}", "is in the log and not here"
            )


def audit_recalls(transaction: Transaction, told: Told, tally: Tally) -> None:
    """Recalls here and in the log are the same ones, and as far along. Raises DifferenceError."""
    seen: set[str] = set()
    last: str | None = None
    while rows := transaction.walks.recalls(after=last, limit=PAGE):
        for row in rows:
            entries = told.recalls.get(row.id)
            if entries is None:
                raise DifferenceError("recall", row.id, "the log has no entry of it")
            is_lifted = any(entry.change is RecallChange.LIFTED for entry in entries)
            first = entries[0]
            compare(
                "recall",
                row.id,
                kind=(RecallKind(row.kind).value, first.reach.value),
                gtin=(row.gtin, first.gtin),
                lot=(row.lot, first.lot),
                serial=(row.serial, first.serial),
                terms=(recall_terms(row.reason, row.instructions), first.terms),
                at=(row.at.replace(microsecond=0), first.at),
                lifted=(row.lifted_at is not None, is_lifted),
            )
            seen.add(row.id)
        tally.count("recall", len(rows))
        last = rows[-1].id
    for recall_id in told.recalls:
        if recall_id not in seen:
            raise DifferenceError("recall", recall_id, "is in the log and not here")


def _audit_row(row: LogEntry | None, index: int, data: bytes) -> None:
    if row is None:
        raise DifferenceError("log_entry", f"at index {index}", "is published and not here")
    if row.data != data:
        raise DifferenceError("log_entry", f"at index {index}", "holds something else than was published")
    compare(
        "log_entry",
        f"at index {index}",
        subject=((row.kind, row.subject), kind_and_subject(_parsed(index, data))),
    )


def _audit_entry(transaction: Transaction, entry: Entry, told: Told) -> None:
    match entry:
        case BatchEntry():
            _audit_batch(transaction, entry)
            told.batches.add(entry.manifest.number)
        case KeyEntry():
            told.keys[entry.public_key] = entry
        case RecallEntry():
            told.recalls.setdefault(entry.recall, []).append(entry)
        case EventsEntry():
            _audit_block(transaction, entry, told)


def _audit_batch(transaction: Transaction, entry: BatchEntry) -> None:
    number, manifest = entry.manifest.number, entry.manifest
    row = transaction.batches.find(BatchNumber(number))
    if row is None:
        raise DifferenceError("batch", number, "is in the log and not here")
    compare(
        "batch",
        number,
        status=(row.status.value, BatchStatus.ISSUED.value),
        gtin=(row.gtin, manifest.gtin),
        lot=(row.lot, manifest.lot),
        expiry=(row.expiry, manifest.expiry),
        units=(row.count, manifest.count),
        slot=(row.slot, manifest.slot),
        root=(row.root, manifest.root),
        issued_at=(row.issued_at, manifest.issued_at),
        manifest_signature=(row.manifest_signature, entry.signature),
    )


def _audit_block(transaction: Transaction, entry: EventsEntry, told: Told) -> None:
    if entry.block != told.blocks:
        raise DifferenceError("event_block", entry.block, f"the log's next block is number {told.blocks}")
    told.blocks += 1
    row = transaction.event_leaves.block(entry.block)
    if row is None:
        raise DifferenceError("event_block", entry.block, "is in the log and not here")
    compare("event_block", entry.block, count=(row.count, entry.count), root=(row.root, entry.root))
    leaves = transaction.event_leaves.of_block(entry.block)
    compare("event_block", entry.block, leaves=(len(leaves), entry.count))
    if root_from_leaf_hashes(b"".join(leaf.hash for leaf in leaves)) != entry.root:
        raise DifferenceError(
            "event_leaf", f"of block {entry.block}", "one of them is not as it was committed to"
        )


def _parsed(index: object, data: bytes) -> Entry:
    try:
        return parse_entry(data)
    except InputError as error:
        raise DifferenceError("log_entry", f"at index {index}", f"is no entry: {error}") from error


def _batches(transaction: Transaction) -> Iterator[Batch]:
    last: BatchNumber | None = None
    while rows := transaction.walks.batches(after=last, limit=PAGE):
        yield from rows
        last = rows[-1].number
