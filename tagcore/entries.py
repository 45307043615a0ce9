"""Entries of the transparency log: a batch issued, a key changed, a recall, a block of unit events.

docs/spec/log.md, section 3. An entry is canonical JSON of at most 65,535 bytes, and its leaf hash is over exactly
these bytes. Nothing about scans, people or single events is in it but salted hashes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import assert_never

from tagcore.canonical import Json, canonical_json
from tagcore.document import Members, parse_document
from tagcore.errors import InputError
from tagcore.gs1 import Gtin, parse_gtin, parse_lot, parse_serial
from tagcore.keys import PUBLIC_KEY_BYTES
from tagcore.manifest import Manifest, format_manifest, parse_manifest
from tagcore.merkle import HASH_BYTES
from tagcore.moment import format_moment
from tagcore.tiles import MAX_ENTRY_BYTES

VERSION = 1
SIGNATURE_BYTES = 64


class EntryKind(StrEnum):
    """What an entry is about."""

    BATCH = "batch"
    KEY = "key"
    RECALL = "recall"
    EVENTS = "events"


class KeyRole(StrEnum):
    """Whose key it is."""

    ISSUER = "issuer"
    LOG = "log"
    WITNESS = "witness"


class KeyChange(StrEnum):
    """What became of a key."""

    ADDED = "added"
    RETIRED = "retired"
    REVOKED = "revoked"


class RecallChange(StrEnum):
    """What became of a recall."""

    ORDERED = "ordered"
    LIFTED = "lifted"


class RecallReach(StrEnum):
    """How far it reaches: back from people, or off the market."""

    RECALL = "recall"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchEntry:
    """A batch was issued: its manifest and the producer's signature over it (64 bytes)."""

    manifest: Manifest
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyEntry:
    """A key was added, retired or revoked.

    `name` is the issuer's, or the key name of a log or a witness; `slot` (0-255) is an issuer's only, else None;
    `public_key` has 32 bytes; `at` is aware, whole seconds.
    """

    change: KeyChange
    role: KeyRole
    name: str
    slot: int | None
    public_key: bytes
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallEntry:
    """A recall was ordered or lifted: of a unit, a lot (`serial` None) or a whole product (`lot` None too).

    `recall` is its name in the issuer's record; `terms` (32 bytes) the hash of what people are told (`recall_terms`).
    """

    change: RecallChange
    recall: str
    reach: RecallReach
    gtin: Gtin
    lot: str | None
    serial: str | None
    terms: bytes
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsEntry:
    """A block of `count` unit events (from 1): `root` is the RFC 6962 root over their salted hashes.

    Blocks are numbered from 0; `at` is when the block was closed.
    """

    block: int
    count: int
    root: bytes
    at: datetime


Entry = BatchEntry | KeyEntry | RecallEntry | EventsEntry


def recall_terms(reason: str, instructions: str) -> bytes:
    """The SHA-256 of what a recall tells people, over canonical JSON of both texts."""
    return sha256(canonical_json({"instructions": instructions, "reason": reason})).digest()


def format_entry(entry: Entry) -> bytes:
    """The entry's bytes, which are the data of its leaf; what could not be read back is not written.

    Raises: ValueError when a value does not fit its form.
    """
    data = canonical_json(_to_json(entry))
    try:
        parse_entry(data)
    except InputError as error:
        raise ValueError(f"the entry does not fit its form: {error}") from error
    return data


def parse_entry(data: bytes) -> Entry:
    """An entry from its bytes. Raises: InputError when they are not exactly an entry of this version."""
    members = Members(parse_document(data, MAX_ENTRY_BYTES))
    kind = members.word("entry", EntryKind)
    members.constant("version", VERSION)
    entry = _PARSERS[kind](members)
    members.done()
    return entry


def _to_json(entry: Entry) -> dict[str, Json]:
    match entry:
        case BatchEntry():
            return _document(EntryKind.BATCH, _batch_to_json(entry))
        case KeyEntry():
            return _document(EntryKind.KEY, _key_to_json(entry))
        case RecallEntry():
            return _document(EntryKind.RECALL, _recall_to_json(entry))
        case EventsEntry():
            return _document(EntryKind.EVENTS, _events_to_json(entry))
        case _ as never:
            assert_never(never)


def _document(kind: EntryKind, members: dict[str, Json]) -> dict[str, Json]:
    return {"entry": kind.value, "version": VERSION, **members}


def _batch_to_json(entry: BatchEntry) -> dict[str, Json]:
    return {"manifest": format_manifest(entry.manifest), "signature": entry.signature.hex()}


def _parse_batch(members: Members) -> BatchEntry:
    manifest = parse_manifest(members.object("manifest"))
    return BatchEntry(manifest=manifest, signature=members.hex("signature", SIGNATURE_BYTES))


def _key_to_json(entry: KeyEntry) -> dict[str, Json]:
    return {
        "change": entry.change.value,
        "role": entry.role.value,
        "name": entry.name,
        "slot": entry.slot,
        "public_key": entry.public_key.hex(),
        "at": format_moment(entry.at),
    }


def _parse_key(members: Members) -> KeyEntry:
    role = members.word("role", KeyRole)
    if role is not KeyRole.ISSUER:
        members.constant("slot", None)
    return KeyEntry(
        change=members.word("change", KeyChange),
        role=role,
        name=members.text("name"),
        slot=members.integer("slot", 0, 255) if role is KeyRole.ISSUER else None,
        public_key=members.hex("public_key", PUBLIC_KEY_BYTES),
        at=members.moment("at"),
    )


def _recall_to_json(entry: RecallEntry) -> dict[str, Json]:
    return {
        "change": entry.change.value,
        "recall": entry.recall,
        "reach": entry.reach.value,
        "gtin": entry.gtin,
        "lot": entry.lot,
        "serial": entry.serial,
        "terms": entry.terms.hex(),
        "at": format_moment(entry.at),
    }


def _parse_recall(members: Members) -> RecallEntry:
    return RecallEntry(
        change=members.word("change", RecallChange),
        recall=members.text("recall"),
        reach=members.word("reach", RecallReach),
        gtin=parse_gtin(members.text("gtin")),
        lot=None if members.is_null("lot") else parse_lot(members.text("lot")),
        serial=None if members.is_null("serial") else parse_serial(members.text("serial")),
        terms=members.hex("terms", HASH_BYTES),
        at=members.moment("at"),
    )


def _events_to_json(entry: EventsEntry) -> dict[str, Json]:
    return {
        "block": entry.block,
        "count": entry.count,
        "root": entry.root.hex(),
        "at": format_moment(entry.at),
    }


def _parse_events(members: Members) -> EventsEntry:
    return EventsEntry(
        block=members.integer("block", 0),
        count=members.integer("count", 1),
        root=members.hex("root", HASH_BYTES),
        at=members.moment("at"),
    )


_PARSERS: Mapping[EntryKind, Callable[[Members], Entry]] = {
    EntryKind.BATCH: _parse_batch,
    EntryKind.KEY: _parse_key,
    EntryKind.RECALL: _parse_recall,
    EntryKind.EVENTS: _parse_events,
}
