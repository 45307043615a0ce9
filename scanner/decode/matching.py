"""Labels known module by module before they are seen: what is left of one is compared with them.

Whoever issued a tag can draw its symbol again. Where too little is left for any decoder, that little still tells
whether it is that symbol. Only those modules count that its signature moves: nobody knows them who has not seen the
tag. On a picture of anything else each of them agrees or not by chance, and Hoeffding's inequality (1963, theorem 2)
bounds how well they can agree all together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from scanner.decode.qr import version_of
from scanner.decode.qr.codewords import mask_of
from scanner.symbol import Corners, Likeness, Symbol

STAGE = "template"

_PROOF_BITS = 64.0
"""A likeness that chance reaches with more than 2 ** -64 is not believed; a picture is compared some thousand times."""

_SURE = 0.3
"""From here on a module is seen to be dark, or light."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A symbol that may be on the picture, as it looks under mask 0: any other may have been printed."""

    text: str
    """What the symbol is called when it is found."""
    modules: NDArray[np.bool_]
    """Shape (side, side), True where dark."""
    secret: NDArray[np.bool_]
    """Shape (side, side), True for the modules that the signature moves."""


def unpacked(packed: bytes, side: int) -> NDArray[np.bool_]:
    """Shape (side, side): bits as they are sent, row by row, the most significant first."""
    return np.unpackbits(np.frombuffer(packed, np.uint8))[: side * side].reshape(side, side).astype(np.bool_)


def matched(
    softs: Iterable[tuple[Corners, NDArray[np.float32]]], expected: Sequence[Expected]
) -> Symbol | None:
    """The one of `expected` that soft modules, shape (side, side), are like beyond doubt; None otherwise."""
    best: tuple[float, Symbol] | None = None
    for corners, soft in softs:
        for one in expected:
            if one.modules.shape != soft.shape:
                continue
            bits, likeness = _likeness(soft, one)
            if bits >= _PROOF_BITS and (best is None or bits > best[0]):
                symbol = Symbol(
                    text=one.text,
                    payload=one.text.encode(),
                    corners=corners,
                    stage=STAGE,
                    version=str(version_of(len(soft))),
                    likeness=likeness,
                )
                best = bits, symbol
    return best[1] if best else None


def _likeness(soft: NDArray[np.float32], expected: Expected) -> tuple[float, Likeness]:
    """Minus log2 of the chance that anything else is as like as `soft` is, under the mask that fits best."""
    version = version_of(len(soft))
    seen = soft[expected.secret].astype(np.float64)
    drawn = expected.modules ^ mask_of(version, 0)
    masked = np.stack([(drawn ^ mask_of(version, mask))[expected.secret] for mask in range(8)])
    agreeing = np.where(masked, seen, -seen)
    best = agreeing[int(agreeing.sum(axis=1).argmax())]
    total, energy = float(best.sum()), float((seen**2).sum())
    bits = total**2 / (2 * energy * log(2)) if total > 0 else 0.0
    sure = best[np.abs(best) >= _SURE]
    return bits, Likeness(
        seen=len(sure) / max(len(seen), 1), agreeing=float((sure > 0).mean()) if len(sure) else 0.0
    )
