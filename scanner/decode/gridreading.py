"""One symbol from three finder patterns: lattice, snapping, sampling, decoding and judging, in this order."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from scanner.decode.equalising import equalised
from scanner.decode.lattice import MARGIN, Lattice, bent, plane
from scanner.decode.qr import Correction, Format, correct, layout_of, modules_of, read_format, version_of
from scanner.decode.sampling import brightness, contrasts
from scanner.decode.snapping import STEPS, snapped
from scanner.decode.triples import Triple
from scanner.images import GrayImage

_FIRST_STEPS = 2
"""After so many steps of snapping it is judged whether there is a symbol of that size at all."""

_LIKELY_FIT = 0.4
_BELIEVED_FIT = 0.5
"""What the modules known beforehand must agree to: random ones reach 0.1, a symbol of another size 0.4 at most."""


def read_grid(triple: Triple, image: GrayImage) -> Iterator[tuple[Lattice, NDArray[np.float32]]]:
    """Lattices with the soft modules on them, likelier ones first, for the decoder to judge."""
    image = np.asarray(255 - image, np.uint8) if triple.finders[0].is_inverted else image
    begun = [
        (lattice_fit, lattice)
        for lattice in _starts(triple)
        if (lattice_fit := _first_fit(lattice, image)) > _LIKELY_FIT
    ]
    for _, lattice in sorted(begun, key=lambda pair: -pair[0])[:3]:
        whole = snapped(lattice, image, steps=STEPS)
        grey = brightness(whole, image)
        raw, trust = contrasts(grey)
        inner = slice(MARGIN, -MARGIN)
        soft = np.ascontiguousarray((np.clip(raw, -1, 1) * trust)[inner, inner], np.float32)
        if known_fit(soft) > _BELIEVED_FIT:
            yield whole, soft
            yield whole, equalised(raw) * trust[inner, inner]


def _starts(triple: Triple) -> Iterator[Lattice]:
    pixels = triple.corners.reshape(-1, 2)
    for side in triple.sides:
        targets = triple.targets(side).reshape(-1, 2)
        flat = plane(side, targets, pixels)
        if flat is not None:
            yield flat
            yield bent(flat, targets, pixels)


def _first_fit(lattice: Lattice, image: GrayImage) -> float:
    """How well finder and timing patterns are seen before anything is bent."""
    raw, trust = contrasts(brightness(lattice, image))
    soft = (np.clip(raw, -1, 1) * trust)[MARGIN:-MARGIN, MARGIN:-MARGIN]
    return known_fit(soft, timing_only=True)


def known_fit(soft: NDArray[np.float32], *, timing_only: bool = False) -> float:
    """How well the function patterns are seen: 1.0 perfectly, 0.0 by chance, -1.0 in the wrong colours."""
    known = layout_of(version_of(len(soft))).known.astype(np.float32)
    if timing_only:
        known = known.copy()
        known[8:, 8:] = 0
    return float((soft * known).sum() / max(float(np.abs(soft[known != 0]).sum()), 1e-6))


def decoded(soft: NDArray[np.float32]) -> tuple[Correction, Format, NDArray[np.bool_]] | None:
    """The symbol that `soft` stands for: what was mended, its format, and its modules; None where it is not certain."""
    for form in read_format(soft):
        correction = correct(soft, form.level, form.mask)
        if correction is not None:
            modules = modules_of(correction.codewords, version_of(len(soft)), form.level, form.mask)
            return correction, form, modules
    return None
