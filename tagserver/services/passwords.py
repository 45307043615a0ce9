"""Passwords: how they are hashed, and which ones are refused.

Argon2id (RFC 9106). A stored hash names its own parameters; one with others than today's is made anew when the
password is next at hand. No rules of composition and no expiry: NIST SP 800-63B, 3.1.1.2, advises against both.
"""

from __future__ import annotations

import unicodedata
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tagserver.services.access import RandomBytes
from tagserver.services.errors import AccessError, Refusal, ServiceError

SHORTEST = 12
"""Characters. NIST SP 800-63B asks for 8 beside a second factor and for 15 without; most accounts here are between."""

LONGEST = 200
"""Characters: NIST SP 800-63B asks that 64 be taken. More protects nothing and is work to hash."""

SALT_BYTES = 16
HASH_BYTES = 32

AT_ONCE = 2
"""Hashes at work at the same time: a flood of log-ins takes 128 MiB and waits, instead of taking the machine."""

MIN_OWN_NAME = 4
MIN_BESIDE_NAME = 8
"""Names shorter than the first are in too many words; with a name in it, a password has this much besides."""

LONGEST_REPEATED = 4
"""A password that repeats so many characters or fewer is a short password."""

COMMON = frozenset(
    (
        "123456789012",
        "1234567890123",
        "12345678901234",
        "123456789012345",
        "1234567890qwerty",
        "123456789abc",
        "0123456789ab",
        "012345678901",
        "098765432109",
        "987654321098",
        "1q2w3e4r5t6y",
        "1q2w3e4r5t6y7u8i",
        "1qaz2wsx3edc",
        "1qaz2wsx3edc4rfv",
        "qwertyuiopas",
        "qwertyuiop12",
        "qwertyuiop123",
        "qwertyuiop[]",
        "qwerty123456",
        "qwerty1234567890",
        "asdfghjkl123",
        "zxcvbnm12345",
        "abcdefghijkl",
        "abcdefghijklmnopqrstuvwxyz",
        "abcd12345678",
        "abc123456789",
        "password1234",
        "password12345",
        "password123456",
        "password1234!",
        "passwordpassword",
        "mypassword123",
        "changeme1234",
        "changemenow1",
        "letmein12345",
        "welcome12345",
        "welcome123456",
        "administrator",
        "administrator1",
        "admin1234567",
        "adminadmin123",
        "iloveyou1234",
        "iloveyou5201314",
        "woaini1314520",
        "woaini5201314",
        "woaini123456",
        "5201314520131",
        "a123456789012",
        "aa1234567890",
        "sunshine1234",
        "correcthorsebatterystaple",
        "origintag1234",
    )
)
"""Passwords of 12 characters or more that guessers try first: keyboard walks, counting, and the words that head
published lists of leaked passwords. Throttled log-ins leave nobody the tries for a longer list.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Argon2Cost:
    """Argon2id's parameters: passes over the memory, KiB of memory, and lanes."""

    passes: int
    memory_kib: int
    lanes: int


DEFAULT_COST = Argon2Cost(passes=3, memory_kib=64 * 1024, lanes=4)
"""RFC 9106, section 4, the second recommended option, for where 2 GiB a log-in are too much. The OWASP Password
Storage Cheat Sheet asks for at least 19 MiB, 2 passes, 1 lane.
"""


class Passwords:
    """Hashes passwords, and compares them with stored hashes."""

    def __init__(self, *, random_bytes: RandomBytes, cost: Argon2Cost = DEFAULT_COST) -> None:
        self._random_bytes = random_bytes
        self._hasher = PasswordHasher(
            time_cost=cost.passes,
            memory_cost=cost.memory_kib,
            parallelism=cost.lanes,
            hash_len=HASH_BYTES,
            salt_len=SALT_BYTES,
        )
        self._nobodys = _hash_of_nothing(cost)
        self._turns = BoundedSemaphore(AT_ONCE)

    def hash(self, password: str) -> str:
        """Argon2's own text for it, under a new salt."""
        with self._turns:
            return self._hasher.hash(_bytes_of(password), salt=self._random_bytes(SALT_BYTES))

    def verify(self, stored: str | None, password: str) -> None:
        """Raises: AccessError LOGIN_REFUSED. Without a stored hash it takes as long, and refuses everything."""
        # Whoever sends more than a person can choose learns nothing from how long it takes.
        given = _bytes_of(password if len(password) <= 4 * LONGEST else "")
        try:
            with self._turns:
                self._hasher.verify(stored or self._nobodys, given)
        except (VerificationError, InvalidHashError):
            raise login_refused() from None

    def is_outdated(self, stored: str) -> bool:
        """Whether it was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)


def login_refused(field: str | None = None) -> AccessError:
    """The one answer to a wrong name, a wrong password and an account that is not open."""
    return AccessError(Refusal.LOGIN_REFUSED, "the name or the password is wrong", field=field)


def check_password(password: str, own_names: Iterable[str]) -> None:
    """Raises: ServiceError PASSWORD_LENGTH, PASSWORD_COMMON, or PASSWORD_OWN_NAME when it is little but such a name."""
    text = unicodedata.normalize("NFC", password)
    if not SHORTEST <= len(text) <= LONGEST:
        raise _weak(Refusal.PASSWORD_LENGTH, f"want {SHORTEST} to {LONGEST} characters")
    folded = text.casefold()
    if folded in COMMON or _repeats(folded):
        raise _weak(Refusal.PASSWORD_COMMON, "this is one of the first that anybody would try")
    beside = folded
    for name in sorted(_words(own_names), key=len, reverse=True):
        beside = beside.replace(name, "")
    if beside != folded and len(beside) < MIN_BESIDE_NAME:
        raise _weak(Refusal.PASSWORD_OWN_NAME, "this is little more than the account's own name")


def _words(own_names: Iterable[str]) -> set[str]:
    """The names and their parts: of `ada.li@example.com` all of it, `ada.li` and `example.com`."""
    folded = [unicodedata.normalize("NFC", name).casefold() for name in own_names]
    parts = [part for name in folded for part in (name, *name.split("@"), *name.split())]
    return {part for part in parts if len(part) >= MIN_OWN_NAME}


def _repeats(text: str) -> bool:
    return any(text == (text[:n] * len(text))[: len(text)] for n in range(1, LONGEST_REPEATED + 1))


def _weak(code: Refusal, problem: str) -> ServiceError:
    return ServiceError(code, f"password: {problem}", field="password")


def _bytes_of(password: str) -> bytes:
    """RFC 8265, 4.2: NFC, then UTF-8; halves of surrogate pairs, which no keyboard makes, are kept apart."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def _hash_of_nothing(cost: Argon2Cost) -> str:
    """What has the form of a hash with these parameters, and is the hash of no password that anyone could find."""
    salt, digest = (b64encode(bytes(size)).rstrip(b"=").decode() for size in (SALT_BYTES, HASH_BYTES))
    return f"$argon2id$v=19$m={cost.memory_kib},t={cost.passes},p={cost.lanes}${salt}${digest}"
