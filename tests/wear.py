"""Printed labels that had a hard life."""

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner import decode


def rubbed(label: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Rubbed off in stripes, so that nothing reads its code any more; its finder patterns are left."""
    (symbol,) = decode(label)
    corners = np.array(symbol.corners)
    low, high = corners.min(axis=0).astype(int), corners.max(axis=0).astype(int)
    side = int(high[0] - low[0])
    out = label.copy()
    for row in range(low[1] + side // 4, high[1] - side // 5, side // 8):
        cv2.line(out, (int(low[0] + side // 4), row), (int(high[0]), row - side // 20), 170, side // 14)
    return out


def serial_of(label: NDArray[np.uint8]) -> str:
    """As it stands beside the code."""
    (symbol,) = decode(label)
    return symbol.text.partition("/21/")[2].partition("?")[0]
