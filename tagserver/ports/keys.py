"""Keys: the public record of an issuer's key, and the keystore that can sign with its private half."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType, Protocol

from tagcore.keys import KeyStatus, Signer
from tagcore.serials import SerialCipher
from tagserver.ports.parties import OrgId

KeyId = NewType("KeyId", str)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerKeyRecord:
    """The public half of an issuer's signing key: a `tagcore.keys.IssuerKey` with its owner.

    `slot` is the byte (0 to 255) that a tag carries, unique within the organisation for ever. Valid from
    `not_before` up to, not including, `not_after`. `public_key` is 32 raw Ed25519 bytes.
    """

    id: KeyId
    org_id: OrgId
    slot: int
    public_key: bytes
    not_before: datetime
    not_after: datetime
    status: KeyStatus
    revoked_at: datetime | None = None
    created_at: datetime


class IssuerKeys(Protocol):
    """Public key records; the private halves are never in the database."""

    def add(self, record: IssuerKeyRecord) -> None:
        """Raises AlreadyExistsError (id, public key or the organisation's slot), NotStoredError (the
        organisation).
        """
        ...

    def find(self, key_id: KeyId) -> IssuerKeyRecord | None: ...

    def of_organisation(self, org_id: OrgId) -> tuple[IssuerKeyRecord, ...]:
        """In order of slot."""
        ...

    def all(self) -> tuple[IssuerKeyRecord, ...]:
        """In order of organisation and slot."""
        ...

    def set_status(self, key_id: KeyId, status: KeyStatus, *, at: datetime) -> IssuerKeyRecord:
        """Revoking notes `at`, once; a revoked key stays revoked (StateConflictError). Raises
        NotStoredError.
        """
        ...


class KeyPurpose(StrEnum):
    """What a sealed key is for; a key made for one purpose cannot be opened for another."""

    ISSUER = "issuer"
    ROOT = "root"
    SERIAL = "serial"
    LOG = "log"
    WITNESS = "witness"
    CHAIN = "chain"
    JOURNAL = "journal"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedKey:
    """What a keystore tells of a key without opening it. `public_key` is None for a symmetric key."""

    id: KeyId
    purpose: KeyPurpose
    public_key: bytes | None
    created_at: datetime


class SigningKey(Signer, Protocol):
    """An opened Ed25519 key. Its repr is public, it cannot be pickled or copied, it never gives its bytes."""

    @property
    def id(self) -> KeyId: ...


class ChainKey(Protocol):
    """An opened secp256k1 key, which pays for anchors. As close-mouthed as a SigningKey."""

    @property
    def id(self) -> KeyId: ...

    @property
    def public_key(self) -> bytes:
        """65 bytes, uncompressed (SEC 1, 2.3.3)."""
        ...

    def sign_digest(self, digest: bytes) -> bytes:
        """Of 32 bytes: r, s in its low form, and 0 or 1 (65 bytes); deterministic (RFC 6979)."""
        ...


class Keystore(Protocol):
    """Private keys sealed under a passphrase. Every method raises KeystoreError and nothing secret with
    it.
    """

    def create_signing_key(self, key_id: KeyId, purpose: KeyPurpose, *, at: datetime) -> SigningKey:
        """Durable when it returns. `purpose` is one that signs with Ed25519: neither SERIAL nor CHAIN."""
        ...

    def signing_key(self, key_id: KeyId, purpose: KeyPurpose) -> SigningKey: ...

    def signing_key_of(self, public_key: bytes, purpose: KeyPurpose) -> SigningKey:
        """The key with this public half (32 bytes). KEY_MISSING when there is none."""
        ...

    def create_serial_key(self, key_id: KeyId, *, at: datetime) -> SerialCipher:
        """A cipher under a new random key. Durable when it returns."""
        ...

    def serial_cipher(self, key_id: KeyId) -> SerialCipher: ...

    def create_chain_key(self, key_id: KeyId, *, at: datetime) -> ChainKey:
        """Durable when it returns."""
        ...

    def chain_key(self, key_id: KeyId) -> ChainKey: ...

    def keys(self) -> tuple[SealedKey, ...]:
        """In order of id; needs no passphrase."""
        ...
