"""One label as PNG at the printer's resolution: a dot a pixel, modules of whole dots.

Text is drawn by PDFium from the label's PDF, so that all formats look alike. The symbol is set over it pixel
by pixel, since only then no renderer's rounding can touch a module.
"""

from io import BytesIO
from threading import Lock

import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image

from tagserver.labels.geometry import LabelSpec
from tagserver.labels.layout import SymbolPlace
from tagserver.labels.pdf import write_prepared
from tagserver.labels.preparing import Label
from tagserver.labels.qr import QUIET_MODULES, Symbol
from tagserver.labels.stock import one_a_page

_ONE_AT_A_TIME = Lock()
"""PDFium is not thread-safe, in any of its calls."""

_POINTS_PER_INCH = 72


def label_png(label: Label, spec: LabelSpec) -> bytes:
    """The label in shades of grey (text is smoothed, modules are not), with its resolution noted."""
    pixels = _page(label, spec)
    place = label.layout.symbol
    x, y = round(place.x_mm / spec.dot_mm), round(place.y_mm / spec.dot_mm)
    dark = dots_of(label.symbol, place)
    quiet = QUIET_MODULES * place.module_dots
    end = len(dark) + quiet
    pixels[max(y - quiet, 0) : y + end, max(x - quiet, 0) : x + end] = 255
    pixels[y : y + len(dark), x : x + len(dark)] = np.where(dark, 0, 255)
    out = BytesIO()
    Image.fromarray(pixels).save(out, "PNG", dpi=(spec.dpi, spec.dpi))
    return out.getvalue()


def dots_of(symbol: Symbol, place: SymbolPlace) -> NDArray[np.bool_]:
    """The symbol in the printer's dots, (row, column), true for dark; no quiet zone."""
    return symbol.modules.repeat(place.module_dots, axis=0).repeat(place.module_dots, axis=1)


def _page(label: Label, spec: LabelSpec) -> NDArray[np.uint8]:
    """The label's page as PDFium draws it, in exactly the label's dots."""
    document = BytesIO()
    write_prepared([label], one_a_page(spec), document, title="label")
    with _ONE_AT_A_TIME, pypdfium2.PdfDocument(document.getvalue()) as opened:
        drawn = opened[0].render(scale=spec.dpi / _POINTS_PER_INCH, grayscale=True).to_numpy()
        grey = np.array(drawn[: spec.height_dots, : spec.width_dots], dtype=np.uint8).squeeze()
    missing = (spec.height_dots - grey.shape[0], spec.width_dots - grey.shape[1])
    return np.pad(grey, ((0, missing[0]), (0, missing[1])), constant_values=255)
