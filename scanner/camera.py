"""A camera, a stream or a video file: each code that comes into view, once, however many frames it stays there.

A camera does not wait. While a frame is read, others go by; the next one that is read is the newest, so that what is
shown is what is before the camera now. A file waits, so each of its frames is read.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Generator, Iterator
from contextlib import closing
from threading import Condition, Thread

import cv2
import numpy as np

from scanner.decode import Knowledge, decode
from scanner.errors import CameraError
from scanner.images import GrayImage
from scanner.symbol import Symbol

FRAME_SECONDS = 0.15
"""How long one frame may take: what it takes longer to read is read on a later frame, held a little better."""

_RATED_SECONDS = 3.0


class Rate:
    """How many frames a second were read, over the last seconds."""

    def __init__(self) -> None:
        self.frames = 0
        self._times: deque[float] = deque()

    @property
    def per_second(self) -> float:
        """0.0 before the second frame."""
        if len(self._times) < 2:
            return 0.0
        return (len(self._times) - 1) / max(self._times[-1] - self._times[0], 1e-6)

    def tick(self, now: float) -> None:
        """One frame more, at `now` on a clock of seconds."""
        self.frames += 1
        self._times.append(now)
        while now - self._times[0] > _RATED_SECONDS:
            self._times.popleft()


def watch(
    source: int | str,
    *,
    frame_seconds: float = FRAME_SECONDS,
    knowledge: Knowledge | None = None,
    rate: Rate | None = None,
) -> Generator[Symbol, None, None]:
    """Codes seen by camera number `source`, at an address (`rtsp://`, `http://`), or in the video file of that name,
    in the order in which they appear. `rate` is told of each frame, with a code or without.

    Ends with the video; a camera goes on until the iterator is closed, which frees the camera.

    Raises: CameraError when it cannot be opened.
    """
    seen: set[bytes] = set()
    rate = rate or Rate()
    with closing(_frames(source)) as frames:
        for frame in frames:
            rate.tick(time.monotonic())
            for symbol in decode(frame, seconds=frame_seconds, knowledge=knowledge):
                if symbol.payload not in seen:
                    seen.add(symbol.payload)
                    yield symbol


def _frames(source: int | str) -> Generator[GrayImage, None, None]:
    capture = cv2.VideoCapture(source)
    try:
        if not capture.isOpened():
            raise CameraError(str(source))
        is_live = isinstance(source, int) or "://" in source
        yield from _newest(capture) if is_live else _all(capture)
    finally:
        capture.release()


def _all(capture: cv2.VideoCapture) -> Iterator[GrayImage]:
    while True:
        there, frame = capture.read()
        if not there:
            return
        yield _gray(frame)


def _newest(capture: cv2.VideoCapture) -> Generator[GrayImage, None, None]:
    """The newest frame each time somebody asks."""
    taking = _Taking(capture)
    taking.start()
    try:
        while (frame := taking.newest()) is not None:
            yield frame
    finally:
        taking.stop()


class _Taking(Thread):
    """Takes frames as they come, and keeps the last one."""

    def __init__(self, capture: cv2.VideoCapture) -> None:
        super().__init__(name="scanner-camera", daemon=True)
        self._capture = capture
        self._turn = Condition()
        self._newest: GrayImage | None = None
        self._is_over = False

    def run(self) -> None:
        """Until the source ends, or `stop`."""
        while not self._is_over:
            there, frame = self._capture.read()
            with self._turn:
                if there:
                    self._newest = _gray(frame)
                else:
                    self._is_over = True
                self._turn.notify()

    def newest(self) -> GrayImage | None:
        """Waits for a frame that was not given yet; None when there is none to come."""
        with self._turn:
            self._turn.wait_for(lambda: self._newest is not None or self._is_over)
            frame, self._newest = self._newest, None
            return frame

    def stop(self) -> None:
        """Returns when the source is not read any more."""
        self._is_over = True
        self.join()


def _gray(frame: cv2.typing.MatLike) -> GrayImage:
    return np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), np.uint8)
