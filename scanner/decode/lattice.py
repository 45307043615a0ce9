"""The bent lattice of a symbol: which point of the picture each corner between modules lies on.

A `Lattice` maps module coordinates (u, v), u to the right, v down, (0, 0) at the symbol's own top-left corner, to
pixels. It begins as a plane in perspective and is then bent (`scanner.decode.snapping`) until its lines lie on the
edges of the modules: cylinders, creases and lenses alike.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.images import GrayImage

MARGIN = 2
"""Modules round the symbol that the lattice covers too."""

_BULGES = tuple(0.5 * step for step in range(-10, 11))
"""Modules by which the lines round a cylinder bulge, between the symbol's middle and its finder patterns'."""

_MOST_TURNED = 1.45
"""Radians from the middle: what is turned away farther is not seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lattice:
    """A symbol of `side` modules on a side, laid over a picture."""

    side: int
    points: NDArray[np.float32]
    """Shape (side + 1 + 2 * MARGIN, the same, 2): pixel (x, y) of module corner (u, v) at [v + MARGIN, u + MARGIN]."""

    def rectified(self, image: GrayImage, scale: int) -> GrayImage:
        """The symbol cut out and laid flat: `scale` pixels a module, `MARGIN` modules round it."""
        count = (self.side + 2 * MARGIN) * scale
        at = ((np.arange(count) + 0.5) / scale).astype(np.float32)
        x, y = self._interpolated(at[None, :].repeat(count, 0), at[:, None].repeat(count, 1))
        return np.asarray(cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)

    def moved(self, du: NDArray[np.float32], dv: NDArray[np.float32]) -> "Lattice":
        """The lattice whose corner (u, v) lies where this one has (u + du, v + dv); both of the shape of `points`."""
        count = len(self.points)
        at = np.arange(count, dtype=np.float32)
        x, y = self._interpolated(at[None, :] + du, at[:, None] + dv)
        return Lattice(side=self.side, points=np.dstack([x, y]))

    def pixels(self, uv: NDArray[np.float64]) -> NDArray[np.float64]:
        """Shape (n, 2): where the module coordinates `uv`, of that shape, lie."""
        at = (uv + MARGIN).astype(np.float32)
        x, y = self._interpolated(at[:, 0:1], at[:, 1:2])
        return np.hstack([x, y]).astype(np.float64)

    def corners(self) -> NDArray[np.float64]:
        """Shape (4, 2): the symbol's corners, clockwise from its own top-left."""
        side = float(self.side)
        return self.pixels(np.array([(0, 0), (side, 0), (side, side), (0, side)]))

    def _interpolated(
        self, u: NDArray[np.float32], v: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Both coordinates of points on the lattice counted from its margin; beyond that, its edge goes on."""
        last = np.float32(len(self.points) - 1)
        inner_u, inner_v = np.clip(u, 0, last), np.clip(v, 0, last)
        moved = cv2.remap(self.points, inner_u, inner_v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(moved[..., 0], np.float32), np.asarray(moved[..., 1], np.float32)


def bent(lattice: Lattice, uv: NDArray[np.float64], pixels: NDArray[np.float64]) -> Lattice:
    """`lattice` bent by a quadratic field so that the points `uv` come near to `pixels`.

    Both have shape (n, 2), n at least 8.

    Where the symbol lies round a bottle, no plane fits the three finder patterns, and the misfit tells the curve.
    """
    at = np.arange(-MARGIN, lattice.side + MARGIN + 1, dtype=np.float64)
    u, v = np.meshgrid(at, at)
    miss = pixels - lattice.pixels(uv)
    matrix = _quadratic(uv[:, 0], uv[:, 1], lattice.side)
    ridge = np.diag([1e-6, 1e-6, 1e-6, 1e-3, 1e-3, 1e-3]) * len(uv)
    field = np.linalg.solve(matrix.T @ matrix + ridge, matrix.T @ miss)
    moved = lattice.points + (_quadratic(u.ravel(), v.ravel(), lattice.side) @ field).reshape(*u.shape, 2)
    return Lattice(side=lattice.side, points=moved.astype(np.float32))


def _quadratic(u: NDArray[np.float64], v: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    x, y = 2 * u / side - 1, 2 * v / side - 1
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)


def plane(side: int, uv: NDArray[np.float64], pixels: NDArray[np.float64]) -> Lattice | None:
    """The plane in perspective that brings the points `uv` nearest to `pixels`; None where they are degenerate.

    Both have shape (n, 2) with n at least 4.
    """
    matrix = _perspective(uv, pixels)
    return None if matrix is None else _laid(side, matrix, _corners_between(side))


def cylinder(
    side: int, uv: NDArray[np.float64], pixels: NDArray[np.float64], *, axis: int, angle: float
) -> Lattice | None:
    """As `plane`, of a symbol that lies round a cylinder: its coordinate `axis` (0 u, 1 v) goes round.

    `angle` is that between the middle of the symbol and its finder patterns' middles, in radians. How much the lines
    that go round bulge, as they do when they are seen from above or below, is found out: the points miss least.
    """
    tries: list[tuple[float, float, NDArray[np.float64]]] = []
    for bulge in _BULGES:
        seen = _rolled(uv, side, axis, angle, bulge)
        matrix = _perspective(seen, pixels)
        if matrix is not None:
            miss = float(np.square(_projected(matrix, seen) - pixels).sum())
            tries.append((miss, bulge, matrix))
    if not tries:
        return None
    _, bulge, matrix = min(tries, key=lambda one: one[0])
    return _laid(side, matrix, _rolled(_corners_between(side), side, axis, angle, bulge))


def _corners_between(side: int) -> NDArray[np.float64]:
    """Shape (corners, corners, 2): module coordinates of the lattice's points."""
    at = np.arange(-MARGIN, side + MARGIN + 1, dtype=np.float64)
    return np.stack(np.meshgrid(at, at), axis=-1)


def _rolled(uv: NDArray[np.float64], side: int, axis: int, angle: float, bulge: float) -> NDArray[np.float64]:
    """Where module coordinates are seen from far away: the finder patterns' middles stay at their distance from the
    symbol's, what is between comes near to them and moves by up to `bulge` modules along the cylinder.
    """
    middle, reach = side / 2, side / 2 - 3.5
    turned = np.clip(angle * (uv[..., axis] - middle) / reach, -_MOST_TURNED, _MOST_TURNED)
    out = uv.copy()
    out[..., axis] = middle + reach * np.sin(turned) / np.sin(angle)
    out[..., 1 - axis] += bulge * (np.cos(turned) - np.cos(angle)) / (1 - np.cos(angle))
    return out


def _perspective(uv: NDArray[np.float64], pixels: NDArray[np.float64]) -> NDArray[np.float64] | None:
    matrix = np.asarray(cv2.findHomography(uv, pixels, 0)[0], np.float64)
    return matrix if matrix.shape == (3, 3) and np.isfinite(matrix).all() else None


def _projected(matrix: NDArray[np.float64], uv: NDArray[np.float64]) -> NDArray[np.float64]:
    mapped = np.concatenate([uv, np.ones_like(uv[..., :1])], axis=-1) @ matrix.T
    return np.asarray(mapped[..., :2] / mapped[..., 2:], np.float64)


def _laid(side: int, matrix: NDArray[np.float64], uv: NDArray[np.float64]) -> Lattice | None:
    """The lattice whose points are seen at `uv` before the perspective; None where it goes behind the eye."""
    depth = uv @ matrix[2, :2] + matrix[2, 2]
    if (depth * np.sign(depth[0, 0]) <= 1e-9).any():
        return None
    return Lattice(side=side, points=_projected(matrix, uv).astype(np.float32))
