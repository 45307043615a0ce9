"""A log's newest checkpoint: signed by a pinned key, no older than what was seen, cosigned by enough witnesses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tagcore.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint
from tagcore.cosignature import verify_witnesses
from tagcore.errors import ProofError
from tagcore.frontier import Frontier
from tagcore.log_trust import LogTrust
from tagcore.note import Note, VerifierKey, parse_note
from tagcore.trust import TrustBundle
from tagserver.monitor.alarms import Alarm, Finding
from tagserver.monitor.tree import LogFiles

PATIENCE_SECONDS = (2.0, 5.0)
"""Caches on the way may hold an older checkpoint for a moment, and witnesses take one to sign a new one. Only a
checkpoint that stays as it is is a log rolled back, or unwitnessed.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A checkpoint that its log signed: as bytes, as a note, as values, what is pinned of the log, and which of the
    pinned keys signed it (one at least).
    """

    data: bytes
    note: Note
    checkpoint: Checkpoint
    log: LogTrust
    signers: tuple[VerifierKey, ...]

    @property
    def text(self) -> str:
        """As evidence for others."""
        return self.data.decode()


def read_head(files: LogFiles, trust: TrustBundle, at_least: int, pause: Callable[[float], None]) -> Head:
    """The newest checkpoint; one of fewer than `at_least` entries, or unwitnessed, is asked for again a few times.

    Raises: ProofError, LogUnreachableError.
    """
    head = _open(files.read("checkpoint", fresh=True), trust)
    for seconds in PATIENCE_SECONDS:
        if head.checkpoint.size >= at_least and not any(witness_findings(head)):
            break
        pause(seconds)
        head = _open(files.read("checkpoint", fresh=True), trust)
    return head


def _open(data: bytes, trust: TrustBundle) -> Head:
    origin = parse_checkpoint(parse_note(data).text).origin
    log = trust.log(origin)
    if log is None:
        raise ProofError(f"the trust bundle names no log {origin[:100]!r}")
    problem = ProofError(f"the log {origin!r} has no key")
    opened: list[tuple[VerifierKey, Checkpoint, Note]] = []
    for key in log.keys:
        try:
            opened.append((key, *open_checkpoint(data, key)))
        except ProofError as error:
            problem = error
    if not opened:
        raise problem
    _, checkpoint, note = opened[0]
    signers = tuple(key for key, _, _ in opened)
    return Head(data=data, note=note, checkpoint=checkpoint, log=log, signers=signers)


def compare(head: Head, origin: str, seen: Frontier, checkpoint: bytes) -> Finding | None:
    """What is wrong with a head beside what was seen of the log before; growth itself is judged elsewhere."""
    new, evidence = head.checkpoint, (checkpoint.decode(), head.text)
    if new.origin != origin:
        problem = f"this is the log {new.origin!r}; followed so far was {origin!r}"
        return Finding(alarm=Alarm.CHECKPOINT_INVALID, problem=problem)
    if new.size < seen.size:
        problem = f"the log had {seen.size} entries and shows {new.size} now"
        return Finding(alarm=Alarm.LOG_ROLLED_BACK, problem=problem, evidence=evidence)
    if new.size == seen.size and new.root != seen.root:
        problem = f"the log signed two roots for {new.size} entries"
        return Finding(alarm=Alarm.LOG_FORKED, problem=problem, evidence=evidence)
    return None


def key_findings(head: Head, ended: Mapping[bytes, int]) -> Iterator[Finding]:
    """Whether a key signed that the log's own entries have not retired or revoked (`ended`: by which entry)."""
    if all(key.public_key in ended for key in head.signers):
        entry = max(ended[key.public_key] for key in head.signers)
        problem = f"the checkpoint is signed only with a key of the log that its entry {entry} ended"
        yield Finding(alarm=Alarm.CHECKPOINT_INVALID, problem=problem, evidence=(head.text,))


def witness_findings(head: Head) -> Iterator[Finding]:
    """Whether enough of the pinned witnesses cosigned; without a policy nothing is asked."""
    try:
        verify_witnesses(head.note, head.log.witnesses)
    except ProofError as error:
        yield Finding(alarm=Alarm.WITNESSES_MISSING, problem=str(error))
