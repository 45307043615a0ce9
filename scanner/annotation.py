"""A picture with each code's verdict drawn over it: a frame round the code, its number in the list, and its verdict."""

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.images import GrayImage
from scanner.symbol import Corners
from tagcore.reasons import Level

_MARKS: Mapping[Level, tuple[str, tuple[int, int, int]]] = {
    Level.MATCH: ("MATCH", (70, 140, 20)),
    Level.UNCHECKED: ("NOT CHECKED", (200, 100, 20)),
    Level.NOT_OURS: ("NOT OURS", (160, 40, 140)),
    Level.CAUTION: ("CAUTION", (0, 120, 200)),
    Level.SUSPECT: ("SUSPECT", (30, 30, 200)),
    Level.STOP: ("DO NOT USE", (0, 0, 160)),
}
"""Words and colour (blue, green, red), dark enough for white letters on it: never colour alone."""

_FONT = cv2.FONT_HERSHEY_SIMPLEX
_LETTER_PIXELS = 22.0
"""Height of a letter of that font at scale 1."""


def annotated_png(image: GrayImage, marks: Sequence[tuple[Corners, Level]]) -> bytes:
    """`image` as a PNG in grey with the marks in colour; `marks` are numbered from 1 in their order."""
    drawing = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
    for number, (corners, level) in enumerate(marks, 1):
        _mark(drawing, corners, f"{number} {_MARKS[level][0]}", _MARKS[level][1])
    return cv2.imencode(".png", drawing)[1].tobytes()


def _mark(drawing: cv2.typing.MatLike, corners: Corners, words: str, colour: tuple[int, int, int]) -> None:
    frame = np.rint(np.array(corners)).astype(np.int32)
    side = float(np.linalg.norm(frame - np.roll(frame, 1, axis=0), axis=1).mean())
    cv2.polylines(drawing, [frame], True, colour, max(2, round(side / 40)), cv2.LINE_AA)
    size = max(0.4, side / 9 / _LETTER_PIXELS)
    thickness = max(1, round(1.6 * size))
    (width, height), below = cv2.getTextSize(words, _FONT, size, thickness)
    left, base = _place(frame, width, height + below, drawing.shape[1])
    cv2.rectangle(drawing, (left, base - height - below), (left + width, base + below), colour, -1)
    cv2.putText(drawing, words, (left, base), _FONT, size, (255, 255, 255), thickness, cv2.LINE_AA)


def _place(frame: NDArray[np.int32], width: int, height: int, picture_width: int) -> tuple[int, int]:
    """Where the words begin and stand: over the frame, or within it at the picture's upper edge."""
    left = int(np.clip(frame[:, 0].min(), 0, max(0, picture_width - width)))
    return left, max(int(frame[:, 1].min()) - height // 2, 2 * height)
