"""How a keystore's secrets are sealed.

1. A key comes from the passphrase by scrypt (RFC 7914), with a salt of the keystore's own. That takes 128
MiB and a good third of a second on purpose; a process does it once and keeps what comes of it.
2. It opens the keystore's master key, 32 random bytes sealed as in 4: so a new passphrase means one new file.
3. Each key file has a salt of its own; its sealing key is HKDF-SHA256 (RFC 5869) of the master key with that
salt. 4. A secret is sealed with AES-256-GCM (NIST SP 800-38D) under a random nonce. The associated data are
the file's other fields as canonical JSON, so none of them can be changed, nor a secret be moved to another
file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from tagcore.canonical import Json, canonical_json

KEY_BYTES = 32
SALT_BYTES = 32
NONCE_BYTES = 12
SEALING_CONTEXT = b"origintag/keystore/v1"

Random = Callable[[int], bytes]
"""A cryptographic source: the number of bytes asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScryptCost:
    """scrypt's parameters: `n` a power of two; it needs 128 * n * r bytes of memory.

    Raises ValueError outside n 2**10 to 2**20, r 1 to 16, p 1 to 16: a changed file must not exhaust the
    machine.
    """

    n: int
    r: int
    p: int

    def __post_init__(self) -> None:
        if not (2**10 <= self.n <= 2**20 and self.n & (self.n - 1) == 0):
            raise ValueError(f"got scrypt n {self.n}, want a power of two from 2**10 to 2**20")
        if not (1 <= self.r <= 16 and 1 <= self.p <= 16):
            raise ValueError(f"got scrypt r {self.r} and p {self.p}, want 1 to 16 of both")


DEFAULT_COST = ScryptCost(n=2**17, r=8, p=1)
"""OWASP Password Storage Cheat Sheet, scrypt: the first of its equivalent settings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A sealed secret: salt (32 bytes), nonce (12), and the ciphertext with its 16-byte tag."""

    salt: bytes
    nonce: bytes
    ciphertext: bytes


class SealingKey:
    """A key that opens and seals others. Shows nothing of itself, and refuses to be pickled or copied."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        self._key = key

    @classmethod
    def from_passphrase(cls, passphrase: str, salt: bytes, cost: ScryptCost) -> SealingKey:
        """Step 1. The passphrase is taken as UTF-8, as it is."""
        scrypt = Scrypt(salt=salt, length=KEY_BYTES, n=cost.n, r=cost.r, p=cost.p)
        return cls(scrypt.derive(passphrase.encode()))

    def seal(self, secret: bytes, bound: dict[str, Json], random: Random) -> Sealed:
        """Steps 3 and 4; `bound` are the fields that go with the secret."""
        salt, nonce = random(SALT_BYTES), random(NONCE_BYTES)
        ciphertext = self._cipher(salt).encrypt(nonce, secret, canonical_json(bound))
        return Sealed(salt=salt, nonce=nonce, ciphertext=ciphertext)

    def open(self, sealed: Sealed, bound: dict[str, Json]) -> bytes | None:
        """The secret; None when another key sealed it, or anything was changed."""
        try:
            return self._cipher(sealed.salt).decrypt(sealed.nonce, sealed.ciphertext, canonical_json(bound))
        except InvalidTag:
            return None

    def _cipher(self, salt: bytes) -> AESGCM:
        return AESGCM(
            HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=SEALING_CONTEXT).derive(self._key)
        )

    def __repr__(self) -> str:
        return "SealingKey(***)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a sealing key cannot be pickled or copied")
