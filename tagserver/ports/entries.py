"""Entries on their way into the log: their bytes, and the subject that each is found by."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from tagcore.entries import (
    BatchEntry,
    Entry,
    EntryKind,
    EventsEntry,
    KeyEntry,
    RecallEntry,
    format_entry,
)
from tagcore.keys import fingerprint
from tagserver.ports.log import NewEntry


def new_entry(entry: Entry, at: datetime) -> NewEntry:
    """The entry as it waits for its place. Raises ValueError when a value does not fit its form."""
    kind, subject = kind_and_subject(entry)
    return NewEntry(kind=kind, subject=subject, data=format_entry(entry), at=at)


def kind_and_subject(entry: Entry) -> tuple[EntryKind, str]:
    """What an entry is about."""
    match entry:
        case BatchEntry(manifest=manifest):
            return EntryKind.BATCH, batch_subject(manifest.number)
        case KeyEntry(public_key=public_key):
            return EntryKind.KEY, key_subject(public_key)
        case RecallEntry(recall=recall):
            return EntryKind.RECALL, recall_subject(recall)
        case EventsEntry(block=block):
            return EntryKind.EVENTS, block_subject(block)
        case _ as never:
            assert_never(never)


def batch_subject(number: int) -> str:
    """Of a batch's entry."""
    return f"batch {number}"


def key_subject(public_key: bytes) -> str:
    """Of the entries of one key, whosever it is."""
    return f"key {fingerprint(public_key)}"


def recall_subject(recall_id: str) -> str:
    """Of the entries of one recall."""
    return f"recall {recall_id}"


def block_subject(number: int) -> str:
    """Of the entry of a block of events."""
    return f"block {number}"
