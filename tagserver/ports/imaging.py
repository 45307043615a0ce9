"""Pictures that people send: reading the symbols on them, away from this process."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

Corners = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]
"""(x, y) in pixels of the upright picture, clockwise from the symbol's own top left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenSymbol:
    """A symbol on a picture: its text (untrusted), where it is, and the stage of the decoder that read it."""

    text: str
    corners: Corners
    stage: str


class ImageCode(StrEnum):
    """Why a picture was not read."""

    TOO_LARGE = "IMAGE_TOO_LARGE"
    TOO_MANY_PIXELS = "IMAGE_TOO_MANY_PIXELS"
    FORMAT_UNSUPPORTED = "IMAGE_FORMAT_UNSUPPORTED"
    UNREADABLE = "IMAGE_UNREADABLE"
    TOO_SLOW = "IMAGE_TOO_SLOW"
    CRASHED = "IMAGE_CRASHED"
    READER_BUSY = "IMAGE_READER_BUSY"
    READER_MISSING = "IMAGE_READER_MISSING"


class ImageRefusedError(Exception):
    """The picture cannot be read, or nothing here can read pictures at the moment."""

    def __init__(self, code: ImageCode, message: str) -> None:
        super().__init__(message)
        self.code = code


class ImageReader(Protocol):
    """Reads pictures: JPEG, PNG, WebP, and HEIC where its decoder is installed."""

    def read(self, data: bytes) -> tuple[SeenSymbol, ...]:
        """Every symbol on the picture; none is no error. Raises: ImageRefusedError."""
        ...
