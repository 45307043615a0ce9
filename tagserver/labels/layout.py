"""What a finished layout says: where symbol and text stand on a label, and what to warn of.

Everything is in millimetres from the label's top left corner, y downwards. `fitting` finds the layout.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from tagserver.labels.errors import MissingGlyphError, TextDoesNotFitError
from tagserver.labels.helvetica import REGULAR, X_HEIGHT_EM
from tagserver.labels.typeface import Face

SMALL_MODULE_MM = 0.25
"""Below this, phone cameras and office printers begin to fail. GS1 allows no less than 0.254 mm for items of
healthcare that are not sold at a checkout (GS1 General Specifications, symbol specification table 7)."""

SMALL_X_HEIGHT_MM = 0.9
"""The least that Regulation (EU) 1169/2011, Article 13(3), allows on the smallest packs."""


class WarningCode(StrEnum):
    """Stable names of what is printable, yet worth a second look."""

    MODULE_TOO_SMALL = "LABEL_MODULE_TOO_SMALL"
    TEXT_SMALL = "LABEL_TEXT_SMALL"
    NAME_SHORTENED = "LABEL_NAME_SHORTENED"


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutWarning:
    """A warning with its text for people."""

    code: WarningCode
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedLine:
    """A line of text: its left end, its baseline and its font size."""

    text: str
    face: Face
    x_mm: float
    baseline_mm: float
    size_mm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolPlace:
    """A symbol of `size` modules on a side; `x_mm` and `y_mm` are its corner inside the quiet zone.

    A module is `module_dots` whole dots of the printer, which is `module_mm`.
    """

    size: int
    module_dots: int
    module_mm: float
    x_mm: float
    y_mm: float

    @property
    def side_mm(self) -> float:
        return self.size * self.module_mm


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialSlot:
    """Room for the one line that differs between the labels of a batch."""

    x_mm: float
    baseline_mm: float
    size_mm: float
    width_mm: float
    min_size_mm: float

    def line(self, text: str) -> PlacedLine:
        """The serial's line, smaller than the slot's size if it is wide; never cut.

        Raises: TextDoesNotFitError when it would be smaller than `min_size_mm`;
          MissingGlyphError when Helvetica cannot write it.
        """
        if missing := REGULAR.missing(text):
            raise MissingGlyphError(missing, font=REGULAR.pdf_name)
        size = min(self.size_mm, self.width_mm / REGULAR.width_em(text))
        if size < self.min_size_mm:
            raise TextDoesNotFitError(text, size_mm=size, minimum_mm=self.min_size_mm)
        return PlacedLine(text=text, face=REGULAR, x_mm=self.x_mm, baseline_mm=self.baseline_mm, size_mm=size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where everything stands; `lines` are all but the serial's."""

    symbol: SymbolPlace
    lines: tuple[PlacedLine, ...]
    serial: SerialSlot
    shortened_name: bool

    @property
    def warnings(self) -> tuple[LayoutWarning, ...]:
        return tuple(self._warnings())

    def _warnings(self) -> Iterator[LayoutWarning]:
        module = self.symbol.module_mm
        if module < SMALL_MODULE_MM:
            message = f"a module is {module:.3f} mm, want at least {SMALL_MODULE_MM} mm"
            yield LayoutWarning(code=WarningCode.MODULE_TOO_SMALL, message=message)
        x_height = self.serial.size_mm * X_HEIGHT_EM
        if x_height < SMALL_X_HEIGHT_MM:
            message = f"the identifiers' x-height is {x_height:.2f} mm, want at least {SMALL_X_HEIGHT_MM} mm"
            yield LayoutWarning(code=WarningCode.TEXT_SMALL, message=message)
        if self.shortened_name:
            message = "the product name is too long for the label and was shortened"
            yield LayoutWarning(code=WarningCode.NAME_SHORTENED, message=message)
