"""A picture while it is being read: what the stages share, so that nothing is computed twice."""

import time
from collections.abc import Callable, Iterable, Sequence

import cv2
import numpy as np

from scanner.decode.finders import Finder, find_finders
from scanner.decode.knowledge import Knowledge
from scanner.decode.triples import Triple, find_triples
from scanner.images import GrayImage
from scanner.symbol import Corners, Point, Symbol

_WORKING_PIXELS = 1400
"""Longer side of the picture on which finder patterns are looked for first: modules are then seldom below 3 pixels."""

_FINE_PIXELS = 3200
"""Longer side of the picture on which symbols are looked for that are small on a large photograph."""

_SMALL_PIXELS = 700
"""A picture whose longer side is shorter is doubled: its modules may be a pixel or two."""


class Scene:
    """A picture, what was read on it so far, and until when there is time."""

    def __init__(
        self, image: GrayImage, *, seconds: float | None = None, knowledge: Knowledge | None = None
    ) -> None:
        self.image = image
        self.knowledge = knowledge
        self.found: list[Symbol] = []
        self._end = None if seconds is None else time.monotonic() + seconds
        self._scaled: dict[float, GrayImage] = {}
        self._finders: dict[float, tuple[Finder, ...]] = {}

    @property
    def is_late(self) -> bool:
        """Whether the time is over: a stage then ends with what it has."""
        return self._end is not None and time.monotonic() >= self._end

    @property
    def scale(self) -> float:
        """Of the working picture, in pixels of it for a pixel of the whole one."""
        longer = max(self.image.shape)
        return 2.0 if longer < _SMALL_PIXELS else min(1.0, _WORKING_PIXELS / longer)

    @property
    def fine_scale(self) -> float:
        """Of the picture on which small symbols are looked for; the working scale where the picture is no larger."""
        return float(max(self.scale, min(1.0, _FINE_PIXELS / max(self.image.shape))))

    def scaled(self, scale: float) -> GrayImage:
        """The picture at that scale; pixel (x, y) of it is ((x + 0.5) / scale - 0.5, ...) of the whole one."""
        if scale not in self._scaled:
            height, width = self.image.shape
            size = max(1, round(width * scale)), max(1, round(height * scale))
            way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
            made = self.image if scale == 1 else cv2.resize(self.image, size, interpolation=way)
            self._scaled[scale] = np.asarray(made, np.uint8)
        return self._scaled[scale]

    def finders(self, scale: float) -> tuple[Finder, ...]:
        """Finder patterns in pixels of the picture at that scale, of symbols not read yet."""
        if scale not in self._finders:
            self._finders[scale] = self._find_finders(scale)
        return tuple(
            f for f in self._finders[scale] if not self.is_read(whole(f.x, scale), whole(f.y, scale))
        )

    def _find_finders(self, scale: float) -> tuple[Finder, ...]:
        if scale == self.scale:
            return find_finders(self.scaled(scale))
        # On the fine picture only small patterns are new, and a small neighbourhood is enough for them.
        return find_finders(self.scaled(scale), windows=(25,), colours=(False,))

    def triples(self, scale: float, *, most: int = 12) -> tuple[Triple, ...]:
        """Where symbols not read yet may be, in pixels of the picture at that scale."""
        return find_triples(self.finders(scale), most=most)

    def is_read(self, x: float, y: float) -> bool:
        """Whether a symbol found so far covers that point of the whole picture."""
        return any(contains(symbol.corners, (x, y)) for symbol in self.found)

    def add(self, symbols: Iterable[Symbol], *, is_enough: Callable[[Sequence[Symbol]], bool]) -> bool:
        """Take what is new of `symbols`; True as soon as it is enough, or the time over."""
        for symbol in symbols:
            if not any(is_repeat(symbol, former) for former in self.found):
                self.found.append(symbol)
            if is_enough(self.found) or self.is_late:
                return True
        return False


def whole(pixel: float, scale: float) -> float:
    """A coordinate of the picture at `scale`, in pixels of the whole one."""
    return (pixel + 0.5) / scale - 0.5


def is_repeat(symbol: Symbol, former: Symbol) -> bool:
    """The same code read again; where a later stage reads another text, the earlier one's stands."""
    return lies_on(symbol, former) and (symbol.text == former.text or symbol.stage != former.stage)


def lies_on(one: Symbol, other: Symbol) -> bool:
    """Whether the centre of either symbol lies within the other."""
    return contains(one.corners, _centre(other.corners)) or contains(other.corners, _centre(one.corners))


def _centre(corners: Corners) -> Point:
    return sum(x for x, _ in corners) / 4, sum(y for _, y in corners) / 4


def contains(corners: Corners, point: Point) -> bool:
    """Even-odd rule."""
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in zip(corners, corners[1:] + corners[:1], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside
