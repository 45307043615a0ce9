"""The stages in their order, each on what the former ones left."""

from collections.abc import Sequence

import numpy as np

from scanner.decode.opencv import OpencvStage
from scanner.decode.stage import Stage, lies_on
from scanner.decode.zxing import ZxingStage
from scanner.images import GrayImage
from scanner.symbol import Symbol

STAGES: tuple[Stage, ...] = (ZxingStage(), OpencvStage())


def decode(image: GrayImage, *, stages: Sequence[Stage] = STAGES) -> tuple[Symbol, ...]:
    """Return every QR symbol that is read on `image`, in the order in which the stages found them.

    Any pixels are fine: what cannot be read gives an empty result.

    Raises: ValueError when `image` is not of shape (height, width) and dtype uint8.
    """
    if image.ndim != 2 or image.dtype != np.uint8:
        raise ValueError(f"got {image.dtype} of shape {image.shape}, want uint8 of (height, width)")
    if not image.size:
        return ()
    image = np.ascontiguousarray(image)
    found: list[Symbol] = []
    for stage in stages:
        for symbol in stage.read(image, tuple(found)):
            if not any(_is_repeat(symbol, former) for former in found):
                found.append(symbol)
    return tuple(found)


def _is_repeat(symbol: Symbol, former: Symbol) -> bool:
    """The same code read again; where a later stage reads another text, the earlier one's stands."""
    return lies_on(symbol, former) and (symbol.text == former.text or symbol.stage != former.stage)
