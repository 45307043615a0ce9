"""Signatures of Ethereum-style chains: whom a recoverable signature over secp256k1 is of, and the address of a key."""

from __future__ import annotations

from coincurve import PublicKey
from Crypto.Hash import keccak

SIGNATURE_BYTES = 65
"""r (32), s (32), and 0 or 1 for which of the two keys that fit is meant."""

_ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
"""SEC 2, 2.4.1: the order of the curve's group."""


def keccak_256(data: bytes) -> bytes:
    """Keccak as it was before SHA-3 changed its padding: the chains kept the former."""
    return keccak.new(data=data, digest_bits=256).digest()


def address_of(public_key: bytes) -> bytes:
    """20 bytes, of 65 uncompressed ones: the end of the hash of the point's coordinates."""
    return keccak_256(public_key[1:])[-20:]


def recover(signature: bytes, digest: bytes) -> bytes:
    """The public key, 65 bytes, that signed `digest` (32 bytes).

    Raises: ValueError for a signature that is malformed, or in its high form: a second signature that anybody can
    derive from the first, and that would give a transaction a second hash (EIP-2).
    """
    if len(signature) != SIGNATURE_BYTES or signature[64] > 1:
        raise ValueError(f"got a signature of {len(signature)} bytes, want r, s and 0 or 1")
    if int.from_bytes(signature[32:64], "big") > _ORDER // 2:
        raise ValueError("the signature is in its high form")
    try:
        return PublicKey.from_signature_and_message(signature, digest, hasher=None).format(compressed=False)
    except Exception as error:  # the library raises bare Exception
        raise ValueError("no key gives this signature") from error
