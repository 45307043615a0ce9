"""One symbol from three finder patterns: lattice, snapping, sampling, decoding and judging, in this order."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from scanner.decode.aligning import aligned
from scanner.decode.equalising import equalised
from scanner.decode.lattice import MARGIN, Lattice, bent, cylinder, plane
from scanner.decode.qr import layout_of, version_of
from scanner.decode.sampling import brightness, contrasts, sample
from scanner.decode.snapping import STEPS, snapped
from scanner.decode.triples import Triple
from scanner.images import GrayImage

_MOST_STARTS = 3
"""Sizes and bends that are tried for three patterns."""

_LIKELY_FIT = 0.5
"""Of 2.0. Three patterns that belong to no symbol seldom reach it."""

_FIRST_STEPS, _BEGUN_FIT = 3, 0.35
"""After so many steps of snapping the known modules must agree so far, or the rest is spared."""

_LAST_STEPS = 6
"""The steps from here on are taken again where the last alignment pattern does not lie yet where it should."""

_EQUALISED_SIDE = 97
"""Larger symbols are not equalised: it takes time by their area, and no photograph at hand was read by it."""

_SHIFTS = (0.4, -0.4)
"""Of the border between dark and light: ink that flaked off, ink that ran."""

_BOWS = (0.85, 1.0, 1.15)
"""The angle round a bottle is measured on two small patterns: so much of it is tried."""

_MOST_BOWED = 1.2

_FINDERS = ((slice(0, 8), slice(0, 8)), (slice(0, 8), slice(-8, None)), (slice(-8, None), slice(0, 8)))
_BELIEVED_FIT = 0.5
"""What the modules known beforehand must agree to: random ones reach 0.1, a symbol of another size 0.4 at most."""


def read_grid(triple: Triple, image: GrayImage) -> Iterator[tuple[Lattice, NDArray[np.float32]]]:
    """Lattices with the soft modules on them, likelier ones first, for the decoder to judge."""
    image = np.asarray(255 - image, np.uint8) if triple.finders[0].is_inverted else image
    begun = sorted(
        ((_first_fit(lattice, image), lattice) for lattice in _starts(triple)), key=lambda pair: -pair[0]
    )
    for fit, lattice in begun[:_MOST_STARTS]:
        if fit < max(_LIKELY_FIT, 0.6 * begun[0][0]):
            break
        begun_well = snapped(aligned(lattice, image), image, steps=STEPS[:_FIRST_STEPS])
        if known_fit(sample(begun_well, image)) < _BEGUN_FIT:
            continue
        whole = snapped(aligned(begun_well, image), image, steps=STEPS[_FIRST_STEPS:])
        yield from _softs(whole, image)
        again = aligned(whole, image)
        if again is not whole:
            yield from _softs(snapped(again, image, steps=STEPS[_LAST_STEPS:]), image)


def _softs(lattice: Lattice, image: GrayImage) -> Iterator[tuple[Lattice, NDArray[np.float32]]]:
    """The modules as they look, equalised, and with the border between dark and light shifted."""
    raw, trust = contrasts(brightness(lattice, image))
    inner = slice(MARGIN, -MARGIN)
    soft = np.ascontiguousarray((np.clip(raw, -1, 1) * trust)[inner, inner], np.float32)
    if known_fit(soft) <= _BELIEVED_FIT:
        return
    yield lattice, soft
    if lattice.side <= _EQUALISED_SIDE:
        yield lattice, equalised(raw) * trust[inner, inner]
    for shift in _SHIFTS:
        shifted = np.clip(raw + np.float32(shift), -1, 1) * trust
        yield lattice, np.ascontiguousarray(shifted[inner, inner], np.float32)


def _starts(triple: Triple) -> Iterator[Lattice]:
    pixels = triple.corners.reshape(-1, 2)
    for side in triple.sides:
        targets = triple.targets(side).reshape(-1, 2)
        flat = plane(side, targets, pixels)
        if flat is not None:
            yield flat
            yield bent(flat, targets, pixels)
        if triple.bow is not None:
            axis, angle = triple.bow
            for part in _BOWS:
                round_ = cylinder(side, targets, pixels, axis=axis, angle=min(part * angle, _MOST_BOWED))
                if round_ is not None:
                    yield round_


def _first_fit(lattice: Lattice, image: GrayImage) -> float:
    """How well finder and timing patterns are seen before anything is bent; the latter tell how many modules there are.

    Each timing pattern may have slipped on a curve: the size is right if one of them is seen in most of its parts.
    """
    raw, trust = contrasts(brightness(lattice, image))
    soft = (np.clip(raw, -1, 1) * trust)[MARGIN:-MARGIN, MARGIN:-MARGIN]
    known = layout_of(version_of(len(soft))).known
    finders = np.concatenate([(soft * known)[rows, columns].ravel() for rows, columns in _FINDERS])
    row, column = (soft * known)[6, 8:-8], (soft * known)[8:-8, 6]
    timing = sum(float(line.mean()) for line in (row, column)) / 2
    return float(finders.mean()) + timing


def known_fit(soft: NDArray[np.float32]) -> float:
    """How well the function patterns are seen: 1.0 perfectly, 0.0 by chance, -1.0 in the wrong colours."""
    known = layout_of(version_of(len(soft))).known.astype(np.float32)
    return float((soft * known).sum() / max(float(np.abs(soft[known != 0]).sum()), 1e-6))
