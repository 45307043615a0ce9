"""Whether the log stands where its operator says that it was anchored: on chains, and with time-stamping authorities.

The list of receipts below the log is only a list of places to look. What is found there has to be the commitment to a
tree that the log of now continues, and enough of the pinned anchors have to bear witness.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tagcore.anchoring import AnchorFinding, Anchoring, ReceiptCheck, anchoring_of, cannot_check, judge_anchor
from tagcore.canonical import Json, canonical_json
from tagcore.checkpoint import MAX_TREE_SIZE, Checkpoint
from tagcore.document import Members, parse_document
from tagcore.errors import DocumentError, ProofError
from tagcore.merkle import HASH_BYTES, consistency_proof
from tagcore.proof_file import MAX_ANCHORS, Anchor
from tagcore.receipts import backend_of, receipt_from_json, receipt_to_json
from tagserver.monitor.alarms import Alarm, Finding
from tagserver.monitor.heads import Head
from tagserver.monitor.tree import LogFiles, nodes_of

PATH = "anchors"
TYPE = "origintag-anchors"
VERSION = 1
MAX_LIST_BYTES = 1024 * 1024


def format_anchors(anchors: tuple[Anchor, ...]) -> bytes:
    """The list as the log's server hands it out; consistency proofs are left to whoever reads it."""
    items: list[Json] = [
        {"size": anchor.size, "root": anchor.root.hex(), "receipt": receipt_to_json(anchor.receipt)}
        for anchor in anchors
    ]
    return canonical_json({"type": TYPE, "version": VERSION, "anchors": items})


def parse_anchors(data: bytes) -> tuple[Anchor, ...]:
    """The inverse. Raises: DocumentError."""
    members = Members(parse_document(data, MAX_LIST_BYTES))
    members.constant("type", TYPE)
    members.constant("version", VERSION)
    anchors = tuple(map(_anchor, members.items("anchors", MAX_ANCHORS)))
    members.done()
    return anchors


def _anchor(value: Json) -> Anchor:
    members = Members(value)
    anchor = Anchor(
        size=members.integer("size", 1, MAX_TREE_SIZE),
        root=members.hex("root", HASH_BYTES),
        consistency=(),
        receipt=receipt_from_json(members.take("receipt")),
    )
    members.done()
    return anchor


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorWatch:
    """Asks about receipts with `check`; a log that has grown for longer than `age` without an anchor is behind."""

    check: ReceiptCheck = cannot_check
    age: timedelta = timedelta(days=1)

    def findings(self, files: LogFiles, head: Head, now: datetime) -> Iterator[Finding]:
        """What is wrong with the log's anchors; nothing is asked where the trust bundle asks for none.

        Raises: LogUnreachableError.
        """
        policy = head.log.anchors
        if not policy.threshold:
            return
        judged: list[tuple[int, AnchorFinding]] = []
        for anchor in _listed(files):
            try:
                judged += [(anchor.size, one) for one in _judge(files, head, anchor, self.check)]
            except ProofError as error:
                problem = f"{backend_of(anchor.receipt)} at {anchor.size} entries: {error}"
                yield Finding(alarm=Alarm.ANCHOR_WRONG, problem=problem)
        current = tuple(one for size, one in judged if self._is_current(size, one, head, now))
        if anchoring_of(current, policy) is not Anchoring.ANCHORED:
            yield Finding(alarm=Alarm.ANCHORS_MISSING, problem=_missing(judged, policy.threshold))

    def _is_current(self, size: int, found: AnchorFinding, head: Head, now: datetime) -> bool:
        seen = found.attestation
        return size == head.checkpoint.size or seen is None or now - seen.at <= self.age


def _listed(files: LogFiles) -> tuple[Anchor, ...]:
    """What the log's server lists; a list that cannot be read names no anchor."""
    data = files.find(PATH, fresh=True)
    try:
        return parse_anchors(data) if data is not None else ()
    except DocumentError:
        return ()


def _missing(judged: Sequence[tuple[int, AnchorFinding]], wanted: int) -> str:
    found = "; ".join(f"{backend_of(one.receipt)} at {size} entries, {one.standing}" for size, one in judged)
    return f"want {wanted} that are verified, final and recent; found: {found or 'none'}"


def _judge(files: LogFiles, head: Head, anchor: Anchor, check: ReceiptCheck) -> Iterator[AnchorFinding]:
    """Nothing for an anchor of a later tree than the one at hand: the next look will see it. Raises: ProofError."""
    now: Checkpoint = head.checkpoint
    if anchor.size > now.size:
        return
    path: tuple[bytes, ...] = ()
    if anchor.size < now.size:
        path = consistency_proof(anchor.size, now.size, nodes_of(files, now.size))
    whole = Anchor(size=anchor.size, root=anchor.root, consistency=path, receipt=anchor.receipt)
    yield judge_anchor(whole, 0, now, head.log.anchors, check)
