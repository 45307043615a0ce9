"""The second stage: OpenCV's QR reader, where zxing-cpp found nothing at all.

Its ArUco-based detector is used: of the photographs that zxing-cpp leaves it reads some, the classic one none.
"""

from collections.abc import Iterable, Sequence

import cv2
import numpy as np

from scanner.decode.crowd import count_finder_patterns
from scanner.images import GrayImage
from scanner.symbol import Corners, Symbol

_MAX_SIDE_PIXELS = 1600
"""Longer sides are scaled down to this: it reads no more on larger pictures and takes time by their area."""

_MAX_FINDER_PATTERNS = 100
"""The detector tries them three by three: 100 take up to 1 s, 256 take 1.5 s and more, 700 take 22 s."""


class OpencvStage:
    """Reads QR Code only; tells neither version nor error correction."""

    name = "opencv"

    def read(self, image: GrayImage, found: Sequence[Symbol]) -> Iterable[Symbol]:
        """Symbols on a picture where none was found yet; nothing on one too crowded to be read in time."""
        if found:
            return []
        scale = min(1.0, _MAX_SIDE_PIXELS / max(image.shape))
        if scale < 1:
            size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
            image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
        if count_finder_patterns(image) > _MAX_FINDER_PATTERNS:
            return []
        return self._read(image, scale)

    def _read(self, image: GrayImage, scale: float) -> Iterable[Symbol]:
        try:
            _, payloads, quads, _ = cv2.QRCodeDetectorAruco().detectAndDecodeBytesMulti(image)
        except cv2.error:  # it asserts on some degenerate quadrilaterals: then it has read nothing
            return []
        return [
            Symbol(
                text=_text(payload),
                payload=bytes(payload),
                corners=_corners(quad.tolist(), scale),
                stage=self.name,
            )
            for payload, quad in zip(payloads, quads if payloads else (), strict=True)
            if payload
        ]


def _text(payload: bytes) -> str:
    """UTF-8 where it is, else ISO 8859-1, the character set of ISO/IEC 18004 where no ECI names another."""
    try:
        return payload.decode()
    except UnicodeDecodeError:
        return payload.decode("latin-1")


def _corners(quad: list[list[float]], scale: float) -> Corners:
    """Back to pixels of the whole picture; pixel centres are whole numbers on both scales."""
    a, b, c, d = (((x + 0.5) / scale - 0.5, (y + 0.5) / scale - 0.5) for x, y in quad)
    return a, b, c, d
