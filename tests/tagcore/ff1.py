"""FF1 as NIST SP 800-38G writes it, step by step and without any care for speed; only tests use it."""

from collections.abc import Sequence
from math import ceil, log2

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


def num(digits: Sequence[int], radix: int) -> int:
    """NUM_radix(X), algorithm 1."""
    value = 0
    for digit in digits:
        value = value * radix + digit
    return value


def str_m(value: int, radix: int, length: int) -> list[int]:
    """STR^m_radix(x), algorithm 3."""
    digits = [0] * length
    for place in range(length):
        digits[length - 1 - place] = value % radix
        value //= radix
    return digits


def aes(key: bytes, block: bytes) -> bytes:
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return encryptor.update(block) + encryptor.finalize()


def xor(a: bytes, b: bytes) -> bytes:
    return bytes(x ^ y for x, y in zip(a, b, strict=True))


def prf(key: bytes, data: bytes) -> bytes:
    """Algorithm 6."""
    result = bytes(16)
    for start in range(0, len(data), 16):
        result = aes(key, xor(result, data[start : start + 16]))
    return result


def encrypt(key: bytes, radix: int, tweak: bytes, text: Sequence[int]) -> list[int]:
    """FF1.Encrypt(K, T, X), algorithm 7."""
    n, t = len(text), len(tweak)
    u = n // 2  # 1
    v = n - u
    a, b_part = list(text[:u]), list(text[u:])  # 2
    b = ceil(ceil(v * log2(radix)) / 8)  # 3
    d = 4 * ceil(b / 4) + 4  # 4
    p = bytes([1, 2, 1]) + radix.to_bytes(3, "big") + bytes([10, u % 256])  # 5
    p += n.to_bytes(4, "big") + t.to_bytes(4, "big")
    for i in range(10):  # 6
        q = tweak + bytes((-t - b - 1) % 16) + bytes([i]) + num(b_part, radix).to_bytes(b, "big")
        r = prf(key, p + q)
        s = r
        for block in range(1, ceil(d / 16)):
            s += aes(key, xor(r, block.to_bytes(16, "big")))
        y = int.from_bytes(s[:d], "big")
        m = u if i % 2 == 0 else v
        c = (num(a, radix) + y) % radix**m
        a, b_part = b_part, str_m(c, radix, m)
    return a + b_part  # 7
