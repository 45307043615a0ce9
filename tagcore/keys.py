"""Issuers' keys: slots, validity windows, status; signing and verifying with Ed25519.

RFC 8032, strict: OpenSSL refuses a signature whose S is not reduced. A private key never shows its bytes.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tagcore.errors import SignatureError

PUBLIC_KEY_BYTES = 32


class KeyStatus(StrEnum):
    """What a key may still do. Labels outlive keys: a retired key's signatures stay good, a revoked key's do not."""

    ACTIVE = "active"
    RETIRED = "retired"
    REVOKED = "revoked"


class Signer(Protocol):
    """Something that holds a private key and signs with it; it never hands the key out."""

    @property
    def public_key(self) -> bytes:
        """The Ed25519 public key, 32 bytes."""

    def sign(self, message: bytes) -> bytes:
        """The Ed25519 signature of `message`, 64 bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerKey:
    """One public key of an issuer: its slot (0-255), 32 bytes, and when it may sign (`not_after` exclusive, aware)."""

    slot: int
    public_key: bytes
    not_before: datetime
    not_after: datetime
    status: KeyStatus = KeyStatus.ACTIVE
    revoked_at: datetime | None = None

    def may_sign(self, moment: datetime) -> bool:
        """Whether a tag may be signed with this key at `moment`."""
        return self.status is KeyStatus.ACTIVE and self.covers(moment)

    def covers(self, moment: datetime) -> bool:
        """Whether `moment` lies in the validity window, whatever the status is now."""
        return self.not_before <= moment < self.not_after


def fingerprint(public_key: bytes) -> str:
    """A short name for a public key: the first 16 hex digits of its SHA-256."""
    return sha256(public_key).hexdigest()[:16]


def verify_signature(public_key: bytes, signature: bytes, message: bytes) -> None:
    """Check an Ed25519 signature.

    Raises: SignatureError when it is wrong; ValueError when `public_key` is not 32 bytes.
    """
    try:
        _load(public_key).verify(signature, message)
    except InvalidSignature:
        raise SignatureError("the signature does not fit the key and the signed bytes") from None


@lru_cache(maxsize=4096)
def _load(public_key: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(public_key)
