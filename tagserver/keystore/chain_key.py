"""An opened secp256k1 private key: it signs digests, and gives nothing else away.

Its library is asked for only when such a key is: a workspace without a chain has none.
"""

from __future__ import annotations

from typing import NoReturn

from tagserver.keystore.seal import KEY_BYTES, Random
from tagserver.ports import KeyId


class OpenedChainKey:
    """Implements `tagserver.ports.ChainKey`. Cannot be pickled or copied."""

    __slots__ = ("_id", "_private")

    def __init__(self, key_id: KeyId, secret: bytes) -> None:
        from coincurve import PrivateKey

        self._id = key_id
        self._private = PrivateKey(secret)

    @property
    def id(self) -> KeyId:
        """The name it was made under."""
        return self._id

    @property
    def public_key(self) -> bytes:
        """65 bytes, uncompressed."""
        return self._private.public_key.format(compressed=False)

    def sign_digest(self, digest: bytes) -> bytes:
        """65 bytes; the library makes the low form alone. Raises ValueError unless `digest` has 32 bytes."""
        return self._private.sign_recoverable(digest, hasher=None)

    def __repr__(self) -> str:
        return f"OpenedChainKey(id={self._id!r}, public_key={self.public_key.hex()})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a signing key cannot be pickled or copied")


def new_chain_secret(random: Random) -> bytes:
    """32 bytes that are a private key: all are but one in 2**128, which the library refuses."""
    return random(KEY_BYTES)
