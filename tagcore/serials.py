"""Generated serials: a keyed permutation of (batch number, index) written in Crockford's base 32.

The permutation is FF1 of NIST SP 800-38G (radix 2, n = 64, empty tweak) over AES-256, so a serial is
unguessable without the key, needs no table, and a mistyped one decodes to a batch that does not exist.
The 64 bits are 13 characters, most significant first; the first is 0-F.
"""

import re

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from numpy.typing import NDArray

from tagcore.errors import SerialError

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U."""

SERIAL_LENGTH = 13
KEY_BYTES = 32
MAX_BATCH = 2**32 - 1
MAX_INDEX = 2**32 - 1

_GENERATED = re.compile(f"[0-9A-F][{ALPHABET}]{{12}}")
_VALUE = {character: value for value, character in enumerate(ALPHABET)}
_LOOK_ALIKES = str.maketrans("OILoil", "011011", " -")
_ALPHABET_BYTES = np.frombuffer(ALPHABET.encode("ascii"), dtype=np.uint8)
_SHIFTS = np.arange(60, -1, -5, dtype=np.uint64)

_HALF = 2**32 - 1
_ROUNDS = 10  # SP 800-38G, algorithm 7
# SP 800-38G, algorithm 7, step 5: P for radix 2, u = 32, n = 64, t = 0.
_P = bytes([1, 2, 1, 0, 0, 2, 10, 32]) + (64).to_bytes(4, "big") + (0).to_bytes(4, "big")

Words = NDArray[np.uint32]


def is_generated(serial: str) -> bool:
    """Whether `serial` has the form of a generated one; a producer's own may have it too."""
    return _GENERATED.fullmatch(serial) is not None


def serial_to_int(serial: str) -> int:
    """The 64 bits of a serial of generated form. Raises: SerialError when it has another form."""
    if not is_generated(serial):
        raise SerialError(f"got {serial[:24]!r}, want 13 characters of Crockford base 32, the first 0-F")
    value = 0
    for character in serial:
        value = value << 5 | _VALUE[character]
    return value


def int_to_serial(value: int) -> str:
    """The 13 characters for 64 bits. Raises: ValueError outside 0 to 2^64 - 1."""
    if not 0 <= value < 2**64:
        raise ValueError(f"got {value}, want 64 bits")
    return "".join([ALPHABET[value >> shift & 31] for shift in range(60, -1, -5)])


def normalise_typed(text: str) -> str:
    """What a person typed, as a generated serial would be printed: upper case, O for 0 and I, L for 1 mended.

    Text that does not become a serial of generated form comes back as typed, without outer spaces: a producer's
    own serials tell upper from lower case.
    """
    mended = text.translate(_LOOK_ALIKES).upper()
    return mended if is_generated(mended) else text.strip()


class SerialCipher:
    """The keyed permutation. `key` is 32 secret bytes; it is kept out of `repr`."""

    __slots__ = ("_aes", "_first_block", "_first_number")

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"got a serial key of {len(key)} bytes, want {KEY_BYTES}")
        # ECB is the bare block cipher, which FF1 builds its own pseudo-random function from.
        self._aes = Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305
        first = self._encrypt_blocks(_P)
        self._first_block = np.frombuffer(first, dtype=np.uint8)
        self._first_number = int.from_bytes(first, "big")

    def __repr__(self) -> str:
        return "SerialCipher(***)"

    def encrypt(self, batch: int, index: int) -> str:
        """The serial of tag `index` (0 to 2^32 - 1) of `batch` (0 to 2^32 - 1). Raises: ValueError outside that."""
        if not 0 <= index <= MAX_INDEX:
            raise ValueError(f"got index {index}, want 0 to {MAX_INDEX}")
        return self.encrypt_many(batch, np.array([index], dtype=np.uint64))[0]

    def encrypt_many(self, batch: int, indices: NDArray[np.uint64]) -> list[str]:
        """The serials of many tags of one batch, in the order of `indices` (shape (n,)).

        Raises: ValueError when `batch` or an index is outside 0 to 2^32 - 1.
        """
        if not 0 <= batch <= MAX_BATCH:
            raise ValueError(f"got batch {batch}, want 0 to {MAX_BATCH}")
        if indices.size and int(indices.max()) > MAX_INDEX:
            raise ValueError(f"got index {int(indices.max())}, want at most {MAX_INDEX}")
        left: Words = np.full(indices.shape, batch, dtype=np.uint32)
        right = indices.astype(np.uint32)
        for number in range(_ROUNDS):
            left, right = right, left + self._round(number, right)
        values = left.astype(np.uint64) << np.uint64(32) | right.astype(np.uint64)
        letters = _ALPHABET_BYTES[(values[:, None] >> _SHIFTS & np.uint64(31)).astype(np.intp)]
        text = letters.tobytes().decode("ascii")
        return [text[start : start + SERIAL_LENGTH] for start in range(0, len(text), SERIAL_LENGTH)]

    def decrypt(self, serial: str) -> tuple[int, int]:
        """(batch, index) of a serial; any 64 bits decrypt to some pair, so the caller checks that it exists.

        One at a time, and so in plain integers: numpy takes longer to begin than all ten rounds.
        Raises: SerialError when it is not of generated form.
        """
        value = serial_to_int(serial)
        left, right = value >> 32, value & _HALF
        encryptor = self._aes.encryptor()
        for number in reversed(range(_ROUNDS)):
            block = self._first_number ^ (number << 32 | left)
            output = encryptor.update(block.to_bytes(16, "big"))
            left, right = (right - int.from_bytes(output[4:8], "big")) & _HALF, left
        return left, right

    def _round(self, number: int, half: Words) -> Words:
        """Steps 6.i to 6.vi: the low 32 bits of S for each B in `half` (uint32 wraps, which is mod 2^m)."""
        blocks = np.zeros((half.size, 16), dtype=np.uint8)
        blocks[:, 11] = number
        blocks[:, 12:] = half.astype(">u4")[:, None].view(np.uint8)
        blocks ^= self._first_block
        output = np.frombuffer(self._encrypt_blocks(blocks.tobytes()), dtype=">u4").reshape(-1, 4)
        return output[:, 1].astype(np.uint32)

    def _encrypt_blocks(self, data: bytes) -> bytes:
        encryptor = self._aes.encryptor()
        return encryptor.update(data) + encryptor.finalize()
