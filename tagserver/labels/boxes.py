"""Where the symbol may stand on a label, and what it leaves for the text.

The quiet zone lies within the label: what is beyond its edge, nobody knows.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tagserver.labels.geometry import LabelSpec
from tagserver.labels.layout import SymbolPlace
from tagserver.labels.qr import QUIET_MODULES

LARGEST_MODULE_MM, SMALLEST_MODULE_MM = 0.60, 0.15
"""Beyond the first, paper is wasted; the second is what a 600 dpi printer can just print."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A place for the symbol and what it leaves for the text."""

    symbol: SymbolPlace
    x_mm: float
    y_mm: float
    width_mm: float
    height_mm: float


def boxes_for(spec: LabelSpec, symbol_size: int) -> Iterator[Box]:
    """Every module and arrangement for which symbol and quiet zone lie within the label."""
    for dots in _module_dots(spec):
        module = dots * spec.dot_mm
        quiet, side = QUIET_MODULES * module, symbol_size * module
        edge = max(spec.padding_mm, quiet)
        if side + 2 * edge > min(spec.width_mm, spec.height_mm) + spec.dot_mm / 2:
            continue
        yield _beside(spec, symbol_size, dots, edge)
        yield _below(spec, symbol_size, dots, edge)


def _module_dots(spec: LabelSpec) -> range:
    """Whole dots a module to try."""
    if spec.module_mm is not None:
        dots = spec.whole_dots(spec.module_mm)
        return range(dots, dots + 1) if dots else range(0)
    least = -(-SMALLEST_MODULE_MM // spec.dot_mm)
    return range(int(least), max(spec.whole_dots(LARGEST_MODULE_MM), int(least)) + 1)


def _beside(spec: LabelSpec, size: int, dots: int, edge: float) -> Box:
    side = size * dots * spec.dot_mm
    symbol = _symbol(spec, size, dots, edge, (spec.height_mm - side) / 2)
    left = symbol.x_mm + side + edge
    return Box(
        symbol=symbol,
        x_mm=left,
        y_mm=spec.padding_mm,
        width_mm=spec.width_mm - spec.padding_mm - left,
        height_mm=spec.height_mm - 2 * spec.padding_mm,
    )


def _below(spec: LabelSpec, size: int, dots: int, edge: float) -> Box:
    side = size * dots * spec.dot_mm
    symbol = _symbol(spec, size, dots, (spec.width_mm - side) / 2, edge)
    top = symbol.y_mm + side + edge
    return Box(
        symbol=symbol,
        x_mm=symbol.x_mm,
        y_mm=top,
        width_mm=spec.width_mm - spec.padding_mm - symbol.x_mm,
        height_mm=spec.height_mm - spec.padding_mm - top,
    )


def _symbol(spec: LabelSpec, size: int, dots: int, x_mm: float, y_mm: float) -> SymbolPlace:
    """The symbol with its corner on the nearest dot."""
    x, y = (round(v / spec.dot_mm) * spec.dot_mm for v in (x_mm, y_mm))
    return SymbolPlace(size=size, module_dots=dots, module_mm=dots * spec.dot_mm, x_mm=x, y_mm=y)
