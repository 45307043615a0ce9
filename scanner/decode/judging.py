"""From soft modules to a symbol that can be believed, or none.

A wrong read is worse than none. So the codewords are mended only as far as chance cannot be the reason
(`qr.CERTAIN_BITS`), the whole symbol is drawn anew from them, and zxing-cpp must read that clean drawing: it judges
the structure of the message, and gives the text as it would for any other symbol.
"""

import numpy as np
import zxingcpp
from numpy.typing import NDArray

from scanner.decode.qr import correct, modules_of, read_format, version_of
from scanner.decode.zxing import QR_FAMILY, symbol_of
from scanner.symbol import Corners, Symbol

_PIXELS, _QUIET = 3, 4
"""Of the clean drawing: pixels a module, modules of quiet zone."""

_AGREEMENT = 0.55
"""Format information below this could be any: random modules reach 0.4 with the best of 32 formats."""


def judged(soft: NDArray[np.float32], corners: Corners, stage: str) -> Symbol | None:
    """The symbol that `soft`, shape (side, side), stands for beyond doubt; None otherwise."""
    for form in read_format(soft):
        if form.agreement < _AGREEMENT:
            continue
        correction = correct(soft, form.level, form.mask)
        if correction is None:
            continue
        modules = modules_of(correction.codewords, version_of(len(soft)), form.level, form.mask)
        barcodes = zxingcpp.read_barcodes(
            drawn(modules), formats=QR_FAMILY, is_pure=True, text_mode=zxingcpp.TextMode.Plain
        )
        if barcodes and barcodes[0].text:
            return symbol_of(barcodes[0], stage, corners)
    return None


def drawn(modules: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """`modules`, True where dark, as a clean picture with its quiet zone."""
    framed = np.pad(np.where(modules, 0, 255).astype(np.uint8), _QUIET, constant_values=255)
    return np.kron(framed, np.ones((_PIXELS, _PIXELS), np.uint8))
