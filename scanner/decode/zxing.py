"""zxing-cpp on the whole picture: as it is in the first stage, made easier to read in later ones.

As it is, it reads more on the photographs at hand in less time than any other single reader.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import cv2
import numpy as np
import zxingcpp

from scanner.decode.scene import Scene
from scanner.images import GrayImage
from scanner.symbol import Corners, Symbol

QR_FAMILY = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
"""Micro QR and rMQR too: they cannot be ours, but deserve the answer "not ours" rather than "no code"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ZxingStage:
    """Reads the QR family on the whole picture, after `prepare` where it is given."""

    name: str = "zxing"
    prepare: Callable[[Scene], tuple[GrayImage, float]] | None = None
    """Gives the picture to be read, and its scale."""
    binarizer: zxingcpp.Binarizer = field(default=zxingcpp.Binarizer.LocalAverage)

    def read(self, scene: Scene) -> Iterable[Symbol]:
        """All symbols that it reads, whatever was found before."""
        image, scale = self.prepare(scene) if self.prepare else (scene.image, 1.0)
        # Plain: the default would show control characters as "<GS>" and the like, which no printer printed.
        barcodes = zxingcpp.read_barcodes(
            image, formats=QR_FAMILY, binarizer=self.binarizer, text_mode=zxingcpp.TextMode.Plain
        )
        return [symbol_of(barcode, self.name, _corners(barcode.position, scale)) for barcode in barcodes]


def symbol_of(barcode: zxingcpp.Barcode, stage: str, corners: Corners) -> Symbol:
    """What zxing-cpp says of a barcode."""
    extra = barcode.extra if isinstance(barcode.extra, dict) else {}
    return Symbol(
        text=barcode.text,
        payload=barcode.bytes,
        corners=corners,
        stage=stage,
        version=extra.get("Version"),
        ec_level=barcode.ec_level or None,
    )


def _corners(position: zxingcpp.Position, scale: float) -> Corners:
    corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    a, b, c, d = (((p.x + 0.5) / scale - 0.5, (p.y + 0.5) / scale - 0.5) for p in corners)
    return a, b, c, d


def locally_stretched(scene: Scene) -> tuple[GrayImage, float]:
    """Contrast stretched in each part of the picture by itself (CLAHE)."""
    scale = min(scene.scale, 1.0)
    return np.asarray(cv2.createCLAHE(3.0, (8, 8)).apply(scene.scaled(scale)), np.uint8), scale


def brightened(scene: Scene) -> tuple[GrayImage, float]:
    """Shadows opened: gamma 0.5."""
    curve = (255 * (np.arange(256) / 255) ** 0.5).astype(np.uint8)
    return np.asarray(cv2.LUT(scene.image, curve), np.uint8), 1.0
