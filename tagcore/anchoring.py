"""Anchors judged: what each receipt of a proof is worth here, and whether they amount to "anchored".

docs/spec/log.md, section 8, step 8. Offline, a chain's receipt is a claim to be checked with a node; a journal's line
is the operator's own word; a time-stamping token is checked where the code to read it is at hand. A receipt that
contradicts what is pinned, or that its own signature refutes, makes the proof fail.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tagcore.checkpoint import Checkpoint
from tagcore.commitment import commitment_of, format_commitment
from tagcore.errors import InputError, ProofError, SignatureError
from tagcore.journal import parse_line, verify_line
from tagcore.log_trust import AnchorPolicy
from tagcore.merkle import verify_consistency
from tagcore.proof_file import Anchor
from tagcore.receipts import ChainReceipt, Inclusion, JournalReceipt, Receipt


class Standing(StrEnum):
    """What a receipt is worth here."""

    VERIFIED = "verified"
    CLAIMED = "claimed, not checked here"
    SELF_ATTESTED = "self-attested"
    UNPINNED = "not among the anchors that are believed here"


class Anchoring(StrEnum):
    """What all receipts together amount to."""

    ANCHORED = "anchored"
    CLAIMED = "claimed"
    PENDING = "pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """That somebody else saw the commitment: who, as a name that tells one from another, and when (aware)."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorFinding:
    """One receipt and its standing; `attestation` is what was verified, or the operator's own word."""

    receipt: Receipt
    standing: Standing
    attestation: Attestation | None = None


ReceiptCheck = Callable[[Receipt, bytes, AnchorPolicy], Attestation | None]
"""(receipt, the commitment's 89 bytes, policy) -> who attests it; None when it cannot be checked here.

Raises: ProofError when the receipt is wrong. It is called for chains and time-stamping authorities only.
"""


def cannot_check(receipt: Receipt, commitment: bytes, policy: AnchorPolicy) -> None:
    """The check of a verifier that has no node and reads no time-stamping tokens."""


def judge_anchor(
    anchor: Anchor, index: int, checkpoint: Checkpoint, policy: AnchorPolicy, check: ReceiptCheck
) -> AnchorFinding:
    """What `anchor` is worth for log entry `index` under `checkpoint`. Raises: ProofError when it is wrong."""
    if anchor.size <= index:
        raise ProofError(f"the anchored log of {anchor.size} entries does not hold entry {index}")
    _verify_same_log(anchor, checkpoint)
    anchored = Checkpoint(origin=checkpoint.origin, size=anchor.size, root=anchor.root)
    commitment = format_commitment(commitment_of(anchored))
    if isinstance(anchor.receipt, JournalReceipt):
        return _judge_line(anchor.receipt, commitment, policy)
    if isinstance(anchor.receipt, ChainReceipt) and not _is_pinned(anchor.receipt, policy):
        return AnchorFinding(receipt=anchor.receipt, standing=Standing.UNPINNED)
    attestation = check(anchor.receipt, commitment, policy)
    standing = Standing.CLAIMED if attestation is None else Standing.VERIFIED
    return AnchorFinding(receipt=anchor.receipt, standing=standing, attestation=attestation)


def anchoring_of(findings: tuple[AnchorFinding, ...], policy: AnchorPolicy) -> Anchoring:
    """Whether enough of the policy's anchors are verified and final; a journal never counts."""
    verified = {
        finding.attestation.by
        for finding in findings
        if finding.standing is Standing.VERIFIED and finding.attestation and _is_final(finding.receipt)
    }
    if policy.threshold and len(verified) >= policy.threshold:
        return Anchoring.ANCHORED
    worth = (Standing.VERIFIED, Standing.CLAIMED)
    claimed = any(finding.standing in worth for finding in findings)
    return Anchoring.CLAIMED if claimed else Anchoring.PENDING


def _verify_same_log(anchor: Anchor, checkpoint: Checkpoint) -> None:
    """The smaller of the two trees is a prefix of the larger."""
    (old_size, old_root), (size, root) = sorted(
        ((anchor.size, anchor.root), (checkpoint.size, checkpoint.root)), key=lambda tree: tree[0]
    )
    verify_consistency(old_size, old_root, size, root, anchor.consistency)


def _is_pinned(receipt: ChainReceipt, policy: AnchorPolicy) -> bool:
    """Whether the policy names the receipt's network. Raises: ProofError when it names it with another genesis."""
    for chain in policy.chains:
        if (chain.backend, chain.network) == (receipt.backend, receipt.network):
            if chain.genesis != receipt.genesis:
                raise ProofError(f"the receipt is of another network than the {chain.network} that is pinned")
            return True
    return False


def _judge_line(receipt: JournalReceipt, commitment: bytes, policy: AnchorPolicy) -> AnchorFinding:
    try:
        line = parse_line(receipt.line.encode())
        verify_line(line)
    except (InputError, SignatureError) as error:
        raise ProofError(f"the journal's line: {error}") from error
    if line.commitment != commitment:
        raise ProofError("the journal's line is about another checkpoint")
    if policy.journal is None:
        return AnchorFinding(receipt=receipt, standing=Standing.UNPINNED)
    if line.key != policy.journal:
        raise ProofError("the journal's line is signed by another key than the one that is pinned")
    attestation = Attestation(by="journal", at=line.at)
    return AnchorFinding(receipt=receipt, standing=Standing.SELF_ATTESTED, attestation=attestation)


def _is_final(receipt: Receipt) -> bool:
    return not isinstance(receipt, ChainReceipt) or receipt.state is Inclusion.FINALIZED
