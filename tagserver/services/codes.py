"""Codes that prove a second factor: time-based ones (RFC 6238) and recovery codes, each good once.

TOTP as every authenticator knows it: HMAC-SHA-1, six digits, steps of 30 seconds, a secret of 160 bits. The secret
is sealed with AES-256-GCM under HKDF-SHA256 of the setting `secret`, bound to its account. Recovery codes have
80 random bits, so one SHA-256 over account and code is enough to store.
"""

from __future__ import annotations

import hmac
import unicodedata
from base64 import b32encode
from datetime import datetime
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pyotp import TOTP

from tagserver.config import Secret
from tagserver.ports import (
    AccountId,
    NotStoredError,
    SecondFactor,
    StateConflictError,
    Transaction,
)
from tagserver.services.access import RandomBytes
from tagserver.services.errors import AccessError, Refusal

SECRET_BYTES = 20
"""RFC 4226, section 4, R6: 160 bits are recommended."""

STEP_SECONDS = 30
DIGITS = 6
WINDOW_STEPS = 1
"""RFC 6238, section 5.2: one step for a clock that is off, and for whoever types slowly."""

RECOVERY_CODES = 10
RECOVERY_BYTES = 10
RECOVERY_CHARS = 16
_CROCKFORD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHJKMNPQRSTVWXYZ")
_MISREAD = str.maketrans("OIL", "011")

LONGEST_CODE = 64
NONCE_BYTES = 12
KEY_BYTES = 32
SEALING_CONTEXT = b"origintag/totp/v1"


class Codes:
    """Makes and checks codes. `issuer` is the name that an authenticator shows."""

    def __init__(self, *, secret: Secret, random_bytes: RandomBytes, issuer: str) -> None:
        self._secret = secret
        self._random_bytes = random_bytes
        self._issuer = issuer

    def new_secret(self) -> str:
        """In base 32, as authenticators take it."""
        return b32encode(self._random_bytes(SECRET_BYTES)).decode()

    def uri(self, secret: str, login: str) -> str:
        """What the QR symbol for the authenticator says: otpauth://totp/…"""
        return TOTP(secret, digits=DIGITS, interval=STEP_SECONDS).provisioning_uri(
            name=login, issuer_name=self._issuer
        )

    def seal(self, secret: str, account_id: AccountId) -> bytes:
        """Nonce, ciphertext and tag."""
        nonce = self._random_bytes(NONCE_BYTES)
        return nonce + self._cipher().encrypt(nonce, secret.encode("ascii"), account_id.encode())

    def step_of(self, code: str, factor: SecondFactor, now: datetime) -> int:
        """The time step that `code` belongs to. Raises: AccessError CODE_REFUSED.

        Also when the secret cannot be opened, because the setting `secret` was changed: recovery codes remain.
        """
        totp = TOTP(self._open(factor), digits=DIGITS, interval=STEP_SECONDS)
        step, given = int(now.timestamp()) // STEP_SECONDS, tidy(code)
        near = range(step - WINDOW_STEPS, step + WINDOW_STEPS + 1)
        found = [one for one in near if hmac.compare_digest(totp.generate_otp(one).encode(), given.encode())]
        if not found:
            raise code_refused()
        return found[0]

    def new_recovery(self) -> tuple[str, ...]:
        """Ten codes such as 7Q2K-M0ZD-41XR-C9TB."""
        texts = (
            b32encode(self._random_bytes(RECOVERY_BYTES)).decode().translate(_CROCKFORD)
            for _ in range(RECOVERY_CODES)
        )
        return tuple("-".join(text[at : at + 4] for at in range(0, RECOVERY_CHARS, 4)) for text in texts)

    def spend(self, transaction: Transaction, account_id: AccountId, code: str, now: datetime) -> str:
        """Use up a code of either kind, and tell which: `totp` or `recovery`. Raises: AccessError CODE_REFUSED."""
        factor = transaction.second_factors.find(account_id)
        if factor is None or factor.enabled_at is None:
            raise code_refused()
        try:
            if len(tidy(code)) == RECOVERY_CHARS:
                transaction.second_factors.use_recovery(account_id, recovery_hash(account_id, code))
                return "recovery"
            transaction.second_factors.use_step(account_id, self.step_of(code, factor, now))
        except (NotStoredError, StateConflictError):
            raise code_refused() from None
        return "totp"

    def _open(self, factor: SecondFactor) -> str:
        nonce, ciphertext = factor.sealed[:NONCE_BYTES], factor.sealed[NONCE_BYTES:]
        try:
            return self._cipher().decrypt(nonce, ciphertext, factor.account_id.encode()).decode("ascii")
        except InvalidTag:
            raise code_refused() from None

    def _cipher(self) -> AESGCM:
        hkdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=SEALING_CONTEXT)
        return AESGCM(hkdf.derive(self._secret.reveal().encode()))


def tidy(code: str) -> str:
    """Without what people and keyboards add: spaces, dashes, full-width digits, small letters."""
    text = unicodedata.normalize("NFKC", code[:LONGEST_CODE]).upper()
    return "".join(character for character in text if character.isascii() and character.isalnum())


def recovery_hash(account_id: AccountId, code: str) -> bytes:
    """What is stored of a recovery code (32 bytes). Letters that look like digits are read as those."""
    return sha256(f"{account_id}/{tidy(code).translate(_MISREAD)}".encode()).digest()


def code_refused() -> AccessError:
    """The one answer to a wrong code and to one that was used."""
    return AccessError(Refusal.CODE_REFUSED, "the code is wrong, or was used before", field="code")
