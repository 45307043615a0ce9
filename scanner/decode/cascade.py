"""The stages in their order, each on what the former ones left."""

from collections.abc import Sequence

import numpy as np
import zxingcpp

from scanner.decode.grids import GridStage
from scanner.decode.knowledge import Knowledge
from scanner.decode.scene import Scene
from scanner.decode.stage import Stage
from scanner.decode.zxing import ZxingStage, brightened, locally_stretched, small, turned
from scanner.images import GrayImage
from scanner.symbol import Symbol

STAGES: tuple[Stage, ...] = (
    ZxingStage(),
    ZxingStage(name="zxing-local", prepare=locally_stretched),
    GridStage(),
    ZxingStage(name="zxing-bright", prepare=brightened),
    ZxingStage(name="zxing-scaled", prepare=small),
    ZxingStage(name="zxing-turned", prepare=turned),
    GridStage(name="grid-fine", is_fine=True),
    ZxingStage(name="zxing-global", binarizer=zxingcpp.Binarizer.GlobalHistogram),
)
"""The first on every picture; the others where something may be left. What each adds and costs: docs/scanner.md."""


def decode(
    image: GrayImage,
    *,
    stages: Sequence[Stage] = STAGES,
    first: bool = False,
    seconds: float | None = None,
    knowledge: Knowledge | None = None,
) -> tuple[Symbol, ...]:
    """Return the QR symbols that are read on `image`, in the order in which the stages found them.

    Every symbol, or with `first` the first one. With `seconds`, what was found by then; the stage at work ends its
    step, so that it may take a little longer. With `knowledge`, tags that are known so well are read where too little
    is left of them for other codes. Any pixels are fine: what cannot be read gives an empty result.

    Raises: ValueError when `image` is not of shape (height, width) and dtype uint8.
    """
    if image.ndim != 2 or image.dtype != np.uint8:
        raise ValueError(f"got {image.dtype} of shape {image.shape}, want uint8 of (height, width)")
    if not image.size:
        return ()
    scene = Scene(np.ascontiguousarray(image), seconds=seconds, knowledge=knowledge)
    for number, stage in enumerate(stages):
        if scene.is_late or (number == 1 and _is_all_read(scene)):
            break
        if scene.add(stage.read(scene), is_enough=lambda found: first and bool(found)):
            break
    return tuple(scene.found)


def _is_all_read(scene: Scene) -> bool:
    """Whether something was read, and no three finder patterns are left that may be another symbol's."""
    return bool(scene.found) and not any(scene.triples(s, most=1) for s in (scene.scale, scene.fine_scale))
