"""The protocol of whatever reads symbols, and when two readings are of one code."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from scanner.images import GrayImage
from scanner.symbol import Corners, Point, Symbol


class Stage(Protocol):
    """One way of reading symbols; the cascade runs one after the other.

    A stage gets what the former ones found, so that an expensive one can look only where something is left.
    It may return what was already found: the cascade drops it.
    """

    @property
    def name(self) -> str: ...

    def read(self, image: GrayImage, found: Sequence[Symbol]) -> Iterable[Symbol]: ...


def lies_on(one: Symbol, other: Symbol) -> bool:
    """Whether the centre of either symbol lies within the other."""
    return _contains(one.corners, _centre(other.corners)) or _contains(other.corners, _centre(one.corners))


def _centre(corners: Corners) -> Point:
    return sum(x for x, _ in corners) / 4, sum(y for _, y in corners) / 4


def _contains(corners: Corners, point: Point) -> bool:
    """Even-odd rule."""
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in zip(corners, corners[1:] + corners[:1], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside
