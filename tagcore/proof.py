"""Verification of a proof file, offline, with pinned keys: nine steps, each of which can refuse.

docs/spec/log.md, section 8. What holds at the end: the issuer signed this tag, it is one of the tags that the issuer
declared in a signed manifest, and that manifest is in a log that the trust bundle names. That the pack in hand is the
one that the tag was made for does not follow, nor that it was not recalled since.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from tagcore.anchoring import (
    AnchorFinding,
    Anchoring,
    ReceiptCheck,
    anchoring_of,
    cannot_check,
    judge_anchor,
)
from tagcore.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint
from tagcore.cosignature import verify_witnesses
from tagcore.entries import BatchEntry, parse_entry
from tagcore.errors import ProofError, Step, TagcoreError
from tagcore.evidence import Ours, Signature
from tagcore.identity import Identity
from tagcore.log_proof import LogProof, parse_log_proof
from tagcore.log_trust import LogTrust
from tagcore.manifest import Manifest, verify_manifest
from tagcore.merkle import leaf_hash, verify_inclusion
from tagcore.note import Note, VerifierKey, parse_note
from tagcore.proof_file import Proof, parse_proof
from tagcore.reading import check_signature, read
from tagcore.tag import Tag, leaf_bytes, parse_url
from tagcore.trust import TrustBundle

_SIGNATURE_WORDS = {
    Signature.INVALID: "the signature is not the issuer's",
    Signature.KEY_UNKNOWN: "no issuer that is believed here has such a key",
    Signature.KEY_REVOKED: "the issuer's key is revoked",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenTag:
    """What a proof shows: the tag and its issuer's name, the batch it is number `index` of, the log's entry and
    checkpoint, who cosigned it and whether that is enough (`is_witnessed`), and what its anchors are worth.
    """

    tag: Tag
    issuer: str
    manifest: Manifest
    index: int
    log_index: int
    checkpoint: Checkpoint
    witnesses: tuple[VerifierKey, ...]
    is_witnessed: bool
    anchors: tuple[AnchorFinding, ...]
    anchoring: Anchoring


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """A proof file taken apart, nothing of it verified."""

    proof: Proof
    is_whole: bool
    tag: Tag
    entry: BatchEntry
    log_proof: LogProof
    checkpoint: Checkpoint


def verify_proof(
    data: bytes, trust: TrustBundle, now: datetime, *, check: ReceiptCheck = cannot_check
) -> ProvenTag:
    """What the proof file `data` shows to somebody who believes `trust` at `now` (aware).

    `check` verifies receipts that need more than this package: a node, or a reader of time-stamping tokens.

    1. FORMAT: the file, the tag's URL, the entry and the log's proof are in their one form.
    2. TAG_SIGNATURE: the issuer that owns the GTIN signed the tag, with a key that is not revoked.
    3. BATCH_INCLUSION: the entry's manifest is of the tag's batch, and the tag is in the batch's tree.
    4. MANIFEST_SIGNATURE: the issuer signed the manifest, with the tag's key, while the key was valid.
    5. LOG_INCLUSION: the entry is in the checkpoint's tree.
    6. CHECKPOINT_SIGNATURE: a log that `trust` names signed the checkpoint.
    7. WITNESSES: as many of its witnesses cosigned it as the policy asks for.
    8. ANCHORS: each receipt is of this log, and none is wrong.
    9. DIGEST: what no signature covers is as it was written.

    Raises: ProofError, its `step` set, at the first step that fails.
    """
    with _at(Step.FORMAT):
        parts = _take_apart(data, trust)
    with _at(Step.TAG_SIGNATURE):
        issuer = _verify_tag(parts.tag, trust, now)
    with _at(Step.BATCH_INCLUSION):
        _verify_batch(parts)
    with _at(Step.MANIFEST_SIGNATURE):
        _verify_manifest(parts.entry, trust)
    with _at(Step.LOG_INCLUSION):
        _verify_log_inclusion(parts)
    with _at(Step.CHECKPOINT_SIGNATURE):
        log, note = _verify_checkpoint(parts, trust)
    with _at(Step.WITNESSES):
        witnesses = verify_witnesses(note, log.witnesses)
    with _at(Step.ANCHORS):
        anchors = tuple(
            judge_anchor(anchor, parts.log_proof.index, parts.checkpoint, log.anchors, check)
            for anchor in parts.proof.anchors
        )
    if not parts.is_whole:
        raise ProofError("the file is not as it was written: its digest differs", step=Step.DIGEST)
    return ProvenTag(
        tag=parts.tag,
        issuer=issuer,
        manifest=parts.entry.manifest,
        index=parts.proof.index,
        log_index=parts.log_proof.index,
        checkpoint=parts.checkpoint,
        witnesses=witnesses,
        is_witnessed=bool(log.witnesses.threshold),
        anchors=anchors,
        anchoring=anchoring_of(anchors, log.anchors),
    )


@contextmanager
def _at(step: Step) -> Iterator[None]:
    """Whatever fails within fails at `step`."""
    try:
        yield
    except TagcoreError as error:
        raise ProofError(str(error), step=step) from error


def _take_apart(data: bytes, trust: TrustBundle) -> _Parts:
    """Step 1."""
    proof, is_whole = parse_proof(data)
    entry = parse_entry(proof.entry)
    if not isinstance(entry, BatchEntry):
        raise ProofError("the log entry is not a batch's")
    log_proof = parse_log_proof(proof.log_proof)
    return _Parts(
        proof=proof,
        is_whole=is_whole,
        tag=_tag(proof.tag, trust),
        entry=entry,
        log_proof=log_proof,
        checkpoint=parse_checkpoint(parse_note(log_proof.checkpoint).text),
    )


def _tag(text: str, trust: TrustBundle) -> Tag:
    """The tag of a URL exactly as it is printed, under a host of an issuer that is believed."""
    parse_url(text)
    reading = read(text, trust)
    if not isinstance(reading, Ours):
        raise ProofError("the tag's host is not one of an issuer that is believed here")
    return reading.tag


def _verify_tag(tag: Tag, trust: TrustBundle, now: datetime) -> str:
    """Step 2."""
    finding = check_signature(tag, trust, now)
    if finding.outcome is not Signature.VALID:
        raise ProofError(_SIGNATURE_WORDS[finding.outcome])
    return finding.issuer


def _verify_batch(parts: _Parts) -> None:
    """Step 3."""
    manifest, identity = parts.entry.manifest, parts.tag.identity
    differing = [name for name in ("gtin", "lot", "expiry", "slot") if _differ(manifest, identity, name)]
    if differing:
        raise ProofError(f"tag and manifest differ in {', '.join(differing)}")
    leaf = leaf_hash(leaf_bytes(parts.tag))
    verify_inclusion(leaf, parts.proof.index, manifest.count, parts.proof.path, manifest.root)


def _differ(manifest: Manifest, identity: Identity, name: str) -> bool:
    return bool(getattr(manifest, name) != getattr(identity, name))


def _verify_manifest(entry: BatchEntry, trust: TrustBundle) -> None:
    """Step 4; the key itself was found good by step 2."""
    manifest = entry.manifest
    issuer = trust.issuer(manifest.gtin)
    key = issuer.key(manifest.slot) if issuer else None
    if key is None or not key.covers(manifest.issued_at):
        raise ProofError("the manifest was issued while its key was not valid")
    verify_manifest(manifest, entry.signature, key.public_key)


def _verify_log_inclusion(parts: _Parts) -> None:
    """Step 5."""
    proof, checkpoint = parts.log_proof, parts.checkpoint
    verify_inclusion(leaf_hash(parts.proof.entry), proof.index, checkpoint.size, proof.path, checkpoint.root)


def _verify_checkpoint(parts: _Parts, trust: TrustBundle) -> tuple[LogTrust, Note]:
    """Step 6: any one of the log's keys, as it may have had several."""
    log = trust.log(parts.checkpoint.origin)
    if log is None:
        raise ProofError(f"no log {parts.checkpoint.origin[:100]!r} is believed here")
    problem: ProofError | None = None
    for key in log.keys:
        try:
            return log, open_checkpoint(parts.log_proof.checkpoint, key)[1]
        except ProofError as error:
            problem = error
    raise ProofError(str(problem))
