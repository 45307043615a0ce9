"""Proofs that do not hold: each changes one thing and signs again what is behind it, so that one step can refuse."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tagcore.canonical import canonical_json
from tagcore.errors import Step
from tagcore.gs1 import parse_expiry, parse_gtin
from tagcore.log_proof import format_log_proof, parse_log_proof
from tagcore.note import Note, NoteSignature, format_note
from tagcore.proof_file import Anchor, digest_of, format_proof
from tagcore.receipts import JournalReceipt
from tagcore.tag import Tag, signing_bytes
from tests.vectors.cast import CASES, key_of
from tests.vectors.proving import (
    AT,
    INDEX,
    LOG,
    STRANGER,
    THOR,
    WITNESSES,
    Story,
    chain_receipt,
    tags,
)

Unproven = tuple[str, Step, bytes]
"""(name of the attack, the step that has to refuse, the file)."""

STORY = Story()
PROOF = STORY.proof()
DATA = STORY.data()
TEXT = DATA.decode()


def unproven() -> Iterator[Unproven]:
    """Every file with the step that refuses it."""
    for step, attacks in (
        (Step.FORMAT, _bent()),
        (Step.TAG_SIGNATURE, _wrong_tags()),
        (Step.BATCH_INCLUSION, _wrong_batches()),
        (Step.MANIFEST_SIGNATURE, _wrong_manifests()),
        (Step.LOG_INCLUSION, _wrong_entries()),
        (Step.CHECKPOINT_SIGNATURE, _wrong_checkpoints()),
        (Step.WITNESSES, _wrong_witnesses()),
        (Step.ANCHORS, _wrong_anchors()),
        (Step.DIGEST, _wrong_digests()),
    ):
        for name, data in attacks:
            yield name, step, data


def resealed(**members: Any) -> bytes:  # noqa: ANN401 (JSON)
    """The good file with members exchanged and the digest made again."""
    document = {name: value for name, value in json.loads(DATA).items() if name != "digest"} | members
    return canonical_json({**document, "digest": digest_of(document).hex()})


def _bent() -> Iterator[tuple[str, bytes]]:
    yield "empty file", b""
    yield "not JSON", b"proof"
    yield "white space", TEXT.replace(":", ": ", 1).encode()
    yield "two newlines at the end", DATA + b"\n\n"
    yield "a member more", resealed(more=1)
    yield "a member less", canonical_json({k: v for k, v in json.loads(DATA).items() if k != "anchors"})
    yield "another type", resealed(type="origintag-trust")
    yield "later version", resealed(version=2)
    yield "index below 0", resealed(index=-1)
    yield "index that is text", resealed(index=str(INDEX))
    yield "hash of 31 bytes", resealed(path=["A" * 40 + "AA=="])
    yield "path longer than any tree", resealed(path=json.loads(DATA)["path"] * 11)
    yield (
        "tag in lower case",
        resealed(tag=PROOF.tag.replace("HTTPS://ID.EXAMPLE.COM", "https://id.example.com")),
    )
    yield "space around the tag", resealed(tag=PROOF.tag + " ")
    yield (
        "tag under a host that nobody lists",
        resealed(tag=PROOF.tag.replace("ID.EXAMPLE.COM", "ID.EXAMPLE.NET")),
    )
    yield (
        "tag under another issuer's host",
        resealed(tag=PROOF.tag.replace("ID.EXAMPLE.COM", "T.EXAMPLE.ORG:8443")),
    )
    yield "tag that is none", resealed(tag="HTTPS://ID.EXAMPLE.COM/")
    yield "entry that is none", resealed(entry="e30=")
    yield "entry of another kind", Story(entry=STORY.entries()[0]).data()
    yield "log proof of another version", resealed(log_proof=_log_proof().replace("@v1", "@v2"))
    yield (
        "log proof with an extra line",
        resealed(log_proof=_log_proof().replace("index", "extra AA==\nindex", 1)),
    )
    yield "log proof with a leading zero", resealed(log_proof=_log_proof().replace("index ", "index 0", 1))
    yield "log proof without checkpoint", resealed(log_proof=_log_proof().partition("\n\n")[0])
    yield "unknown backend", resealed(anchors=[_anchor_json(receipt={"backend": "paper"})])
    yield (
        "a receipt's member more",
        resealed(anchors=[_anchor_json(receipt={"backend": "journal", "line": "", "x": 1})]),
    )
    yield (
        "digest in upper case",
        TEXT.replace(json.loads(DATA)["digest"], json.loads(DATA)["digest"].upper()).encode(),
    )


def _wrong_tags() -> Iterator[tuple[str, bytes]]:
    tag = STORY.tag
    yield "tag with another serial", Story(tag=replace(tag, identity=tags()[0].identity)).data()
    yield (
        "tag with a bit of its signature changed",
        Story(tag=replace(tag, signature=_flipped(tag.signature))).data(),
    )
    yield "tag of a revoked key", Story(tag=_revoked()).data()
    yield (
        "tag of a key that nobody has",
        Story(tag=replace(tag, identity=replace(tag.identity, slot=1))).data(),
    )


def _wrong_batches() -> Iterator[tuple[str, bytes]]:
    manifest = STORY.manifest
    yield "another index", Story(index=INDEX + 1).data()
    yield "index beyond the batch", Story(index=5).data()
    yield "a path longer", Story(path=(*STORY.path, bytes(32))).data()
    yield "a path shorter", Story(path=STORY.path[:-1]).data()
    yield "a bit of the path changed", Story(path=(_flipped(STORY.path[0]), *STORY.path[1:])).data()
    yield "a genuine tag that is not in the batch", Story(tag=CASES[6].tag).data()
    yield "another tag of the batch", Story(tag=tags()[0]).data()
    yield (
        "manifest of another product",
        Story(manifest=replace(manifest, gtin=parse_gtin("19506000134359"))).data(),
    )
    yield "manifest of another lot", Story(manifest=replace(manifest, lot="LOT2")).data()
    yield (
        "manifest of another expiry",
        Story(manifest=replace(manifest, expiry=parse_expiry("271230"))).data(),
    )
    yield "manifest without expiry", Story(manifest=replace(manifest, expiry=None)).data()
    yield "manifest of another key", Story(manifest=replace(manifest, slot=255)).data()
    yield "manifest of more tags", Story(manifest=replace(manifest, count=9)).data()
    yield "manifest of another tree", Story(manifest=replace(manifest, root=bytes(32))).data()


def _wrong_manifests() -> Iterator[tuple[str, bytes]]:
    manifest = STORY.manifest
    early = replace(manifest, issued_at=AT - timedelta(days=365))
    late = replace(manifest, issued_at=AT.replace(year=2028, month=1, day=1))
    yield "manifest signed by a stranger", Story(manifest_signer=STRANGER).data()
    yield "manifest signed by the log", Story(manifest_signer=LOG).data()
    yield "manifest issued before its key was valid", Story(manifest=early).data()
    yield "manifest issued after its key was valid", Story(manifest=late).data()
    changed = PROOF.entry.replace(b'"batch":12', b'"batch":13')
    yield "manifest of another batch number, not signed again", Story(entry=changed).data()


def _wrong_entries() -> Iterator[tuple[str, bytes]]:
    yield "another log index", Story(log_index=5).data()
    yield "log index beyond the log", Story(log_index=7).data()
    other = Story(manifest=replace(STORY.manifest, number=13))
    yield "an entry that was never logged", format_proof(replace(PROOF, entry=other.proof().entry))
    smaller = _with_note(replace(STORY, size=6).note())
    yield "checkpoint of an earlier log", format_proof(replace(PROOF, log_proof=smaller))
    head, _, rest = _log_proof().partition("\n\n")
    longer = f"{head}\n{'A' * 43}=\n\n{rest}"
    yield "a path longer than the log is high", format_proof(replace(PROOF, log_proof=longer.encode()))


def _wrong_checkpoints() -> Iterator[tuple[str, bytes]]:
    yield "checkpoint signed by a stranger", Story(log_signer=STRANGER).data()
    yield "checkpoint signed by a witness", Story(log_signer=WITNESSES[0]).data()
    yield "checkpoint of a log that is not believed", Story(origin="id.example.com/other").data()
    lines = STORY.note().signatures
    wrong = replace(lines[0], signature=_flipped(lines[0].signature))
    yield "a bit of the log's signature changed", _with_lines(wrong, *lines[1:])
    yield "a second, wrong signature of the log", _with_lines(*lines, wrong)
    yield "no signature of the log", _with_lines(*lines[1:])


def _wrong_witnesses() -> Iterator[tuple[str, bytes]]:
    yield "one witness of two", Story(cosigners=(1,)).data()
    yield "no witness", Story(cosigners=()).data()
    yield "one witness twice", Story(cosigners=(1, 1)).data()
    log, first, second = STORY.note().signatures
    yield "cosignature for another time", _with_lines(log, first, replace(second, signature=_later(second)))
    wrong = replace(second, signature=_flipped(second.signature))
    yield "a bit of a cosignature changed", _with_lines(log, first, wrong)
    other = replace(STORY, size=6).note().signatures[2]
    yield "cosignature of another checkpoint", _with_lines(log, first, other)
    stranger = NoteSignature(name="w9.example.org", key_id=second.key_id, signature=second.signature)
    yield "a witness under another name", _with_lines(log, first, stranger)


def _wrong_anchors() -> Iterator[tuple[str, bytes]]:
    yield "anchor of a log before the entry", Story(anchored_size=4).data()
    anchor = PROOF.anchors[0]
    yield "anchor of another root", _with_anchors(replace(anchor, root=bytes(32)))
    yield "anchor of another size", _with_anchors(replace(anchor, size=5))
    yield "anchor without its consistency proof", _with_anchors(replace(anchor, consistency=()))
    yield "anchor of a later log without its proof", _with_anchors(replace(anchor, size=8))
    other = replace(THOR, genesis=bytes(32))
    yield "receipt of another network under a pinned name", Story(receipts=(chain_receipt(other),)).data()
    line = STORY.journal_receipt()
    yield "journal line by another key", Story(receipts=(STORY.journal_receipt(STRANGER),)).data()
    changed = JournalReceipt(line=line.line.replace('"number":1', '"number":2'))
    yield "journal line that was changed", Story(receipts=(changed,)).data()
    elsewhere = replace(STORY, anchored_size=5).journal_receipt()
    yield "journal line about another checkpoint", Story(receipts=(elsewhere,)).data()
    yield "journal line that is none", Story(receipts=(JournalReceipt(line="x"),)).data()


def _wrong_digests() -> Iterator[tuple[str, bytes]]:
    digest = json.loads(DATA)["digest"]
    yield "another digest", TEXT.replace(digest, "0" * 64).encode()
    yield "another block number in a receipt", TEXT.replace('"number":1234', '"number":1235', 1).encode()
    stranger = NoteSignature(name="stranger.example", key_id=b"1234", signature=b"5678")
    added = json.loads(_with_lines(*STORY.note().signatures, stranger))
    yield "a signature of a stranger added", canonical_json({**added, "digest": digest})


def _revoked() -> Tag:
    """A tag of the key in slot 9, which is revoked."""
    identity = replace(STORY.tag.identity, slot=9)
    return Tag(identity=identity, signature=key_of("distillery", 9).sign(signing_bytes(identity)))


def _log_proof() -> str:
    return PROOF.log_proof.decode()


def _with_lines(*lines: NoteSignature) -> bytes:
    """The good file with other signatures under its checkpoint."""
    return format_proof(replace(PROOF, log_proof=_with_note(replace(STORY.note(), signatures=lines))))


def _with_note(note: Note) -> bytes:
    """The good log proof with another checkpoint."""
    return format_log_proof(replace(parse_log_proof(PROOF.log_proof), checkpoint=format_note(note)))


def _with_anchors(*anchors: Anchor) -> bytes:
    return format_proof(replace(PROOF, anchors=anchors))


def _anchor_json(**members: object) -> dict[str, object]:
    return {**json.loads(DATA)["anchors"][0], **members}


def _later(line: NoteSignature) -> bytes:
    """A cosignature that claims to be of a second later."""
    seconds = int.from_bytes(line.signature[:8], "big") + 1
    return seconds.to_bytes(8, "big") + line.signature[8:]


def _flipped(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])
