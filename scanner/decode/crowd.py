"""How crowded a picture is: a cheap count of finder patterns, before a reader that is slow on many of them.

A finder pattern is cut by any line through its middle in dark and light runs of 1:1:3:1:1 modules
(ISO/IEC 18004, 5.3.2.1). Counted are the places where rows and columns agree that there is one.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.images import GrayImage

_RATIOS = np.array([1, 1, 3, 1, 1])
_TOLERANCE = 0.6
"""By how much of a module each run may differ: wide enough for blurred patterns, which the detector tries too."""

_THRESHOLD_BLOCK_PIXELS = 83
"""Side of the neighbourhood whose mean tells dark from light: wider than most patterns, narrower than a shadow."""


def count_finder_patterns(image: GrayImage) -> int:
    """Number of places that look like a finder pattern: exact on clean drawings, too many on busy photographs."""
    dark = cv2.adaptiveThreshold(
        image, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, _THRESHOLD_BLOCK_PIXELS, 4
    ).astype(np.uint8, copy=False)
    middles = _middles(dark) & _middles(np.ascontiguousarray(dark.T)).T
    labels, _ = cv2.connectedComponents(np.ascontiguousarray(middles), connectivity=8)
    return labels - 1


def _middles(dark: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """1 round the middle of each 1:1:3:1:1 sequence of runs along the rows, 0 elsewhere."""
    height, width = dark.shape
    framed = np.zeros((height, width + 2), np.uint8)
    framed[:, 1:-1] = dark
    edges = np.flatnonzero(np.diff(framed.ravel()))
    found = np.zeros((height, width + 2), np.uint8)
    if len(edges) >= 6:
        runs = np.lib.stride_tricks.sliding_window_view(np.diff(edges), 5)
        module = runs.sum(axis=1) / 7
        fits = (np.abs(runs - _RATIOS * module[:, None]) <= _TOLERANCE * module[:, None]).all(axis=1)
        starts = np.flatnonzero(fits)
        starts = starts[framed.ravel()[edges[starts] + 1] == 1]
        found.ravel()[(edges[starts + 2] + edges[starts + 3] + 1) // 2] = 1
    return cv2.dilate(found[:, 1:-1], np.ones((3, 3), np.uint8)).astype(np.uint8, copy=False)
