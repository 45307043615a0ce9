"""A proof file for people and programs: its nine steps, what each found, and where it broke off."""

from collections.abc import Iterator
from typing import assert_never

from rich.console import Console
from rich.text import Text

from scanner.proof import ProofAnswer
from scanner.report import Row, visible
from tagcore.anchoring import AnchorFinding, Standing
from tagcore.errors import Step
from tagcore.moment import format_moment
from tagcore.proof import ProvenTag
from tagcore.receipts import ChainReceipt, JournalReceipt, Receipt, TimestampReceipt, backend_of

_HOLDS, _FAILS, _OPEN = ("✔", "green"), ("✖", "bold red"), ("·", "dim")


def show_proof(console: Console, answer: ProofAnswer) -> None:
    """Each step on a line: what it found, where it failed, or that it was not reached."""
    console.print(Text("    Proof:"))
    for number, (step, (sign, style), words) in enumerate(_steps(answer), 1):
        console.print(Text.assemble(f"    {number} ", (sign, style), f" {step.value}: {visible(words)}"))
    if answer.proven is not None:
        for finding in answer.proven.anchors:
            console.print(Text(f"        {visible(anchor_words(finding))}"))


def row_of_proof(name: str, answer: ProofAnswer) -> Row:
    """The proof as JSON, beside the verdict."""
    step = answer.problem.step.value if answer.problem and answer.problem.step else None
    row: Row = {"file": name, "holds": answer.problem is None, "step": step}
    row["problem"] = str(answer.problem) if answer.problem else None
    return {"proof": row | (_facts(answer.proven) if answer.proven else {})}


def anchor_words(finding: AnchorFinding) -> str:
    """One receipt in a line: where, and what it is worth here."""
    attestation = finding.attestation
    when = f" at {format_moment(attestation.at)}" if attestation else ""
    return f"{_place(finding.receipt)}: {finding.standing}{when}"


def _steps(answer: ProofAnswer) -> Iterator[tuple[Step, tuple[str, str], str]]:
    found = dict(_words(answer.proven)) if answer.proven else {}
    failed = answer.problem.step if answer.problem else None
    is_past = False
    for step in Step:
        if step is failed:
            yield step, _FAILS, str(answer.problem)
            is_past = True
        elif is_past:
            yield step, _OPEN, "not reached"
        else:
            yield step, _HOLDS, found.get(step, "holds")


def _words(proven: ProvenTag) -> Iterator[tuple[Step, str]]:
    manifest, checkpoint = proven.manifest, proven.checkpoint
    slot = proven.tag.identity.slot
    yield Step.TAG_SIGNATURE, f"signed by {proven.issuer}, key {slot}"
    yield (
        Step.BATCH_INCLUSION,
        f"index {proven.index} of the {manifest.count} tags of batch {manifest.number}",
    )
    yield (
        Step.MANIFEST_SIGNATURE,
        f"{proven.issuer} says it was issued at {format_moment(manifest.issued_at)}",
    )
    yield Step.LOG_INCLUSION, f"entry {proven.log_index} of {checkpoint.size}"
    yield Step.CHECKPOINT_SIGNATURE, f"signed by {checkpoint.origin}"
    names = ", ".join(witness.name for witness in proven.witnesses)
    yield Step.WITNESSES, f"cosigned by {names}" if proven.is_witnessed else "unwitnessed: none is asked for"
    yield Step.ANCHORS, f"{proven.anchoring}; of {len(proven.anchors)} none is wrong"


def _place(receipt: Receipt) -> str:
    match receipt:
        case ChainReceipt():
            return f"{receipt.backend} {receipt.network}, block {receipt.number}, {receipt.state}"
        case TimestampReceipt():
            return "time-stamping authority"
        case JournalReceipt():
            return "the operator's journal"
        case _ as never:
            assert_never(never)


def _facts(proven: ProvenTag) -> Row:
    checkpoint = proven.checkpoint
    return {
        "batch": proven.manifest.number,
        "issued": format_moment(proven.manifest.issued_at),
        "log": {"origin": checkpoint.origin, "size": checkpoint.size, "index": proven.log_index},
        "witnesses": [witness.name for witness in proven.witnesses],
        "is_witnessed": proven.is_witnessed,
        "anchoring": proven.anchoring.value,
        "anchors": [_anchor(finding) for finding in proven.anchors],
    }


def _anchor(finding: AnchorFinding) -> Row:
    receipt, attestation = finding.receipt, finding.attestation
    row: Row = {"backend": backend_of(receipt).value, "standing": Standing(finding.standing).name.lower()}
    if isinstance(receipt, ChainReceipt):
        row |= {"network": receipt.network, "block": receipt.number, "time": format_moment(receipt.time)}
    return row | {"attested_at": format_moment(attestation.at) if attestation else None}
