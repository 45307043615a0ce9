"""The stage of our own: grids laid over what the finder patterns mark, read module by module.

It reads what lies round a bottle, is crumpled, blurred or half under a reflection. The steps are files of their own:
`finders` and `triples` localise, `lattice` and `snapping` unwarp, `sampling` and `equalising` give soft modules, `qr`
decodes them with erasures, `judging` believes or does not.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scanner.decode.gridreading import read_grid
from scanner.decode.judging import judged
from scanner.decode.knowledge import Knowledge
from scanner.decode.lattice import Lattice
from scanner.decode.matching import matched
from scanner.decode.pairs import find_pairs
from scanner.decode.scene import Scene, whole
from scanner.decode.triples import Triple
from scanner.decode.vouching import vouched
from scanner.images import GrayImage
from scanner.symbol import Corners, Symbol

_MOST_FINDERS = 150
"""More patterns of symbols that nothing has read are a texture, not fifty symbols."""

_MOST_GUESSES, _LEAST_GUESSED = 16, 0.3
"""Of third patterns, where a symbol is expected: they may be anything, and what they lead to is held against it."""

_MOST_WORK = 20_000
"""Modules, by the likeliest sizes, after which a picture gets no more tries: a dozen symbols of ordinary size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GridStage:
    """Reads QR codes, model 2."""

    name: str = "grid"
    is_fine: bool = False
    """Whether it looks at large pictures only, on more of their pixels."""

    def read(self, scene: Scene) -> Iterable[Symbol]:
        """Symbols whose three finder patterns are seen, one after the other."""
        scale = scene.fine_scale if self.is_fine else scene.scale
        if self.is_fine and scale == scene.scale:
            return
        if len(scene.finders(scale)) > _MOST_FINDERS:
            return
        image = scene.scaled(scale)
        work = 0
        for triple in self._triples(scene, image, scale):
            corner = triple.finders[0]
            if work > _MOST_WORK:
                return
            if scene.is_late or scene.is_read(whole(corner.x, scale), whole(corner.y, scale)):
                continue
            work += triple.sides[0] ** 2
            yield from self._read(triple, image, scale, scene.knowledge)

    @staticmethod
    def _triples(scene: Scene, image: GrayImage, scale: float) -> Iterator[Triple]:
        yield from scene.triples(scale)
        if scene.knowledge is not None and scene.knowledge.expected:
            # What is recognised by its own modules is tried where little is left of a third pattern, too.
            yield from find_pairs(
                scene.finders(scale), image, most=_MOST_GUESSES, least_likeness=_LEAST_GUESSED
            )
        else:
            yield from find_pairs(scene.finders(scale), image)

    def _read(
        self, triple: Triple, image: GrayImage, scale: float, knowledge: Knowledge | None
    ) -> Iterator[Symbol]:
        seen: list[tuple[Corners, NDArray[np.float32]]] = []
        for lattice, soft in read_grid(triple, image):
            corners = _corners(lattice, scale)
            symbol = judged(soft, corners, self.name)
            if symbol is not None:
                yield symbol
                return
            seen.append((corners, soft))
        if knowledge is None:
            return
        known = matched(seen, knowledge.expected)
        if known is not None:
            yield known
        elif knowledge.prefixes:
            for corners, soft in seen:
                symbol = vouched(soft, corners, self.name, knowledge)
                if symbol is not None:
                    yield symbol
                    return


def _corners(lattice: Lattice, scale: float) -> Corners:
    points: NDArray[np.float64] = (lattice.corners() + 0.5) / scale - 0.5
    a, b, c, d = ((float(x), float(y)) for x, y in points)
    return a, b, c, d
