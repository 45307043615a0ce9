"""What the log is told: one function a kind of entry, called in the transaction that does the thing itself.

So there is no batch, recall or change of a key without its entry, and no entry without the thing. Until the workspace
has a log the entries wait.
"""

from __future__ import annotations

from datetime import datetime

from tagcore.entries import (
    BatchEntry,
    KeyChange,
    KeyEntry,
    KeyRole,
    RecallChange,
    RecallEntry,
    RecallReach,
    recall_terms,
)
from tagserver.ports import Batch, IssuerKeyRecord, Recall, RecallKind, Transaction
from tagserver.ports.entries import new_entry
from tagserver.services.manifest import manifest_of

_REACH = {RecallKind.RECALL: RecallReach.RECALL, RecallKind.WITHDRAW: RecallReach.WITHDRAW}


def log_batch(transaction: Transaction, batch: Batch, at: datetime) -> None:
    """An issued batch."""
    transaction.log.add(new_entry(batch_entry(batch), at))


def batch_entry(batch: Batch) -> BatchEntry:
    """The entry of an issued batch. Raises ValueError for one that is not issued."""
    if batch.root is None or batch.issued_at is None or batch.manifest_signature is None:
        raise ValueError(f"batch {batch.number} is not issued")
    return BatchEntry(
        manifest=manifest_of(batch, batch.root, batch.issued_at), signature=batch.manifest_signature
    )


def log_recall(transaction: Transaction, recall: Recall, change: RecallChange, at: datetime) -> None:
    """A recall that was ordered or lifted."""
    transaction.log.add(new_entry(recall_entry(recall, change), at))


def recall_entry(recall: Recall, change: RecallChange) -> RecallEntry:
    """The entry of a recall's beginning or end. Raises ValueError for the end of one that is in force."""
    at = recall.at if change is RecallChange.ORDERED else recall.lifted_at
    if at is None:
        raise ValueError(f"recall {recall.id} is in force")
    return RecallEntry(
        change=change,
        recall=recall.id,
        reach=_REACH[recall.kind],
        gtin=recall.gtin,
        lot=recall.lot,
        serial=recall.serial,
        terms=recall_terms(recall.reason, recall.instructions),
        at=at,
    )


def log_issuer_key(
    transaction: Transaction, record: IssuerKeyRecord, change: KeyChange, at: datetime
) -> None:
    """A change of an issuer's key, under the name that verifiers know the issuer by."""
    organisation = transaction.organisations.find(record.org_id)
    entry = KeyEntry(
        change=change,
        role=KeyRole.ISSUER,
        name=organisation.name if organisation else record.org_id,
        slot=record.slot,
        public_key=record.public_key,
        at=at,
    )
    transaction.log.add(new_entry(entry, at))


def log_other_key(
    transaction: Transaction, role: KeyRole, change: KeyChange, name: str, public_key: bytes, at: datetime
) -> None:
    """A change of the log's own key, or of a witness."""
    entry = KeyEntry(change=change, role=role, name=name, slot=None, public_key=public_key, at=at)
    transaction.log.add(new_entry(entry, at))
