"""A log's proof that an entry is in it, as one text: C2SP tlog-proof.

The entry's index, its inclusion proof, and the checkpoint with its signatures. The optional line `extra` is refused:
nothing here has a use for what nobody signed.
"""

import re
from dataclasses import dataclass

from tagcore.base64_text import format_base64, parse_base64
from tagcore.checkpoint import MAX_TREE_SIZE
from tagcore.errors import ProofError
from tagcore.merkle import HASH_BYTES

HEADER = "c2sp.org/tlog-proof@v1"
MAX_LOG_PROOF_BYTES = 65_536
MAX_PATH = 63
"""The height of the highest tree."""

_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogProof:
    """Entry `index` (from 0), its audit path from the leaf up (32 bytes each), the checkpoint's note as bytes."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes


def format_log_proof(proof: LogProof) -> bytes:
    """The text, in UTF-8."""
    path = "".join(f"{format_base64(node)}\n" for node in proof.path)
    return f"{HEADER}\nindex {proof.index}\n{path}\n".encode() + proof.checkpoint


def parse_log_proof(data: bytes) -> LogProof:
    """The inverse; nothing is verified, and the checkpoint is not looked into. Raises: ProofError."""
    if len(data) > MAX_LOG_PROOF_BYTES:
        raise ProofError(f"got a log proof of {len(data)} bytes, want at most {MAX_LOG_PROOF_BYTES}")
    head, blank, checkpoint = data.partition(b"\n\n")
    lines = head.decode("utf-8", "replace").split("\n")
    if not blank or lines[0] != HEADER:
        raise ProofError(f"want the line {HEADER} first, and an empty line before the checkpoint")
    index = _INDEX.fullmatch(lines[1]) if len(lines) > 1 else None
    if index is None or int(index[1]) >= MAX_TREE_SIZE:
        raise ProofError("the second line is not the entry's index")
    if len(lines) - 2 > MAX_PATH:
        raise ProofError(f"got {len(lines) - 2} hashes, want at most {MAX_PATH}")
    return LogProof(index=int(index[1]), path=tuple(map(_node, lines[2:])), checkpoint=checkpoint)


def _node(line: str) -> bytes:
    try:
        node = parse_base64(line)
    except ValueError as error:
        raise ProofError(f"a line of the log proof is {error}") from None
    if len(node) != HASH_BYTES:
        raise ProofError(f"got a hash of {len(node)} bytes, want {HASH_BYTES}")
    return node
