"""From doubtful modules to sure codewords, with erasures, and back to the modules of the mended symbol.

What is least certain is erased first (generalised minimum distance decoding, Forney 1966): as many doubtful
codewords can be mended as there are check symbols, but only half as many wrong ones.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import comb, log2

import numpy as np
from numpy.typing import NDArray

from scanner.decode.qr.blocks import Block, blocks_of
from scanner.decode.qr.format_info import Level, format_bits, format_places, version_bits, version_places
from scanner.decode.qr.layout import layout_of, version_of
from scanner.decode.qr.reed_solomon import mend

_ERASED_SHARES = (0.0, 0.2, 0.4, 0.55, 0.7, 0.85)
"""Parts of the check symbols that are spent on erasures, one try after the other."""

CERTAIN_BITS = 20.0
"""A block whose mending could be chance with more than 2 ** -20 is not believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A mended symbol."""

    codewords: NDArray[np.uint8]
    """In the order of the symbol, data and check symbols, all right."""
    bits_of_proof: float
    """Minus the binary logarithm of the chance that random modules would have been mended to something: of the
    weakest block."""
    errors: int
    """Codewords that were wrong though they were not erased."""
    erased: int
    """Codewords that were taken as unknown."""


@lru_cache(maxsize=320)
def mask_of(version: int, mask: int) -> NDArray[np.bool_]:
    """Shape (side, side): data modules that mask 0 to 7 turns over, table 10."""
    layout = layout_of(version)
    i, j = np.indices(layout.known.shape)
    condition = (
        (i + j) % 2, i % 2, j % 3, (i + j) % 3, (i // 2 + j // 3) % 2,
        i * j % 2 + i * j % 3, (i * j % 2 + i * j % 3) % 2, ((i + j) % 2 + i * j % 3) % 2,
    )[mask]  # fmt: skip
    return np.asarray((condition == 0) & layout.is_data)


def correct(
    soft: NDArray[np.float32], level: Level, mask: int, *, certain_bits: float = CERTAIN_BITS
) -> Correction | None:
    """The codewords that `soft` stands for under that format, or None where they cannot be told for certain.

    `soft` has shape (side, side), from -1.0 (light) to 1.0 (dark).

    Raises: ValueError when no version has that many modules on a side.
    """
    version = version_of(len(soft))
    layout = layout_of(version)
    bits = np.where(mask_of(version, mask), -soft, soft)[layout.rows, layout.columns].reshape(-1, 8)
    words = np.packbits(bits > 0, axis=1)[:, 0]
    certainty = _certainty(bits)
    proof, errors, erased = float("inf"), 0, 0
    for block in blocks_of(version, level):
        mended = _mend_block(words[block.places], certainty[block.places], block, certain_bits)
        if mended is None:
            return None
        words[block.places] = mended[0]
        proof = min(proof, mended[1])
        errors, erased = errors + mended[2], erased + mended[3]
    return Correction(codewords=words, bits_of_proof=proof, errors=errors, erased=erased)


def _certainty(bits: NDArray[np.float32]) -> NDArray[np.float32]:
    """How sure each codeword is: that of its least certain bits, the second least breaking ties."""
    ordered = np.sort(np.abs(bits), axis=1)
    return np.asarray(ordered[:, 0] + 0.3 * ordered[:, 1], np.float32)


def _mend_block(
    word: NDArray[np.uint8], certainty: NDArray[np.float32], block: Block, certain_bits: float
) -> tuple[list[int], float, int, int] | None:
    """The mended symbols, the bits of proof, the errors and the erasures of the try that proves most."""
    order = [int(k) for k in np.argsort(certainty, kind="stable")]
    symbols = [int(symbol) for symbol in word]
    best: tuple[list[int], float, int, int] | None = None
    for share in _ERASED_SHARES:
        erased = order[: round(share * block.parity)]
        mended = mend(symbols, block.parity, erased)
        if mended is None:
            continue
        gone = set(erased)
        errors = sum(a != b for k, (a, b) in enumerate(zip(symbols, mended, strict=True)) if k not in gone)
        proof = proof_bits(len(symbols), block.parity, errors, len(erased))
        if proof >= certain_bits and (best is None or proof > best[1]):
            best = (mended, proof, errors, len(erased))
            break
    return best


def proof_bits(length: int, parity: int, errors: int, erased: int) -> float:
    """Minus log2 of the chance that a random word with `erased` unknown symbols lies within `errors` of a codeword."""
    free = length - erased
    return 8.0 * (parity - erased - errors) - log2(comb(free, errors)) if errors <= free else 0.0


def modules_of(codewords: NDArray[np.uint8], version: int, level: Level, mask: int) -> NDArray[np.bool_]:
    """The whole symbol, True where a module is dark; remainder bits are light before masking."""
    layout = layout_of(version)
    modules = layout.known == 1
    modules[layout.rows, layout.columns] = np.unpackbits(codewords) == 1
    modules ^= mask_of(version, mask)
    _write(modules, format_places(layout.side), format_bits(level, mask))
    if version >= 7:
        _write(modules, version_places(layout.side), version_bits(version))
    return np.asarray(modules, np.bool_)


def _write(modules: NDArray[np.bool_], places: NDArray[np.intp], word: int) -> None:
    count = places.shape[1]
    bits = np.array([word >> bit & 1 for bit in range(count - 1, -1, -1)], bool)
    for copy in places:
        modules[copy[:, 0], copy[:, 1]] = bits
