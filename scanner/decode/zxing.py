"""The first stage: zxing-cpp with its default options.

On the photographs at hand it reads more in less time than any other single reader.
"""

from collections.abc import Iterable, Sequence

import zxingcpp

from scanner.images import GrayImage
from scanner.symbol import Corners, Symbol

_QR_FAMILY = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
"""Micro QR and rMQR too: they cannot be ours, but deserve the answer "not ours" rather than "no code"."""


class ZxingStage:
    """Reads the QR family on the whole picture."""

    name = "zxing"

    def read(self, image: GrayImage, found: Sequence[Symbol]) -> Iterable[Symbol]:
        """All symbols that it reads, whatever was found before."""
        del found
        # Plain: the default would show control characters as "<GS>" and the like, which no printer printed.
        barcodes = zxingcpp.read_barcodes(image, formats=_QR_FAMILY, text_mode=zxingcpp.TextMode.Plain)
        return [self._symbol(barcode) for barcode in barcodes]

    def _symbol(self, barcode: zxingcpp.Barcode) -> Symbol:
        extra = barcode.extra if isinstance(barcode.extra, dict) else {}
        return Symbol(
            text=barcode.text,
            payload=barcode.bytes,
            corners=_corners(barcode.position),
            stage=self.name,
            version=extra.get("Version"),
            ec_level=barcode.ec_level or None,
        )


def _corners(position: zxingcpp.Position) -> Corners:
    a, b, c, d = position.top_left, position.top_right, position.bottom_right, position.bottom_left
    return (a.x, a.y), (b.x, b.y), (c.x, c.y), (d.x, d.y)
