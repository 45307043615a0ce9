"""The bytes that are put on a chain: a checkpoint in 89 bytes, the same on every chain.

docs/spec/log.md, section 7. No tag, scan or person is in them, only the hash of the log's name, its size and its root.
"""

from dataclasses import dataclass
from hashlib import sha256

from tagcore.checkpoint import MAX_TREE_SIZE, Checkpoint
from tagcore.errors import ProofError
from tagcore.merkle import HASH_BYTES

MAGIC = b"origintag/anchor"
VERSION = 1
COMMITMENT_BYTES = 89

_HEAD = MAGIC + bytes([VERSION])
_ORIGIN_END = len(_HEAD) + HASH_BYTES
_SIZE_END = _ORIGIN_END + 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """The SHA-256 of a log's origin, its size (0 to 2^63 - 1) and its root (32 bytes each)."""

    origin_hash: bytes
    size: int
    root: bytes


def commitment_of(checkpoint: Checkpoint) -> Commitment:
    """What is anchored of a checkpoint."""
    origin_hash = sha256(checkpoint.origin.encode()).digest()
    return Commitment(origin_hash=origin_hash, size=checkpoint.size, root=checkpoint.root)


def format_commitment(commitment: Commitment) -> bytes:
    """The 89 bytes: magic, version, origin's hash, size (big-endian), root.

    Raises: ValueError when a hash is not 32 bytes long; ProofError when the size is beyond 2^63 - 1.
    """
    data = _HEAD + commitment.origin_hash + commitment.size.to_bytes(8, "big") + commitment.root
    if parse_commitment(data) != commitment:
        raise ValueError("a hash is not 32 bytes long")
    return data


def parse_commitment(data: bytes) -> Commitment:
    """The inverse. Raises: ProofError for any other bytes."""
    if len(data) != COMMITMENT_BYTES or not data.startswith(_HEAD):
        raise ProofError(
            f"got {len(data)} bytes, want a commitment of version {VERSION} in {COMMITMENT_BYTES}"
        )
    size = int.from_bytes(data[_ORIGIN_END:_SIZE_END], "big")
    if size > MAX_TREE_SIZE:
        raise ProofError(f"got a log of {size} entries, want at most {MAX_TREE_SIZE}")
    return Commitment(origin_hash=data[len(_HEAD) : _ORIGIN_END], size=size, root=data[_SIZE_END:])
