"""Checkpoints: the signed sentence of a log about itself: its name, its size, the root over all its entries.

C2SP tlog-checkpoint. The log signs with a key of its own, whose name is the log's origin.
"""

import re
from dataclasses import dataclass

from tagcore.base64_text import format_base64, parse_base64
from tagcore.errors import NoteError, ProofError, Step
from tagcore.keys import Signer
from tagcore.merkle import HASH_BYTES
from tagcore.note import Note, VerifierKey, parse_note, sign_note, verify_note

MAX_TREE_SIZE = 2**63 - 1
"""What readers with signed 64-bit integers can hold."""

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The log `origin` has `size` entries (0 to 2^63 - 1) under `root` (32 bytes); extension lines are opaque."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()


def format_checkpoint(checkpoint: Checkpoint) -> str:
    """The note text of `checkpoint`. Raises: ValueError when a value does not fit the form."""
    lines = (
        checkpoint.origin, str(checkpoint.size), format_base64(checkpoint.root), *checkpoint.extensions,
    )  # fmt: skip
    text = "".join(f"{line}\n" for line in lines)
    try:
        fits = parse_checkpoint(text) == checkpoint
    except NoteError as error:
        raise ValueError(str(error)) from error
    if not fits:
        raise ValueError("a line of the checkpoint holds a newline")
    return text


def parse_checkpoint(text: str) -> Checkpoint:
    """A checkpoint from a note's text. Raises: NoteError."""
    if not text.endswith("\n"):
        raise NoteError("the checkpoint's last line does not end")
    lines = text[:-1].split("\n")
    if len(lines) < 3 or not all(lines):
        raise NoteError("got fewer than three lines, or an empty one, want origin, size and root")
    origin, size, root, *extensions = lines
    if not _SIZE.fullmatch(size) or int(size) > MAX_TREE_SIZE:
        raise NoteError(f"got the size {size[:24]!r}, want 0 to {MAX_TREE_SIZE} without leading zeros")
    return Checkpoint(origin=origin, size=int(size), root=_root(root), extensions=tuple(extensions))


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> Note:
    """The checkpoint as a note with the log's own signature.

    Raises: ValueError when a value does not fit its form; NoteError when the origin is no key name.
    """
    text = format_checkpoint(checkpoint)
    return Note(text=text, signatures=(sign_note(text, checkpoint.origin, signer),))


def open_checkpoint(data: bytes, log: VerifierKey) -> tuple[Checkpoint, Note]:
    """The checkpoint in a note's bytes, signed by `log`, whose name is its origin.

    Raises: ProofError, step CHECKPOINT_SIGNATURE.
    """
    try:
        note = parse_note(data)
        checkpoint = parse_checkpoint(note.text)
        if checkpoint.origin != log.name:
            raise NoteError(f"got a checkpoint of {checkpoint.origin[:100]!r}, want one of {log.name!r}")
        verify_note(note, log)
    except NoteError as error:
        raise ProofError(str(error), step=Step.CHECKPOINT_SIGNATURE) from error
    return checkpoint, note


def _root(text: str) -> bytes:
    try:
        root = parse_base64(text)
    except ValueError as error:
        raise NoteError(f"the root is {error}") from None
    if len(root) != HASH_BYTES:
        raise NoteError(f"got a root of {len(root)} bytes, want {HASH_BYTES}")
    return root
