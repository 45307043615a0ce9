"""Soft modules: how dark each module of a lattice is, and how far that can be believed."""

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.decode.lattice import MARGIN, Lattice
from scanner.images import GrayImage

SCALE = 6
"""Pixels a module while it is sampled."""

_WINDOW_MODULES = 9
"""Side of the neighbourhood in which dark and light are told apart: as wide as a finder pattern with its separator."""


def sample(lattice: Lattice, image: GrayImage) -> NDArray[np.float32]:
    """Shape (side, side), from -1.0 (surely light) to 1.0 (surely dark).

    Each module's middle half is averaged and held against what is dark and what is light round it.
    """
    return soft_modules(brightness(lattice, image))


def brightness(lattice: Lattice, image: GrayImage) -> NDArray[np.float32]:
    """Mean grey of each module's middle, the margin's too: shape (side + 2 * MARGIN, the same), 0.0 to 255.0."""
    flat = lattice.rectified(image, SCALE)
    count = lattice.side + 2 * MARGIN
    inner = flat.reshape(count, SCALE, count, SCALE)[:, 1:-1, :, 1:-1].astype(np.float32)
    weights = np.array([0.5, 1, 1, 0.5], np.float32)
    weights /= weights.sum()
    return np.asarray(np.einsum("ijkl,j,l->ik", inner, weights, weights), np.float32)


def soft_modules(grey: NDArray[np.float32], *, window: int = _WINDOW_MODULES) -> NDArray[np.float32]:
    """Shape (side, side): `grey`, as `brightness` gives it, held against its neighbourhood."""
    raw, trust = contrasts(grey, window=window)
    soft = np.clip(raw, -1, 1) * trust
    return np.ascontiguousarray(soft[MARGIN:-MARGIN, MARGIN:-MARGIN], np.float32)


def contrasts(
    grey: NDArray[np.float32], *, window: int = _WINDOW_MODULES
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How far each module is from the local middle, in half the local contrast, and 0.0 to 1.0 how far to trust it.

    Both of the shape of `grey`, the margin included. What lies under a reflection or a smear has little contrast.
    """
    dark, light = _levels(grey, window)
    contrast = light - dark
    usual = max(float(np.median(contrast)), 2.0)
    raw = (light + dark - 2 * grey) / np.maximum(contrast, 0.15 * usual)
    return raw.astype(np.float32), np.clip(contrast / (0.5 * usual), 0, 1).astype(np.float32)


def _levels(grey: NDArray[np.float32], window: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The local means of what is darker and of what is lighter than the local middle, found in two rounds."""

    def mean(values: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(
            cv2.boxFilter(values, -1, (window, window), borderType=cv2.BORDER_REFLECT), np.float32
        )

    middle = mean(grey)
    dark = light = middle
    for _ in range(2):
        is_dark = (grey < middle).astype(np.float32)
        share = mean(is_dark)
        darker = mean(grey * is_dark) / np.maximum(share, np.float32(1e-3))
        lighter = mean(grey * (1 - is_dark)) / np.maximum(1 - share, np.float32(1e-3))
        dark = np.asarray(np.where(share > 0.02, darker, lighter), np.float32)
        light = np.asarray(np.where(share < 0.98, lighter, darker), np.float32)
        middle = (dark + light) / np.float32(2)
    return dark, light
