"""An opened Ed25519 private key: it signs, and gives nothing else away."""

from __future__ import annotations

from typing import NoReturn

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from tagserver.keystore.seal import KEY_BYTES, Random
from tagserver.ports import KeyId


class OpenedKey:
    """Implements `tagserver.ports.SigningKey`. Cannot be pickled or copied."""

    __slots__ = ("_id", "_private", "_public")

    def __init__(self, key_id: KeyId, private: Ed25519PrivateKey) -> None:
        self._id = key_id
        self._private = private
        self._public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def id(self) -> KeyId:
        """The name it was made under."""
        return self._id

    @property
    def public_key(self) -> bytes:
        """32 raw bytes."""
        return self._public

    def sign(self, message: bytes) -> bytes:
        """RFC 8032: deterministic, 64 bytes."""
        return self._private.sign(message)

    def __repr__(self) -> str:
        return f"OpenedKey(id={self._id!r}, public_key={self._public.hex()})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a signing key cannot be pickled or copied")


def new_private_key(random: Random) -> Ed25519PrivateKey:
    """RFC 8032, 5.1.5: any 32 random bytes are a private key."""
    return Ed25519PrivateKey.from_private_bytes(random(KEY_BYTES))


def format_private_key(private: Ed25519PrivateKey) -> bytes:
    """PKCS#8 DER (RFC 8410, section 7), to be sealed at once."""
    return private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def parse_private_key(pkcs8: bytes) -> Ed25519PrivateKey:
    """The reverse. Raises ValueError without a byte of it."""
    private = load_der_private_key(pkcs8, password=None)
    if not isinstance(private, Ed25519PrivateKey):
        raise ValueError("got a private key of another kind, want Ed25519")
    return private
