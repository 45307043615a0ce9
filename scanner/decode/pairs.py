"""Symbols of which two finder patterns are seen: where the third should be, and whether what is there is like one.

A crease, a stroke of a pen or a reflection may break a pattern's outline, so that `finders` does not see it. The two
others say where it belongs and how large it is; there it is looked for by its likeness, which asks for most of its
pixels but for no closed outline.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.decode.finders import Finder
from scanner.decode.triples import RING, Triple, turned
from scanner.images import GrayImage

_MOST_FINDERS = 16
"""The pairs of more are too many; the binarisations agree least on the last ones."""

_SCALE = 4
"""Pixels a module while the third pattern is looked for."""

_REACH = 5
"""Modules by which it may be off in each direction."""

_MOST_RESIDUAL = 0.8
"""Modules by which the corners of two patterns of one symbol may be off an affine grid, in the mean."""

LEAST_LIKENESS = 0.5
"""Correlation below which it was not found: modules of a symbol reach about 0.45 somewhere."""

_RINGS = np.maximum(*np.abs(np.indices((9, 9)) - 4))
_PATTERN = np.where((_RINGS == 2) | (_RINGS == 4), 1, 0).astype(np.float32)
"""Finder pattern with the light modules round it: 1 is light."""


@dataclass(frozen=True, slots=True)
class _Guess:
    """Which two of the three patterns are seen, and the symbol's axes if it were not tilted."""

    seen: tuple[int, int]
    across: NDArray[np.float64]
    down: NDArray[np.float64]
    modules: float
    """Between the centres of two neighbouring patterns."""


def find_pairs(
    finders: Sequence[Finder], image: GrayImage, *, most: int = 6, least_likeness: float = LEAST_LIKENESS
) -> tuple[Triple, ...]:
    """The `most` likeliest triples whose third pattern was found by the other two, best first."""
    found: list[tuple[float, Triple]] = []
    for one, other in combinations(finders[:_MOST_FINDERS], 2):
        if one.is_inverted != other.is_inverted or not 0.5 < one.module_pixels / other.module_pixels < 2:
            continue
        for guess in _guesses(one, other):
            completed = _completed(guess, (one, other), image)
            found.extend(pair for pair in completed if pair[0] >= least_likeness)
    found.sort(key=lambda pair: -pair[0])
    return tuple(triple for _, triple in found[:most])


def _guesses(one: Finder, other: Finder) -> Iterator[_Guess]:
    """The six ways in which two patterns may be two of three; a symbol in a mirror is none."""
    module = (one.module_pixels * other.module_pixels) ** 0.5
    for turn in (1, -1):
        way = np.array([other.x - one.x, other.y - one.y]) * turn
        square = np.array([-way[1], way[0]])
        modules = float(np.hypot(*way)) / max(module, 1e-6)
        first, second = (0, 1) if turn == 1 else (1, 0)
        yield _Guess((first, second), way, square, modules)
        yield _Guess((2 * first, 2 * second), -square, way, modules)
        yield _Guess((1 + first, 1 + second), -(way + square) / 2, (way - square) / 2, modules / 2**0.5)


def _completed(guess: _Guess, two: tuple[Finder, Finder], image: GrayImage) -> Iterator[tuple[float, Triple]]:
    """The triples of that guess, each with the likeness of its third pattern: one for each likely size."""
    seen = list(guess.seen)
    (missing,) = {0, 1, 2} - set(seen)
    corners = np.zeros((3, 4, 2))
    corners[seen] = [turned(finder.corners, guess.across, guess.down) for finder in two]
    for likely in sorted(range(1, 41), key=lambda version: abs(version - (guess.modules - 10) / 4))[:3]:
        side = 17 + 4 * likely
        rings = RING + np.array([(0.0, 0.0), (side - 7.0, 0.0), (0.0, side - 7.0)])[:, None]
        affine = _affine(rings[seen], corners[seen])
        if affine is None:
            continue
        likeness, off = _seek(affine, rings[missing][0] - 1, image, is_inverted=two[0].is_inverted)
        whole = corners.copy()
        whole[missing] = _applied(affine, rings[missing] + off)
        yield likeness, _triple(whole, dict(zip(seen, two, strict=True)), side, 1 - likeness)


def _triple(corners: NDArray[np.float64], seen: dict[int, Finder], side: int, misfit: float) -> Triple:
    like = next(iter(seen.values()))
    a, b, c = (seen.get(place) or _finder(corners[place], like) for place in range(3))
    return Triple(finders=(a, b, c), corners=corners, sides=(side,), misfit=misfit)


def _affine(modules: NDArray[np.float64], pixels: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Shape (3, 2): from modules to pixels, by the corners of two patterns; None where they are not of one grid."""
    source = np.hstack([modules.reshape(-1, 2), np.ones((8, 1))])
    target = pixels.reshape(-1, 2)
    affine = np.asarray(np.linalg.lstsq(source, target, rcond=None)[0], np.float64)
    module = abs(float(np.linalg.det(affine[:2]))) ** 0.5
    miss = np.linalg.norm(source @ affine - target, axis=1).mean()
    return affine if module > 1 and miss < _MOST_RESIDUAL * module else None


def _applied(affine: NDArray[np.float64], modules: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(modules @ affine[:2] + affine[2])


def _seek(
    affine: NDArray[np.float64], corner: NDArray[np.float64], image: GrayImage, *, is_inverted: bool
) -> tuple[float, NDArray[np.float64]]:
    """How like a finder pattern the likeliest place near `corner` is, and how many modules that lies off it."""
    count = (9 + 2 * _REACH) * _SCALE
    first = corner - 1 - _REACH
    # From a pixel of the part to one of the picture; both count from their middles.
    half = first + 0.5 / _SCALE
    into = np.column_stack([affine[:2].T / _SCALE, _applied(affine, half)])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    part = cv2.warpAffine(image, into, (count, count), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    part = cv2.GaussianBlur(cv2.bitwise_not(part) if is_inverted else part, (3, 3), 0)
    template = np.kron(_PATTERN, np.ones((_SCALE, _SCALE), np.float32))
    _, best, _, (x, y) = cv2.minMaxLoc(
        cv2.matchTemplate(part.astype(np.float32), template, cv2.TM_CCOEFF_NORMED)
    )
    return float(best), np.array([x, y]) / _SCALE - _REACH


def _finder(ring: NDArray[np.float64], like: Finder) -> Finder:
    sides = np.linalg.norm(ring - np.roll(ring, 1, axis=0), axis=1)
    x, y = ring.mean(axis=0)
    return Finder(
        x=float(x),
        y=float(y),
        corners=ring,
        module_pixels=float(sides.mean()) / 5,
        is_inverted=like.is_inverted,
    )
