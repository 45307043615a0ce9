"""What a witness is sent, and what it answers: C2SP tlog-witness, add-checkpoint, without the network.

The log shows its checkpoint and a proof that nothing before was changed. The witness knows the newest checkpoint that
it cosigned of each log, and answers by a table of HTTP statuses.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from tagcore.base64_text import format_base64, parse_base64
from tagcore.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint
from tagcore.errors import NoteError, ProofError
from tagcore.merkle import HASH_BYTES, verify_consistency
from tagcore.note import Note, NoteSignature, VerifierKey, parse_note, parse_signature_line

MAX_SUBMISSION_BYTES = 1_000_000
MAX_PROOF_LINES = 63
SIZE_MEDIA_TYPE = "text/x.tlog.size"

_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})", re.ASCII)
_SIZE = re.compile(r"(0|[1-9][0-9]{0,18})\n", re.ASCII)


class Status(IntEnum):
    """The HTTP statuses of refusals."""

    BAD_REQUEST = 400
    FORBIDDEN = 403
    NOT_FOUND = 404
    CONFLICT = 409
    UNPROCESSABLE = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A checkpoint (a note's bytes) and the proof that the tree of `old_size` is a prefix of its tree."""

    old_size: int
    proof: tuple[bytes, ...]
    checkpoint: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The checkpoint may be cosigned, once it is on record."""

    checkpoint: Checkpoint
    note: Note


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """It may not. `size`: the newest size that was cosigned, for a log that should begin there."""

    status: Status
    why: str
    size: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a witness knows of a log: its key, and size and root of the newest checkpoint that it cosigned."""

    log: VerifierKey
    size: int
    root: bytes


def format_submission(submission: Submission) -> bytes:
    """The request's body."""
    lines = [f"old {submission.old_size}", *map(format_base64, submission.proof), ""]
    return "".join(f"{line}\n" for line in lines).encode() + submission.checkpoint


def parse_submission(body: bytes) -> Submission:
    """The inverse. Raises: NoteError."""
    if len(body) > MAX_SUBMISSION_BYTES:
        raise NoteError(f"got {len(body)} bytes, want at most {MAX_SUBMISSION_BYTES}")
    head, blank, checkpoint = body.partition(b"\n\n")
    old, *lines = head.decode("ascii", "replace").split("\n")
    found = _OLD.fullmatch(old)
    if found is None or not blank:
        raise NoteError("want `old` and a size, the lines of a proof, an empty line, and a checkpoint")
    if len(lines) > MAX_PROOF_LINES:
        raise NoteError(f"got {len(lines)} lines of proof, want at most {MAX_PROOF_LINES}")
    return Submission(old_size=int(found[1]), proof=tuple(map(_hash, lines)), checkpoint=checkpoint)


def judge(submission: Submission, find: Callable[[str], Known | None]) -> Accepted | Refused:
    """Whether a witness may cosign. `find` tells what it knows of the log with an origin.

    What is accepted has to be on record before it is cosigned, and nothing else may have come between.
    """
    try:
        origin = parse_checkpoint(parse_note(submission.checkpoint).text).origin
    except NoteError as error:
        return Refused(status=Status.BAD_REQUEST, why=str(error))
    known = find(origin)
    if known is None:
        return Refused(status=Status.NOT_FOUND, why="this log is not witnessed here")
    try:
        checkpoint, note = open_checkpoint(submission.checkpoint, known.log)
    except ProofError as error:
        return Refused(status=Status.FORBIDDEN, why=str(error))
    return _judge_growth(submission, known, checkpoint) or Accepted(checkpoint=checkpoint, note=note)


def _judge_growth(submission: Submission, known: Known, checkpoint: Checkpoint) -> Refused | None:
    old, size = submission.old_size, checkpoint.size
    if old > size:
        return Refused(status=Status.BAD_REQUEST, why=f"got the old size {old} of a tree of {size}")
    if old != known.size:
        return Refused(
            status=Status.CONFLICT, why=f"got the old size {old}, want {known.size}", size=known.size
        )
    if old == size and checkpoint.root != known.root:
        return Refused(status=Status.CONFLICT, why=f"two roots for the size {size}", size=known.size)
    try:
        verify_consistency(old, known.root, size, checkpoint.root, submission.proof)
    except ProofError as error:
        return Refused(status=Status.UNPROCESSABLE, why=str(error))
    return None


def parse_size(body: bytes) -> int:
    """The size that a witness tells with status 409. Raises: NoteError."""
    found = _SIZE.fullmatch(body.decode("ascii", "replace"))
    if found is None:
        raise NoteError(f"got {body[:40]!r}, want a size and a newline")
    return int(found[1])


def parse_answer(body: bytes) -> tuple[NoteSignature, ...]:
    """The signature lines of a witness's answer; none is verified yet. Raises: NoteError."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise NoteError("the answer is not UTF-8") from None
    if not text.endswith("\n"):
        raise NoteError("the answer's last line does not end")
    return tuple(parse_signature_line(line) for line in text[:-1].split("\n"))


def _hash(line: str) -> bytes:
    try:
        value = parse_base64(line)
    except ValueError as error:
        raise NoteError(f"a line of the proof is {error}") from None
    if len(value) != HASH_BYTES:
        raise NoteError(f"got a hash of {len(value)} bytes, want {HASH_BYTES}")
    return value
