"""Reed-Solomon codes of QR Code over GF(256), decoded with erasures: 7.5.2, Annex A and B.

With `parity` check symbols, any `errors` wrong symbols and `erased` symbols known to be doubtful are mended as long
as 2 * errors + erased <= parity. Decoding is exact: either the one codeword within that distance, or None.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_POLYNOMIAL = 0x11D


def _tables() -> tuple[list[int], list[int]]:
    exp, log, value = [0] * 512, [0] * 256, 1
    for power in range(255):
        exp[power] = exp[power + 255] = value
        log[value] = power
        value = value << 1 ^ (_POLYNOMIAL if value & 0x80 else 0)
    return exp, log


_EXP, _LOG = _tables()
_EXP_ARRAY, _LOG_ARRAY = np.array(_EXP, np.uint8), np.array(_LOG, np.int64)


def _multiply(a: int, b: int) -> int:
    return _EXP[_LOG[a] + _LOG[b]] if a and b else 0


def _divide(a: int, b: int) -> int:
    return _EXP[_LOG[a] - _LOG[b] + 255] if a else 0


def _product(p: Sequence[int], q: Sequence[int]) -> list[int]:
    """Of polynomials, lowest power first."""
    out = [0] * (len(p) + len(q) - 1)
    for i, a in enumerate(p):
        if a:
            for j, b in enumerate(q):
                if b:
                    out[i + j] ^= _EXP[_LOG[a] + _LOG[b]]
    return out


def _value(p: Sequence[int], x: int) -> int:
    total = 0
    for coefficient in reversed(p):
        total = _multiply(total, x) ^ coefficient
    return total


def parity_of(data: Sequence[int], parity: int) -> list[int]:
    """The `parity` check symbols of `data`, in the order in which they follow it."""
    generator = [1]
    for power in range(parity):
        generator = _product(generator, [_EXP[power], 1])
    rest = [0] * parity
    for symbol in data:
        factor = symbol ^ rest[0]
        rest = [*rest[1:], 0]
        if factor:
            for k in range(parity):
                rest[k] ^= _multiply(generator[parity - 1 - k], factor)
    return rest


def syndromes(word: Sequence[int] | NDArray[np.uint8], parity: int) -> list[int]:
    """`parity` values that are all zero when `word`, data then check symbols, is a codeword."""
    symbols = np.asarray(word, np.uint8)
    powers = np.arange(len(symbols) - 1, -1, -1)
    terms = _EXP_ARRAY[(_LOG_ARRAY[symbols][None, :] + np.arange(parity)[:, None] * powers[None, :]) % 255]
    terms[:, symbols == 0] = 0
    return [int(value) for value in np.bitwise_xor.reduce(terms, axis=1)]


def mend(word: Sequence[int], parity: int, erased: Sequence[int] = ()) -> list[int] | None:
    """The codeword nearest to `word`, or None when there is none within what `parity` allows.

    `erased` are distinct indices of symbols that count as unknown, whatever `word` has there.

    Raises: ValueError when `word` is longer than 255 or no longer than `parity`.
    """
    if not parity < len(word) <= 255:
        raise ValueError(f"got {len(word)} symbols, want more than {parity} and at most 255")
    if len(erased) > parity:
        return None
    found = syndromes(word, parity)
    if not any(found):
        return list(word)
    places = [len(word) - 1 - index for index in erased]
    locator = [1]
    for place in places:
        locator = _product(locator, [1, _EXP[place]])
    locator = _error_locator(found, locator, len(places))
    mended = _corrected(list(word), found, locator)
    if mended is None or any(syndromes(mended, parity)):
        return None
    return mended


def _error_locator(found: list[int], erasures: list[int], erased: int) -> list[int]:
    """Berlekamp and Massey's algorithm, begun with the locator of the erasures (Blahut)."""
    current, former, length = list(erasures), list(erasures), erased
    for step in range(erased, len(found)):
        former = [0, *former]
        delta = 0
        for k, coefficient in enumerate(current[: step + 1]):
            delta ^= _multiply(coefficient, found[step - k])
        if not delta:
            continue
        width = max(len(current), len(former))
        updated = [
            (current[k] if k < len(current) else 0) ^ (_multiply(delta, former[k]) if k < len(former) else 0)
            for k in range(width)
        ]
        if 2 * length <= step + erased:
            length = step + 1 + erased - length
            former = [_divide(coefficient, delta) for coefficient in current]
        current = updated
    while len(current) > 1 and current[-1] == 0:
        current.pop()
    return current


def _roots(locator: list[int], length: int) -> list[int]:
    """The places below `length` whose inverse is a root of `locator`."""
    coefficients = np.array(locator, np.uint8)
    powers = np.arange(length)[:, None] * np.arange(len(locator))[None, :]
    terms = _EXP_ARRAY[(_LOG_ARRAY[coefficients][None, :] - powers) % 255]
    terms[:, coefficients == 0] = 0
    return [int(place) for place in np.flatnonzero(np.bitwise_xor.reduce(terms, axis=1) == 0)]


def _corrected(word: list[int], found: list[int], locator: list[int]) -> list[int] | None:
    """Chien's search for the places, Forney's formula for the values."""
    degree = len(locator) - 1
    places = _roots(locator, len(word))
    if degree > len(found) or len(places) != degree:
        return None
    evaluator = _product(found, locator)[: len(found)]
    slope = [c if k % 2 == 0 else 0 for k, c in enumerate(locator[1:])]
    for place in places:
        inverse = _EXP[255 - place]
        divisor = _value(slope, inverse)
        if divisor == 0:
            return None
        # The first root of the generator is the zeroth power, hence the factor of the place itself.
        word[len(word) - 1 - place] ^= _multiply(_EXP[place], _divide(_value(evaluator, inverse), divisor))
    return word
