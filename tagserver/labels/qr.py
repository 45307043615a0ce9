"""QR symbols (ISO/IEC 18004:2015): the smallest version for a text, and whole batches at once.

Texts of one shape share version, segments and mask, so a batch is printed in symbols of one size.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tagserver.labels.qr_bits import data_bits
from tagserver.labels.qr_template import MASKS, penalty, template_for
from tagserver.labels.segments import Level, Segment, fit, shape_of

QUIET_MODULES = 4
"""Light modules on every side of a symbol (ISO/IEC 18004:2015, 5.3.8)."""

CHUNK = 512
"""Symbols made at once: their bits stay in the processor's cache."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """A QR symbol without its quiet zone.

    `rows` holds `size` rows of `stride` bytes, most significant bit first, 1 for dark, padded with zeros.
    """

    version: int
    level: Level
    mask: int
    rows: bytes

    @property
    def size(self) -> int:
        """Modules on a side: 21 to 177."""
        return symbol_size(self.version)

    @property
    def stride(self) -> int:
        """Bytes a row."""
        return -(-self.size // 8)

    @property
    def modules(self) -> NDArray[np.bool_]:
        """The modules as (row, column), true for dark."""
        packed = np.frombuffer(self.rows, dtype=np.uint8).reshape(self.size, self.stride)
        return np.unpackbits(packed, axis=1)[:, : self.size].astype(np.bool_)


def symbol_size(version: int) -> int:
    """Modules on a side of a version (1 to 40), without the quiet zone."""
    return 17 + 4 * version


class Encoder:
    """Makes the symbols of one printing job.

    The mask of a shape is the best one for the first text of that shape and then stays, so equal jobs print
    equal symbols. Any mask may be read; which one is best matters little for the dense data of a signed tag.
    """

    def __init__(self, level: Level = Level.M, *, mask: int | None = None) -> None:
        """`mask` (0 to 7) is used for every symbol when given."""
        if mask is not None and mask not in MASKS:
            raise ValueError(f"got mask {mask}, want 0 to 7")
        self._level, self._mask = level, mask
        self._masks: dict[str, int] = {}

    def encode(self, texts: Sequence[str], shapes: Sequence[str] | None = None) -> list[Symbol]:
        """The symbols of the texts, in their order.

        `shapes` may widen what the characters themselves are (see `segments.shape_of`, the default), so that
        chance digits in a serial do not change the structure.

        Raises: SymbolTextError when a text is not ASCII or too long.;
          ValueError when a shape is narrower than its text or of another length.
        """
        shapes = [shape_of(text) for text in texts] if shapes is None else shapes
        alike: dict[str, list[int]] = {}
        for index, shape in enumerate(shapes):
            alike.setdefault(shape, []).append(index)
        symbols: dict[int, Symbol] = {}
        for shape, indices in alike.items():
            for start in range(0, len(indices), CHUNK):
                chunk = indices[start : start + CHUNK]
                symbols.update(zip(chunk, self._chunk([texts[i] for i in chunk], shape), strict=True))
        return [symbols[index] for index in range(len(texts))]

    def _chunk(self, texts: list[str], shape: str) -> list[Symbol]:
        version, segments = fit(shape, self._level)
        mask = self._mask_for(shape, texts[0])
        packed = _modules(texts, segments, version, self._level, mask)
        stride = packed.shape[1]
        flat = packed.tobytes()
        return [
            Symbol(version=version, level=self._level, mask=mask, rows=flat[at : at + stride])
            for at in range(0, len(flat), stride)
        ]

    def _mask_for(self, shape: str, first: str) -> int:
        if self._mask is not None:
            return self._mask
        if shape not in self._masks:
            self._masks[shape] = _best_mask(first, shape, self._level)
        return self._masks[shape]


def encode(text: str, level: Level = Level.M, *, mask: int | None = None, shape: str | None = None) -> Symbol:
    """The symbol of one text, in the smallest version that holds it; see `Encoder.encode`."""
    return Encoder(level, mask=mask).encode([text], None if shape is None else [shape])[0]


def _modules(
    texts: list[str], segments: tuple[Segment, ...], version: int, level: Level, mask: int
) -> NDArray[np.uint8]:
    return template_for(version, level).modules(data_bits(texts, segments, version, level), mask)


def _best_mask(text: str, shape: str, level: Level) -> int:
    candidates = (Encoder(level, mask=mask).encode([text], [shape])[0] for mask in MASKS)
    return min(candidates, key=lambda symbol: (penalty(symbol.modules), symbol.mask)).mask
