"""Takes the neighbours' share out of blurred modules.

Out of focus, a module's middle shows its neighbours too: grey = sum of weights times modules. The modules are nearly
known (most are read right), so the weights follow from them by least squares; what the neighbours add is then
subtracted, the modules are read again, and so on: decision feedback, as modems do it.
"""

import numpy as np
from numpy.typing import NDArray

from scanner.decode.lattice import MARGIN
from scanner.decode.qr import layout_of, version_of

_ROUNDS = 5
_REACH = 2
"""Modules to each side whose light is taken out: a blur beyond that leaves nothing to read."""


def equalised(raw: NDArray[np.float32]) -> NDArray[np.float32]:
    """Soft modules, shape (side, side), from what `sampling.contrasts` gives: margin and all, not clipped."""
    known = np.pad(layout_of(version_of(len(raw) - 2 * MARGIN)).known, MARGIN, constant_values=-1)
    raw = np.clip(raw, -3, 3)
    modules = _decided(raw, known)
    mended = raw
    for _ in range(_ROUNDS):
        near = _neighbourhoods(modules)
        square = near.T @ near + 1e-3 * len(near) * np.eye(near.shape[1], dtype=np.float32)
        weights = np.linalg.solve(square, near.T @ raw.ravel())
        middle = (2 * _REACH + 1) ** 2 // 2
        own = max(float(weights[middle]), 0.15)
        others = weights.copy()
        others[middle] = 0
        mended = (raw - (near @ others).reshape(raw.shape)) / own
        after = _decided(mended, known)
        if (after == modules).all():
            break
        modules = after
    return np.asarray(np.clip(mended, -1, 1)[MARGIN:-MARGIN, MARGIN:-MARGIN], np.float32)


def _decided(raw: NDArray[np.float32], known: NDArray[np.int8]) -> NDArray[np.float32]:
    return np.where(known != 0, known, np.where(raw > 0, 1, -1)).astype(np.float32)


def _neighbourhoods(modules: NDArray[np.float32]) -> NDArray[np.float32]:
    """Shape (modules, neighbours + 1): each module's neighbourhood, itself in the middle, and 1 at the end."""
    size = 2 * _REACH + 1
    framed = np.pad(modules, _REACH, constant_values=-1)
    near = np.lib.stride_tricks.sliding_window_view(framed, (size, size)).reshape(-1, size * size)
    return np.hstack([near, np.ones((len(near), 1), np.float32)])
