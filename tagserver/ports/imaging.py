"""Pictures that people send: reading the symbols on them, away from this process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

Corners = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]
"""(x, y) in pixels of the upright picture, clockwise from the symbol's own top left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """How like a label on a picture is to the one that was expected there; both shares from 0.0 to 1.0."""

    seen: float
    """Of the modules that only this label has so, how many can be seen."""
    agreeing: float
    """Of those that can be seen, how many are as they should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenSymbol:
    """A symbol on a picture: its text (untrusted), where it is, and the stage of the decoder that read it.

    With a `likeness` it was not read but recognised, and `text` is what it was expected under.
    """

    text: str
    corners: Corners
    stage: str
    likeness: Likeness | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedSymbol:
    """A symbol that may be on a picture, as it looks under mask 0: `side` * `side` bits, packed row by row, the most
    significant first, 1 for dark; `secret` marks those that nobody knows who has not seen it.
    """

    text: str
    """What it is called when it is recognised."""
    side: int
    modules: bytes
    secret: bytes


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

    def read(self, data: bytes, expected: Sequence[ExpectedSymbol] = ()) -> tuple[SeenSymbol, ...]:
        """Every symbol on the picture; none is no error. What is too damaged to be read is compared with those that
        are expected. Raises: ImageRefusedError.
        """
        ...
