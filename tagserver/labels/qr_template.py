"""From data codewords to modules, learnt once a version and level from the `qrcode` library.

For a fixed version, level and mask every module is an affine function over GF(2) of the data bits: error
correction is linear, placement is a permutation, mask and function patterns are constants. The library draws
numbered bits once, so that we know where each bit lands; after that a symbol is a few table look-ups and
exclusive ors, done by numpy for a whole chunk. Nothing of the standard's placement rules is written here.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from qrcode.base import RSBlock, rs_blocks
from qrcode.main import QRCode
from qrcode.util import BitBuffer, create_bytes, lost_point

from tagserver.labels.qr_bits import Bits
from tagserver.labels.segments import LEVEL_INDICATOR, Level

MASKS = range(8)
"""Mask patterns (ISO/IEC 18004:2015, Table 10)."""

_BITS_A_BYTE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """How the symbols of one version and level are made from their data bits.

    `blocks` are the lengths in codewords of the data blocks, shorter ones first; each is followed by `parity`
    error correction codewords. `parity_table[d, v]` are the parity codewords, padded to whole 64-bit words,
    of a block that is v at `d` codewords before its end and zero elsewhere. `placement` gives, for each
    module of the packed rows, the index of its bit in data bits, parity bits and one zero.
    """

    version: int
    level: Level
    blocks: tuple[int, ...]
    parity: int
    parity_table: NDArray[np.uint64]
    placement: NDArray[np.intp]

    def modules(self, data: Bits, mask: int) -> NDArray[np.uint8]:
        """Rows of modules, one bit each and 1 for dark, packed into whole bytes; (symbols, bytes)."""
        zero = np.zeros((len(data), 1), dtype=np.uint8)
        bits = np.concatenate([data, self._parity_bits(np.packbits(data, axis=1)), zero], axis=1)
        return np.packbits(bits.take(self.placement, axis=1), axis=1) ^ blank(self.version, self.level, mask)

    def _parity_bits(self, codewords: NDArray[np.uint8]) -> Bits:
        """Reed-Solomon codewords of all blocks as bits, by exclusive or over the positions of a block."""
        words = np.zeros((len(codewords), len(self.blocks), self.parity_table.shape[2]), dtype=np.uint64)
        lengths = np.array(self.blocks)
        ends = np.cumsum(lengths)
        for from_end in range(int(lengths.max())):
            long_enough = int(np.searchsorted(lengths, from_end, side="right"))
            columns = codewords[:, ends[long_enough:] - 1 - from_end]
            words[:, long_enough:] ^= self.parity_table[from_end].take(columns, axis=0)
        parity = words.view(np.uint8)[:, :, : self.parity].reshape(len(codewords), -1)
        return np.unpackbits(parity, axis=1)


@lru_cache(maxsize=16)
def template_for(version: int, level: Level) -> Template:
    """The template of a version (1 to 40) and level, learnt on first use in some tens of milliseconds."""
    blocks = rs_blocks(version, LEVEL_INDICATOR[level])
    parity = blocks[0].total_count - blocks[0].data_count
    lengths = tuple(block.data_count for block in blocks)
    return Template(
        version=version,
        level=level,
        blocks=lengths,
        parity=parity,
        parity_table=_parity_table(max(lengths), parity),
        placement=_packed_columns(_placement(version, level, lengths, parity), fill=-1),
    )


@lru_cache(maxsize=128)
def blank(version: int, level: Level, mask: int) -> NDArray[np.uint8]:
    """Packed modules of a symbol whose codewords are all zero: function patterns, format and mask."""
    return np.packbits(_packed_columns(_drawn(version, level, mask, []), fill=0))


def penalty(modules: NDArray[np.bool_]) -> int:
    """How much a symbol would trouble a reader (7.8.3); the mask with the least is the one to use."""
    return lost_point(modules.tolist())


def _drawn(version: int, level: Level, mask: int, codewords: list[int]) -> NDArray[np.uint8]:
    """Modules as the library draws them; codewords that are missing count as zero."""
    symbol = QRCode(version=version, error_correction=LEVEL_INDICATOR[level])
    symbol.data_cache = codewords
    symbol.makeImpl(False, mask)
    return np.array(symbol.modules, dtype=np.uint8)


def _placement(version: int, level: Level, lengths: tuple[int, ...], parity: int) -> NDArray[np.intp]:
    """For each module its bit among data bits, parity bits and -1 for none.

    One drawing a binary digit of the bits' numbers, which start at 1, tells each module its number.
    """
    order = _interleaved(lengths, parity)
    numbers = np.arange(1, len(order) * _BITS_A_BYTE + 1)
    nothing = _drawn(version, level, 0, [])
    found = np.zeros(nothing.shape, dtype=np.intp)
    for digit in range(int(numbers[-1]).bit_length()):
        codewords = np.packbits((numbers >> digit & 1).astype(np.uint8)).tolist()
        found |= (_drawn(version, level, 0, codewords) ^ nothing).astype(np.intp) << digit
    source = (order[:, None] * _BITS_A_BYTE + np.arange(_BITS_A_BYTE)).ravel()
    return np.where(found > 0, source[found - 1], -1)


def _interleaved(lengths: tuple[int, ...], parity: int) -> NDArray[np.intp]:
    """Codewords in the order of the symbol: the first of each block, the second of each, ... (7.6)."""
    starts = np.cumsum((0, *lengths))
    data = [starts[b] + i for i in range(max(lengths)) for b in range(len(lengths)) if i < lengths[b]]
    check = [starts[-1] + b * parity + i for i in range(parity) for b in range(len(lengths))]
    return np.array(data + check, dtype=np.intp)


def _parity_table(length: int, parity: int) -> NDArray[np.uint64]:
    """`Template.parity_table`, from the library's codewords for each single bit of a block."""
    padded = -(-parity // _BITS_A_BYTE) * _BITS_A_BYTE
    table = np.zeros((length, 256, padded), dtype=np.uint8)
    for from_end in range(length):
        for bit in range(_BITS_A_BYTE):
            block = BitBuffer()
            block.buffer = [0] * length
            block.buffer[length - 1 - from_end] = 1 << bit
            single = create_bytes(block, [RSBlock(length + parity, length)])[length:]
            known = 1 << bit
            table[from_end, known : 2 * known] = table[from_end, :known]
            table[from_end, known : 2 * known, :parity] ^= np.array(single, dtype=np.uint8)
    return table.view(np.uint64)


def _packed_columns(modules: NDArray[np.generic], *, fill: int) -> NDArray[np.intp]:
    """Rows widened to whole bytes and put one after the other."""
    size = len(modules)
    return np.pad(modules.astype(np.intp), ((0, 0), (0, -size % _BITS_A_BYTE)), constant_values=fill).ravel()
