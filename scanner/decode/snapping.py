"""Bends a lattice until its lines lie on the edges between modules.

Laid flat by the present lattice, an edge between a dark and a light module should stand on a whole number. How far it
is off is measured along every row and column of modules; a smooth field (a polynomial of growing degree) is fitted to
what was measured, robustly, and the lattice moved by it. Trust grows outwards: first the finder patterns and what
lies beside the timing patterns, at last the corner where the symbol has no finder pattern.
"""

from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.decode.lattice import MARGIN, Lattice
from scanner.images import GrayImage

_SCALE = 6
"""Pixels a module while edges are measured."""

_REACH = 0.5
"""Modules to both sides of a line within which its edge is looked for: beyond lies the next line."""

Steps = Sequence[tuple[float, int]]
"""(part of the symbol that is trusted, degree of the polynomial), one a step."""

_LOCAL_MODULES = 2.0
"""How near, as the deviation of a Gaussian, when the lattice follows its edges locally."""

LOCAL = 0
"""In place of a degree: each part of the lattice follows the edges near it, as on crumpled paper."""

STEPS: Steps = (
    (0.0, 2),
    (0.0, 2),
    (0.25, 2),
    (0.4, 3),
    (0.6, 3),
    (0.8, 3),
    (1.0, 3),
    (1.0, 4),
    (1.0, 4),
    (1.0, 5),
)


def snapped(lattice: Lattice, image: GrayImage, *, steps: Steps = STEPS) -> Lattice:
    """`lattice` bent on to the edges of `image`."""
    for trusted, degree in steps:
        lattice = _step(lattice, image, trusted, degree)
    return lattice


def _step(lattice: Lattice, image: GrayImage, trusted: float, degree: int) -> Lattice:
    flat = lattice.rectified(image, _SCALE).astype(np.float32)
    across = _offsets(flat, lattice.side)
    down = _offsets(np.ascontiguousarray(flat.T), lattice.side)
    if degree == LOCAL:
        return lattice.moved(_local_field(*across), _local_field(*down).T)
    trust, basis = _trust(lattice.side, trusted), _basis(lattice.side, degree)
    return lattice.moved(_field(*across, trust, basis), _field(*down, trust, basis).T)


def _offsets(flat: NDArray[np.float32], side: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How far each vertical line's edges are off, in modules, and how much there is to be seen of them.

    Both of shape (side, side + 1): row of modules, line.
    """
    scale, margin = _SCALE, MARGIN * _SCALE
    rows = flat[margin : margin + side * scale].reshape(side, scale, -1)[:, 1 : scale - 1].mean(axis=1)
    slope = np.zeros_like(rows)
    slope[:, 1:-1] = rows[:, 2:] - rows[:, :-2]
    energy = slope**2
    reach = int(_REACH * scale)
    # The line between modules j - 1 and j lies between two pixels: half a pixel before the first of module j.
    first = margin - reach
    windows = np.lib.stride_tricks.sliding_window_view(energy, 2 * reach, axis=1)[:, first::scale][
        :, : side + 1
    ]
    place = (np.arange(2 * reach) - reach + 0.5) / scale
    total = windows.sum(axis=2)
    offsets = (windows @ place.astype(np.float32)) / np.maximum(total, 1e-6)
    return offsets.astype(np.float32), np.sqrt(total)


def _trust(side: int, part: float) -> NDArray[np.float32]:
    """Shape (side, side + 1): 1.0 for the first 9 rows and columns, and as much more of the symbol as `part` says."""
    front = 9 + part * (side - 9)
    row, line = np.arange(side)[:, None] + 0.5, np.arange(side + 1)[None, :]
    return np.asarray(np.clip(front - np.minimum(row, line), 0, 2) / 2, np.float32)


@lru_cache(maxsize=64)
def _powers(degree: int) -> tuple[tuple[int, int], ...]:
    return tuple((a, b) for a in range(degree + 1) for b in range(degree + 1 - a))


@lru_cache(maxsize=64)
def _basis(side: int, degree: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Chebyshev products at the measured places, (side * (side + 1), terms), and at the lattice's corners."""
    line = np.arange(side + 1) * 2.0 / side - 1
    row = (np.arange(side) + 0.5) * 2.0 / side - 1
    # Beyond the symbol the field goes on as at its edge: polynomials run away there.
    corner = np.clip((np.arange(-MARGIN, side + MARGIN + 1)) * 2.0 / side - 1, -1.05, 1.05)
    along = np.polynomial.chebyshev.chebvander(line, degree)
    across = np.polynomial.chebyshev.chebvander(row, degree)
    out = np.polynomial.chebyshev.chebvander(corner, degree)
    terms = _powers(degree)
    measured = np.stack([np.outer(across[:, b], along[:, a]).ravel() for a, b in terms], axis=1)
    corners = np.stack([np.outer(out[:, b], out[:, a]) for a, b in terms], axis=-1)
    return measured.astype(np.float32), corners.astype(np.float32)


def _field(
    offsets: NDArray[np.float32],
    seen: NDArray[np.float32],
    trust: NDArray[np.float32],
    basis: tuple[NDArray[np.float32], NDArray[np.float32]],
) -> NDArray[np.float32]:
    """The smooth field nearest to the offsets, at all corners of the lattice: least squares, reweighted (Huber)."""
    measured, corners = basis
    level = max(float(np.percentile(seen, 90)), 1e-3)
    weight = (np.clip(seen / level - 0.25, 0, 1) * trust).ravel()
    wanted = offsets.ravel()
    keep = np.flatnonzero(weight > 0.01)
    if len(keep) < 3 * measured.shape[1]:
        return np.zeros(corners.shape[:2], np.float32)
    matrix, wanted, weight = measured[keep], wanted[keep], weight[keep]
    ridge = 0.02 * weight.sum() * np.diag([0.01 if k == 0 else 1.0 for k in range(measured.shape[1])]) * 0.02
    solution = np.zeros(measured.shape[1], np.float32)
    robust = weight
    for _ in range(3):
        scaled = matrix * robust[:, None]
        solution = np.linalg.solve(scaled.T @ matrix + ridge, scaled.T @ wanted).astype(np.float32)
        miss = np.abs(matrix @ solution - wanted)
        robust = weight * np.minimum(1, 0.1 / np.maximum(miss, 1e-3))
    return np.asarray(np.clip(corners @ solution, -0.6, 0.6), np.float32)


def _local_field(offsets: NDArray[np.float32], seen: NDArray[np.float32]) -> NDArray[np.float32]:
    """The offsets' weighted mean round each corner of the lattice: near ones count most."""
    level = max(float(np.percentile(seen, 90)), 1e-3)
    weight = np.clip(seen / level - 0.25, 0, 1)
    total = cv2.GaussianBlur(weight, (0, 0), _LOCAL_MODULES, borderType=cv2.BORDER_REFLECT)
    moved = cv2.GaussianBlur(weight * offsets, (0, 0), _LOCAL_MODULES, borderType=cv2.BORDER_REFLECT)
    mean = np.asarray(moved / (total + 0.05), np.float32)
    # Rows of modules become rows of corners; beyond the symbol the field goes on as at its edge.
    corners = np.pad(mean, ((1, 1), (0, 0)), mode="edge")
    return np.pad((corners[1:] + corners[:-1]) / 2, MARGIN, mode="edge").astype(np.float32)


def seam_quality(lattice: Lattice, image: GrayImage) -> float:
    """Part of the edges that lie on lines of the lattice: 1.0 when all do, 0.5 on a picture of anything else."""
    flat = cv2.GaussianBlur(lattice.rectified(image, _SCALE), (3, 3), 0).astype(np.float32)
    on = total = 0.0
    for side_up in (flat, np.ascontiguousarray(flat.T)):
        margin = MARGIN * _SCALE
        rows = side_up[margin:-margin].reshape(lattice.side, _SCALE, -1)[:, 1:-1].mean(axis=1)
        slope = np.abs(rows[:, 1:] - rows[:, :-1])[:, margin - 3 : -margin + 3]
        at = np.arange(slope.shape[1]) % _SCALE
        on += float(slope[:, (at >= 1) & (at <= 3)].sum())
        total += float(slope.sum())
    return on / max(total, 1e-6)
