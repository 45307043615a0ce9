"""Which three finder patterns belong to one symbol, how they lie, and how many modules may be between them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scanner.decode.finders import Finder

_MOST_FINDERS = 60
"""The pairs of more are too many to be looked at; the binarisations agree least on the last ones."""

_MOST_CANDIDATES = 60
"""Threes that are looked at closely."""

_LEAST_BOWED = 1.06
"""How much more modules across than down tell a bottle, not an inaccurate outline."""

RING = np.array([(1.0, 1.0), (6.0, 1.0), (6.0, 6.0), (1.0, 6.0)])
"""Of the light ring's outer edge, in modules from the finder pattern's own top-left corner."""


_ROUND = np.arange(4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Triple:
    """Three finder patterns that may be those of one symbol."""

    finders: tuple[Finder, Finder, Finder]
    """At the symbol's top-left, top-right and bottom-left."""
    corners: NDArray[np.float64]
    """Shape (3, 4, 2): of each the light ring's outer edge, clockwise from its top-left, in pixels."""
    sides: tuple[int, ...]
    """Possible numbers of modules on a side of the symbol, the likeliest first."""
    bow: tuple[int, float] | None = None
    """(axis, radians) of a symbol round a bottle: 0 when its rows go round, 1 when its columns do, and by how much its
    finder patterns' middles are turned away from its own."""
    misfit: float
    """How far the patterns are from lying as the three of a plane symbol: 0.0 is perfect, in modules."""

    def targets(self, side: int) -> NDArray[np.float64]:
        """Shape (3, 4, 2): where `corners` lie in a symbol with `side` modules on a side, in modules."""
        shift = side - 7.0
        shifts = np.array([(0.0, 0.0), (shift, 0.0), (0.0, shift)])
        return np.asarray(RING + shifts[:, None, :])


def find_triples(finders: Sequence[Finder], *, most: int = 12) -> tuple[Triple, ...]:
    """The `most` likeliest triples, best first. One pattern may be in several."""
    triples = sorted(_triples(finders[:_MOST_FINDERS]), key=lambda triple: triple.misfit)
    return tuple(triples[:most])


def _triples(finders: Sequence[Finder]) -> Iterator[Triple]:
    for corner, right, below in _candidates(finders):
        triple = _triple(finders[corner], finders[right], finders[below])
        if triple is not None:
            yield triple


def _candidates(finders: Sequence[Finder]) -> NDArray[np.intp]:
    """Shape (n, 3): indices of three patterns of like size that stand at a corner of a like-sided angle, best first."""
    points = np.array([(f.x, f.y) for f in finders]).reshape(-1, 2)
    modules = np.array([f.module_pixels for f in finders])
    inverted = np.array([f.is_inverted for f in finders], bool)
    arms = points[None, :, :] - points[:, None, :]
    lengths = np.hypot(arms[..., 0], arms[..., 1])
    ways = lengths / np.sqrt(modules[None, :] * modules[:, None])
    unlike = np.abs(np.log2(modules[None, :] / modules[:, None]))
    fits = (ways > 8) & (ways < 220) & (unlike < 1.15) & (inverted[None, :] == inverted[:, None])
    corner, right, below = np.nonzero(fits[:, :, None] & fits[:, None, :])
    a, b = arms[corner, right], arms[corner, below]
    lengths_a, lengths_b = lengths[corner, right], lengths[corner, below]
    sine = (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]) / np.maximum(lengths_a * lengths_b, 1e-9)
    skew = np.abs(np.log2(ways[corner, right] / np.maximum(ways[corner, below], 1e-9)))
    cost = skew + unlike[corner, right] + unlike[corner, below] + 2 * (1 - sine)
    keep = np.flatnonzero((sine > 0.5) & (skew < 1.15))
    best = keep[np.argsort(cost[keep], kind="stable")][:_MOST_CANDIDATES]
    return np.stack([corner[best], right[best], below[best]], axis=1)


def _triple(corner: Finder, right: Finder, below: Finder) -> Triple | None:
    across = np.array([right.x - corner.x, right.y - corner.y])
    down = np.array([below.x - corner.x, below.y - corner.y])
    three = (corner, right, below)
    corners = np.stack([turned(finder.corners, across, down) for finder in three])
    ways = [_modules_between(corners[0], corners[1], 0), _modules_between(corners[0], corners[2], 1)]
    if min(ways) < 8:
        return None
    between = (ways[0] + ways[1]) / 2
    misfit = abs(ways[0] - ways[1]) / between * 3
    misfit += sum(_bend(corners[0], corners[k], axis) for k, axis in ((1, 0), (2, 1)))
    if misfit > 4:
        return None
    bow = _bow(ways)
    return Triple(
        finders=three,
        corners=corners,
        sides=_sides(between, most=3)
        if bow is None
        else tuple(dict.fromkeys(_sides(min(ways), most=2) + _sides(between, most=2))),
        bow=bow,
        misfit=float(misfit),
    )


def _sides(between: float, *, most: int) -> tuple[int, ...]:
    """The likeliest numbers of modules on a side, with so many between two patterns' middles."""
    version = (between + 7 - 17) / 4
    return tuple(17 + 4 * v for v in sorted(range(1, 41), key=lambda v: abs(v - version))[:most])


def _bow(ways: Sequence[float]) -> tuple[int, float] | None:
    """A plane in perspective has as many modules across as down. Round a bottle, patterns that are turned away look
    narrow for their distance, by tan(angle) / angle.
    """
    ratio = max(ways) / min(ways)
    if ratio < _LEAST_BOWED:
        return None
    axis = 0 if ways[0] > ways[1] else 1
    angles = np.linspace(0.2, 1.3, 200)
    return axis, float(np.interp(ratio, np.tan(angles) / angles, angles))


def turned(
    corners: NDArray[np.float64], across: NDArray[np.float64], down: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The same corners, clockwise from the one nearest to where the symbol's axes say top-left is."""
    spokes = corners - corners.mean(axis=0)
    axes = np.array([across / np.linalg.norm(across), down / np.linalg.norm(down)])
    wanted = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) @ axes
    (ax, ay), (bx, by) = spokes[0], spokes[1]
    if (ax * by - ay * bx) * (across[0] * down[1] - across[1] * down[0]) < 0:
        spokes, corners = spokes[::-1], corners[::-1]
    likeness = spokes @ wanted.T
    best = max(range(4), key=lambda turn: float(likeness[(_ROUND + turn) % 4, _ROUND].sum()))
    return corners[(_ROUND + best) % 4]


def _modules_between(one: NDArray[np.float64], other: NDArray[np.float64], axis: int) -> float:
    """Distance of two patterns' centres in modules, by the sides that lie in its direction."""
    pairs = ((0, 1), (3, 2)) if axis == 0 else ((0, 3), (1, 2))
    sides = [np.linalg.norm(c[a] - c[b]) / 5 for c in (one, other) for a, b in pairs]
    distance = np.linalg.norm(one.mean(axis=0) - other.mean(axis=0))
    return float(distance / max(np.mean(sides), 1e-6))


def _bend(one: NDArray[np.float64], other: NDArray[np.float64], axis: int) -> float:
    """How far the sides of two patterns are from pointing along the line through them: the sines' sum."""
    pairs = ((0, 1), (3, 2)) if axis == 0 else ((0, 3), (1, 2))
    line = other.mean(axis=0) - one.mean(axis=0)
    line = line / np.linalg.norm(line)
    total = 0.0
    for corners in (one, other):
        for a, b in pairs:
            side = corners[b] - corners[a]
            total += abs(float(line[0] * side[1] - line[1] * side[0])) / max(
                float(np.linalg.norm(side)), 1e-6
            )
    return total
