"""zxing-cpp on the whole picture: as it is in the first stage, made easier to read in later ones.

As it is, it reads more on the photographs at hand in less time than any other single reader.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from scanner.decode.scene import Scene
from scanner.images import GrayImage
from scanner.symbol import Corners, Point, Symbol

QR_FAMILY = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
"""Micro QR and rMQR too: they cannot be ours, but deserve the answer "not ours" rather than "no code"."""


Affine: TypeAlias = NDArray[np.float64]
"""Shape (2, 3): from pixels of a prepared picture to those of the whole one."""

Prepared: TypeAlias = tuple[GrayImage, Affine]


@dataclass(frozen=True, slots=True, kw_only=True)
class ZxingStage:
    """Reads the QR family on the whole picture, after `prepare` where it is given."""

    name: str = "zxing"
    prepare: Callable[[Scene], Prepared] | None = None
    """Gives the picture to be read."""
    binarizer: zxingcpp.Binarizer = field(default=zxingcpp.Binarizer.LocalAverage)

    def read(self, scene: Scene) -> Iterable[Symbol]:
        """All symbols that it reads, whatever was found before."""
        image, back = self.prepare(scene) if self.prepare else (scene.image, scaling(1.0))
        # Plain: the default would show control characters as "<GS>" and the like, which no printer printed.
        barcodes = zxingcpp.read_barcodes(
            image, formats=QR_FAMILY, binarizer=self.binarizer, text_mode=zxingcpp.TextMode.Plain
        )
        return [symbol_of(barcode, self.name, _corners(barcode.position, back)) for barcode in barcodes]


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


def _corners(position: zxingcpp.Position, back: Affine) -> Corners:
    corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    a, b, c, d = (_moved(back, p.x, p.y) for p in corners)
    return a, b, c, d


def _moved(back: Affine, x: float, y: float) -> Point:
    moved = back @ np.array([x, y, 1.0])
    return float(moved[0]), float(moved[1])


def scaling(scale: float) -> Affine:
    """From pixels of the picture at `scale` to those of the whole one."""
    shift = 0.5 / scale - 0.5
    return np.array([[1 / scale, 0, shift], [0, 1 / scale, shift]])


def locally_stretched(scene: Scene) -> Prepared:
    """Contrast stretched in each part of the picture by itself (CLAHE)."""
    scale = min(scene.scale, 1.0)
    stretched = cv2.createCLAHE(3.0, (8, 8)).apply(scene.scaled(scale))
    return np.asarray(stretched, np.uint8), scaling(scale)


def brightened(scene: Scene) -> Prepared:
    """Shadows opened: gamma 0.5."""
    curve = (255 * (np.arange(256) / 255) ** 0.5).astype(np.uint8)
    return np.asarray(cv2.LUT(scene.image, curve), np.uint8), scaling(1.0)


def turned(scene: Scene) -> Prepared:
    """Turned by 22 degrees on a white page: another raster, and a quiet zone where there was none."""
    scale = scene.scale
    image = scene.scaled(scale)
    height, width = image.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 22, 1.0)
    cosine, sine = abs(turn[0, 0]), abs(turn[0, 1])
    size = int(height * sine + width * cosine), int(height * cosine + width * sine)
    turn[:, 2] += (size[0] - width) / 2, (size[1] - height) / 2
    page = cv2.warpAffine(image, turn, size, borderValue=255)
    back = np.vstack([cv2.invertAffineTransform(turn), (0, 0, 1)])
    return np.asarray(page, np.uint8), scaling(scale) @ back


def small(scene: Scene) -> Prepared:
    """At the working scale: a doubled small picture, or a large one without its grain."""
    return scene.scaled(scene.scale), scaling(scene.scale)
