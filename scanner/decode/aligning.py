"""Ties the fourth corner of a lattice to the alignment pattern there, before and while it is bent on to the edges.

Three finder patterns say little about the opposite corner: on a bottle it may be modules away from where a plane has
it, and the edges there then snap to their neighbours. From version 2 on an alignment pattern stands near it (6.3.6).
"""

import cv2
import numpy as np

from scanner.decode.lattice import MARGIN, Lattice
from scanner.decode.qr.layout import alignment_places, version_of
from scanner.images import GrayImage

_SCALE = 4
"""Pixels a module while the pattern is looked for."""

_REACH = 4
"""Modules by which it may be off in each direction."""

_LEAST_OFF = 0.2
"""Modules by which it must be off for the lattice to be moved: less than one step of the search."""

_LEAST_LIKENESS = 0.55
"""Correlation below which it was not found: any place near has about 0.4."""

_PATTERN = np.pad(np.pad(np.zeros((1, 1)), 1, constant_values=1), 1).astype(np.float32)


def aligned(lattice: Lattice, image: GrayImage) -> Lattice:
    """The lattice with its last alignment pattern where it is seen; the same one if it lies there or is not seen."""
    places = alignment_places(version_of(lattice.side))
    if not places:
        return lattice
    centre = places[-1][0] + 0.5
    flat = cv2.GaussianBlur(lattice.rectified(image, _SCALE), (5, 5), 0).astype(np.float32)
    template = np.kron(_PATTERN, np.ones((_SCALE, _SCALE), np.float32))
    first = round((centre + MARGIN - 2.5 - _REACH) * _SCALE)
    part = flat[first : first + (5 + 2 * _REACH) * _SCALE, first : first + (5 + 2 * _REACH) * _SCALE]
    if min(part.shape) < len(template):
        return lattice
    likeness = cv2.matchTemplate(part, template, cv2.TM_CCOEFF_NORMED)
    _, best, _, (x, y) = cv2.minMaxLoc(likeness)
    if best < _LEAST_LIKENESS:
        return lattice
    du, dv = x / _SCALE - _REACH, y / _SCALE - _REACH
    if max(abs(du), abs(dv)) < _LEAST_OFF:
        return lattice
    at = np.arange(-MARGIN, lattice.side + MARGIN + 1) / centre
    # Nothing moves along the sides where the finder patterns are; the most at the fourth corner.
    share = np.clip(at[:, None], 0, None) * np.clip(at[None, :], 0, None)
    return lattice.moved((share * du).astype(np.float32), (share * dv).astype(np.float32))
