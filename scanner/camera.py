"""A camera, or a video file: each code that comes into view, once."""

from collections.abc import Generator

import cv2
import numpy as np

from scanner.decode import decode
from scanner.errors import CameraError
from scanner.symbol import Symbol


def watch(source: int | str) -> Generator[Symbol, None, None]:
    """Codes seen by camera number `source`, or in the video file of that name, in the order in which they appear.

    Ends with the video; a camera goes on until the iterator is closed, which frees the camera.

    Raises: CameraError when it cannot be opened.
    """
    capture = cv2.VideoCapture(source)
    try:
        if not capture.isOpened():
            raise CameraError(str(source))
        seen: set[bytes] = set()
        while True:
            there, frame = capture.read()
            if not there:
                return
            gray = np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), np.uint8)
            for symbol in decode(gray):
                if symbol.payload not in seen:
                    seen.add(symbol.payload)
                    yield symbol
    finally:
        capture.release()
