"""Tags of which more is known than their picture shows: what each begins with, and who says whether one is right.

Two things help. The bits that every tag of ours begins with are known, however its modules look. And a signature
judges better than chance does: so all codewords near the picture are tried, with every check symbol spent on
erasures, and the first text that is vouched for is the tag's. Nothing else is returned.
"""

from collections.abc import Iterator
from functools import lru_cache
from heapq import nlargest
from itertools import product

import numpy as np
import zxingcpp
from numpy.typing import NDArray

from scanner.decode.judging import drawn
from scanner.decode.knowledge import Knowledge
from scanner.decode.qr import Format, layout_of, modules_of, read_format, version_of
from scanner.decode.qr.blocks import Block, blocks_of
from scanner.decode.qr.codewords import mask_of
from scanner.decode.qr.reed_solomon import mend
from scanner.decode.zxing import QR_FAMILY, symbol_of
from scanner.symbol import Corners, Symbol

_AGREEMENT = 0.35
"""Of the format information: a wrong one costs time and nothing else."""

_MOST_WORDS, _MOST_TEXTS = 4, 48
"""Codewords that are tried for each block, and texts for each format."""

_ERASURE_STEP = 2

_ALPHANUMERIC = {c: k for k, c in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")}
"""Table 5."""


def vouched(soft: NDArray[np.float32], corners: Corners, stage: str, knowledge: Knowledge) -> Symbol | None:
    """The symbol that `soft`, shape (side, side), stands for, if `knowledge` vouches for it; None otherwise."""
    version = version_of(len(soft))
    for form in read_format(soft):
        if form.agreement < _AGREEMENT:
            break
        for words in _candidates(soft, version, form, knowledge):
            modules = modules_of(words, version, form.level, form.mask)
            barcodes = zxingcpp.read_barcodes(
                drawn(modules), formats=QR_FAMILY, is_pure=True, text_mode=zxingcpp.TextMode.Plain
            )
            if barcodes and knowledge.is_ours(barcodes[0].text):
                return symbol_of(barcodes[0], stage, corners)
    return None


def _candidates(
    soft: NDArray[np.float32], version: int, form: Format, knowledge: Knowledge
) -> Iterator[NDArray[np.uint8]]:
    """Whole symbols' codewords, the likeliest first."""
    layout = layout_of(version)
    bits = np.where(mask_of(version, form.mask), -soft, soft)[layout.rows, layout.columns].reshape(-1, 8)
    blocks = blocks_of(version, form.level)
    bits = _with_prefix(bits, blocks, version, knowledge.prefixes)
    each = [_words_of(bits[block.places], block.parity) for block in blocks]
    if not all(each):
        return
    for choice in nlargest(_MOST_TEXTS, product(*each), key=lambda words: sum(score for score, _ in words)):
        whole = np.zeros(len(bits), np.uint8)
        for block, (_, word) in zip(blocks, choice, strict=True):
            whole[block.places] = word
        yield whole


def _words_of(bits: NDArray[np.float32], parity: int) -> list[tuple[float, list[int]]]:
    """Codewords of a block and how well each agrees to its bits, shape (symbols, 8), the best first."""
    word = [int(symbol) for symbol in np.packbits(bits > 0, axis=1)[:, 0]]
    order = [int(k) for k in np.argsort(np.sort(np.abs(bits), axis=1)[:, 0], kind="stable")]
    found: dict[tuple[int, ...], float] = {}
    for erased in range(0, parity + 1, _ERASURE_STEP):
        mended = mend(word, parity, order[:erased])
        if mended is not None and tuple(mended) not in found:
            signs = 2.0 * np.unpackbits(np.array(mended, np.uint8)[:, None], axis=1) - 1
            found[tuple(mended)] = float((signs * bits).sum())
    ranked = sorted(((score, list(symbols)) for symbols, score in found.items()), reverse=True)
    return ranked[:_MOST_WORDS]


def _with_prefix(
    bits: NDArray[np.float32], blocks: tuple[Block, ...], version: int, prefixes: tuple[str, ...]
) -> NDArray[np.float32]:
    """`bits` with those of the likeliest prefix made sure; data codewords follow one another block by block."""
    data = np.concatenate([block.places[: -block.parity] for block in blocks])
    best, most = bits, 0.0
    for prefix in prefixes:
        at, signs = _prefix_bits(prefix, version)
        rows, columns = data[at // 8], at % 8
        likeness = float((bits[rows, columns] * signs).sum())
        if likeness > most:
            most, best = likeness, bits.copy()
            best[rows, columns] = signs
    return best


@lru_cache(maxsize=64)
def _prefix_bits(prefix: str, version: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Where the bits of a text that begins so stand in the data, 1.0 where they are 1: 7.4.4, without the count."""
    count_bits = 9 if version < 10 else 11 if version < 27 else 13
    values = [_ALPHANUMERIC[character] for character in prefix]
    pairs = zip(values[::2], values[1::2], strict=False)
    text = "".join(f"{45 * a + b:011b}" for a, b in pairs)
    word = "0010" + text
    at = np.array([*range(4), *range(4 + count_bits, len(word) + count_bits)], np.intp)
    return at, np.array([1.0 if bit == "1" else -1.0 for bit in word], np.float32)
