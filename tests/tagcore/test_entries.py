import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagcore.canonical import canonical_json
from tagcore.entries import (
    BatchEntry,
    Entry,
    EventsEntry,
    KeyChange,
    KeyEntry,
    KeyRole,
    RecallChange,
    RecallEntry,
    RecallReach,
    format_entry,
    parse_entry,
    recall_terms,
)
from tagcore.errors import InputError, SignatureError
from tagcore.gs1 import parse_expiry, parse_gtin
from tagcore.manifest import Manifest, sign_manifest, signing_bytes, verify_manifest
from tests.vectors.cast import BOTTLE, key_of

AT = datetime(2026, 7, 1, 12, tzinfo=UTC)
KEY = key_of("distillery", 0)
MANIFEST = Manifest(
    number=7,
    gtin=parse_gtin(BOTTLE),
    lot="LOT1",
    expiry=parse_expiry("271231"),
    count=25,
    slot=0,
    root=bytes(range(32)),
    issued_at=AT,
)
BATCH = BatchEntry(manifest=MANIFEST, signature=sign_manifest(MANIFEST, KEY))
ISSUER_KEY = KeyEntry(
    change=KeyChange.ADDED,
    role=KeyRole.ISSUER,
    name="Example Infusions 输液",
    slot=0,
    public_key=KEY.public_key,
    at=AT,
)
RECALL = RecallEntry(
    change=RecallChange.ORDERED,
    recall="00c0ffee",
    reach=RecallReach.RECALL,
    gtin=parse_gtin(BOTTLE),
    lot="LOT1",
    serial="4T7QMZ9C1R5KD",
    terms=recall_terms("glass", "bring it back"),
    at=AT,
)
EVENTS = EventsEntry(block=0, count=12, root=bytes(32), at=AT)
ENTRIES: tuple[Entry, ...] = (
    BATCH,
    BatchEntry(manifest=replace(MANIFEST, expiry=None, lot=""), signature=bytes(64)),
    ISSUER_KEY,
    replace(ISSUER_KEY, role=KeyRole.LOG, name="id.example.com/log", slot=None, change=KeyChange.RETIRED),
    replace(ISSUER_KEY, role=KeyRole.WITNESS, slot=None, change=KeyChange.REVOKED),
    RECALL,
    replace(RECALL, lot=None, serial=None, change=RecallChange.LIFTED, reach=RecallReach.WITHDRAW),
    EVENTS,
)


@pytest.mark.parametrize("entry", ENTRIES)
def test_an_entry_reads_back(entry: Entry) -> None:
    assert parse_entry(format_entry(entry)) == entry


def test_a_batch_entry_is_exactly_this() -> None:
    assert format_entry(BATCH).decode() == (
        '{"entry":"batch","manifest":{"batch":7,"count":25,"expiry":"271231","gtin":"09506000134352",'
        '"issued":"2026-07-01T12:00:00Z","lot":"LOT1",'
        '"root":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f","slot":0,'
        f'"type":"origintag-batch"}},"signature":"{BATCH.signature.hex()}","version":1}}'
    )


def test_the_producer_signs_the_manifest_under_its_own_context() -> None:
    members = json.loads(format_entry(BATCH))["manifest"]
    assert signing_bytes(MANIFEST) == b"origintag/batch/v1\n" + canonical_json(members)
    verify_manifest(MANIFEST, BATCH.signature, KEY.public_key)
    with pytest.raises(SignatureError):
        verify_manifest(replace(MANIFEST, count=26), BATCH.signature, KEY.public_key)


def test_times_are_cut_to_whole_seconds() -> None:
    late = replace(EVENTS, at=AT + timedelta(microseconds=999_999))
    assert parse_entry(format_entry(late)) == EVENTS


def test_terms_tell_reason_and_instructions_apart() -> None:
    assert RECALL.terms == sha256(b'{"instructions":"bring it back","reason":"glass"}').digest()


@pytest.mark.parametrize(
    ("attack", "entry"),
    [
        ("no such batch", replace(BATCH, manifest=replace(MANIFEST, number=0))),
        ("no tags", replace(BATCH, manifest=replace(MANIFEST, count=0))),
        ("short root", replace(BATCH, manifest=replace(MANIFEST, root=b""))),
        ("short signature", replace(BATCH, signature=b"")),
        ("issuer without a slot", replace(ISSUER_KEY, slot=None)),
        ("log with a slot", replace(ISSUER_KEY, role=KeyRole.LOG)),
        ("block below 0", replace(EVENTS, block=-1)),
        ("empty block", replace(EVENTS, count=0)),
        ("serial of spaces", replace(RECALL, serial=" ")),
        ("too long", replace(ISSUER_KEY, name="x" * 65_535)),
        ("half a surrogate pair", replace(ISSUER_KEY, name="\ud800")),
    ],
)
def test_writes_nothing_that_does_not_read_back(attack: str, entry: Entry) -> None:
    with pytest.raises(ValueError, match=r"."):
        format_entry(entry)


def changed(entry: Entry, /, **members: Any) -> bytes:  # noqa: ANN401 (JSON)
    return canonical_json({**json.loads(format_entry(entry)), **members})


@pytest.mark.parametrize(
    ("attack", "data"),
    [
        ("empty", b""),
        ("no object", b"1"),
        ("not canonical", format_entry(EVENTS) + b"\n"),
        ("later version", changed(EVENTS, version=2)),
        ("unknown kind", changed(EVENTS, entry="scan")),
        ("kind that is no text", changed(EVENTS, entry=1)),
        ("another kind's members", changed(EVENTS, entry="recall")),
        ("a member more", changed(EVENTS, more=1)),
        (
            "a member more within",
            changed(BATCH, manifest={**json.loads(format_entry(BATCH))["manifest"], "x": 1}),
        ),
        (
            "another document's type",
            changed(BATCH, manifest={**json.loads(format_entry(BATCH))["manifest"], "type": "x"}),
        ),
        ("wrong check digit", changed(RECALL, gtin="09506000134353")),
        ("time that is none", changed(EVENTS, at="2026-02-30T00:00:00Z")),
        ("larger than a bundle can hold", changed(ISSUER_KEY, name="x" * 65_535)),
    ],
)
def test_refuses_an_entry(attack: str, data: bytes) -> None:
    with pytest.raises(InputError):
        parse_entry(data)


@given(st.sampled_from(ENTRIES), st.data())
def test_an_entry_with_any_member_exchanged_reads_back_or_raises_only_our_error(
    entry: Entry, data: st.DataObject
) -> None:
    document = json.loads(format_entry(entry))
    name = data.draw(st.sampled_from(sorted(document)))
    document[name] = data.draw(
        st.none() | st.booleans() | st.integers(-5, 300) | st.text(max_size=5) | st.just({}) | st.just([])
    )
    changed_data = canonical_json_or_nothing(document)
    try:
        read = parse_entry(changed_data)
    except InputError:
        return
    assert format_entry(read) == changed_data


def canonical_json_or_nothing(document: Any) -> bytes:  # noqa: ANN401 (JSON)
    try:
        return canonical_json(document)
    except ValueError:
        return b""
