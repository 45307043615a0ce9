"""Finder patterns on a picture: where they are, how large, and how they lie.

A finder pattern is a dark square within a light ring within a dark ring (ISO/IEC 18004, 6.3.3). The square in its ring
is looked for among the outlines of a binarised picture, which neither rotation nor perspective nor a bottle's curve
disturbs. Nothing is decided here about which patterns belong together: `scanner.decode.triples` does.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.images import GrayImage

_WINDOWS_PIXELS = (25, 75, 175)
"""Sides of the neighbourhoods whose mean tells dark from light: for patterns from about 10 to 150 pixels wide."""

_MOST_GRAIN = 4
"""Levels, of 255: more than that is no grain, but what is to be seen."""

_MIN_SQUARE_PIXELS = 4
"""Area of the smallest inner square that is looked at: below, its form says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finder:
    """One finder pattern."""

    x: float
    y: float
    """Its centre, in pixels of the picture it was found on."""
    corners: NDArray[np.float64]
    """Shape (4, 2): corners of the light ring's outer edge, 5 modules wide, in order round it."""
    module_pixels: float
    """Mean side of a module."""
    is_inverted: bool
    """Light where it should be dark."""

    def scaled(self, factor: float) -> "Finder":
        """The same pattern on the picture enlarged by `factor`; pixel centres are whole numbers on both."""
        return Finder(
            x=(self.x + 0.5) * factor - 0.5,
            y=(self.y + 0.5) * factor - 0.5,
            corners=(self.corners + 0.5) * factor - 0.5,
            module_pixels=self.module_pixels * factor,
            is_inverted=self.is_inverted,
        )


def find_finders(
    image: GrayImage, *, windows: tuple[int, ...] = _WINDOWS_PIXELS, colours: tuple[bool, ...] = (False, True)
) -> tuple[Finder, ...]:
    """Patterns on `image`, those with the most agreeing binarisations first.

    `colours` are the values of `is_inverted` that are looked for.
    """
    found: list[tuple[Finder, int]] = []
    smooth = np.asarray(cv2.GaussianBlur(image, (3, 3), 0), np.uint8)
    for window in windows:
        if window > 2 * max(image.shape):
            continue
        mean = cv2.boxFilter(smooth, -1, (window, window), borderType=cv2.BORDER_REPLICATE)
        above = np.asarray(cv2.subtract(smooth, mean, dtype=cv2.CV_16S), np.int16)
        grain = _grain(above)
        for is_inverted in colours:
            binary = np.greater(above, grain) if is_inverted else np.less(above, -grain)
            for finder in _outlined(binary.astype(np.uint8), is_inverted):
                # A neighbourhood within the inner square tells nothing: all of it is as dark.
                if 3 * finder.module_pixels < window and _has_its_colours(finder, smooth):
                    _merge(found, finder)
    found.sort(key=lambda pair: -pair[1])
    return tuple(finder for finder, _ in found)


def _grain(above: NDArray[np.int16]) -> int:
    """Levels by which plain paper strays from its mean: less is neither dark nor light, and has no outline."""
    return int(min(_MOST_GRAIN, float(np.median(np.abs(above[::4, ::4])))))


def _has_its_colours(finder: Finder, image: GrayImage) -> bool:
    """Whether the middle is darker than the ring round it, or lighter where it is inverted.

    Otherwise it is the dark ring and the light one within it, taken for the light ring and the square.
    """
    middle = np.array([finder.x, finder.y])
    edges = (finder.corners + np.roll(finder.corners, 1, axis=0)) / 2
    ring = np.rint(middle + (edges - middle) * 0.8).astype(int)
    height, width = image.shape
    around = image[ring[:, 1].clip(0, height - 1), ring[:, 0].clip(0, width - 1)].mean()
    x, y, half = round(finder.x), round(finder.y), round(finder.module_pixels)
    square = image[max(y - half, 0) : y + half + 1, max(x - half, 0) : x + half + 1]
    return bool((square.mean() > around) == finder.is_inverted)


def _merge(found: list[tuple[Finder, int]], new: Finder) -> None:
    for k, (old, votes) in enumerate(found):
        near = abs(old.x - new.x) + abs(old.y - new.y) < 1.5 * max(old.module_pixels, new.module_pixels)
        if near and old.is_inverted == new.is_inverted and 0.6 < old.module_pixels / new.module_pixels < 1.6:
            found[k] = (old, votes + 1)
            return
    found.append((new, 1))


def _outlined(binary: NDArray[np.uint8], is_inverted: bool) -> Iterator[Finder]:
    """Squares that lie alone and centred in a hole of about 25/9 of their area."""
    outlines, tree = cv2.findContours(binary, cv2.RETR_TREE, cv2.CHAIN_APPROX_NONE)
    if len(outlines) == 0:
        return
    parents, children = np.asarray(tree)[0, :, 3], np.asarray(tree)[0, :, 2]
    lengths = np.array([len(outline) for outline in outlines])
    inner = np.flatnonzero((parents >= 0) & (lengths >= 4))
    inner = inner[parents[parents[inner]] >= 0]
    ratios = lengths[inner] / lengths[parents[inner]]
    for square in inner[(ratios > 0.3) & (ratios < 0.8)]:
        if _is_hollow(lengths, children[square], lengths[square]):
            continue
        finder = _finder(outlines[square], outlines[parents[square]], is_inverted)
        if finder is not None:
            yield finder


def _is_hollow(lengths: NDArray[np.intp], hole: int, length: int) -> bool:
    """Whether the first of a square's holes is large: then it is a ring, seen in the wrong colours."""
    return bool(hole >= 0 and lengths[hole] > 0.35 * length)


def _finder(square: NDArray[np.int32], ring: NDArray[np.int32], is_inverted: bool) -> Finder | None:
    """The pattern whose inner square and light ring have these outlines, if their forms are right."""
    left, top, width, height = cv2.boundingRect(ring)
    x, y, w, h = cv2.boundingRect(square)
    if abs(2 * (x - left) + w - width) > 0.4 * width or abs(2 * (y - top) + h - height) > 0.4 * height:
        return None
    area, inner_area = cv2.contourArea(ring), cv2.contourArea(square) + 0.5 * len(square)
    if inner_area < _MIN_SQUARE_PIXELS or not 0.15 < inner_area / max(area, 1.0) < 0.62:
        return None
    corners = quadrilateral(ring)
    if corners is None:
        return None
    full = cv2.contourArea(corners.astype(np.float32))
    if full < 1 or not 0.7 < area / full < 1.35:
        return None
    hull = cv2.contourArea(cv2.convexHull(square))
    if hull > 0 and cv2.contourArea(square) / hull < 0.7:
        return None
    middle = corners.mean(axis=0)
    sides = np.linalg.norm(corners - np.roll(corners, 1, axis=0), axis=1)
    if sides.min() < 0.25 * sides.max() or sides.min() < 3:
        return None
    # OpenCV draws the outline of a hole on the pixels round it: half a pixel too wide on each side.
    corners = middle + (corners - middle) * max(0.5, 1 - 1 / sides.mean())
    return Finder(
        x=float(middle[0]),
        y=float(middle[1]),
        corners=corners,
        module_pixels=float(sides.mean() - 1) / 5,
        is_inverted=is_inverted,
    )


def quadrilateral(outline: NDArray[np.int32]) -> NDArray[np.float64] | None:
    """Shape (4, 2): the corners of a four-sided outline, in order round it; None when it encloses nothing.

    A longest diagonal first, then what lies farthest from it on both sides.
    """
    points = cv2.convexHull(outline)[:, 0].astype(np.float64)
    if len(points) < 4:
        return None
    first = points[np.argmax(((points - points.mean(axis=0)) ** 2).sum(axis=1))]
    third = points[np.argmax(((points - first) ** 2).sum(axis=1))]
    dx, dy = third - first
    side = dx * (points[:, 1] - first[1]) - dy * (points[:, 0] - first[0])
    if side.min() >= 0 or side.max() <= 0:
        return None
    return np.array([first, points[side.argmin()], third, points[side.argmax()]])
