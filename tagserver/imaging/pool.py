"""A few processes that read pictures, shared by all threads: started when first needed, replaced when they
end.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from queue import Empty, LifoQueue
from threading import Lock
from types import TracebackType
from typing import Self

from tagserver.imaging.worker import Worker, WorkerEndedError
from tagserver.ports.imaging import ExpectedSymbol, ImageCode, ImageRefusedError, SeenSymbol

MEMORY_MB = 1_536
"""For one picture: 64 megapixels take 190 MB as they are stored, and up to five times that while transparent
parts are laid on white.
"""


def reader_command(
    *, max_bytes: int, max_pixels: int, memory_mb: int = MEMORY_MB, trust: Path | None = None
) -> tuple[str, ...]:
    """The command of this installation's own reader; with the bundle in the file `trust`, once it is there, tags are
    read from less.
    """
    limits = ("--max-bytes", str(max_bytes), "--max-pixels", str(max_pixels), "--memory-mb", str(memory_mb))
    pin = ("--trust", str(trust)) if trust else ()
    return (sys.executable, "-m", "scanner.worker", *limits, *pin)


class WorkerPool:
    """Implements `tagserver.ports.imaging.ImageReader`. Close it, or use it as a context manager.

    `size` pictures are read at a time, each for `seconds` at most; who does not get a process within
    `patience_seconds` is told that the reader is busy. Not for sharing over a fork once a picture was read.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        size: int = 2,
        seconds: float = 10.0,
        patience_seconds: float = 10.0,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        if size < 1:
            raise ValueError(f"got a pool of {size} processes, want at least one")
        self._command = tuple(command)
        self._seconds = seconds
        self._patience = patience_seconds
        self._environment = environment
        self._lock = Lock()
        self._closed = False
        # Last in, first out: one warm process serves a quiet site, the others are never started.
        self._free: LifoQueue[Worker | None] = LifoQueue()
        for _ in range(size):
            self._free.put(None)

    def read(self, data: bytes, expected: Sequence[ExpectedSymbol] = ()) -> tuple[SeenSymbol, ...]:
        """Every symbol on the picture, read or recognised. Raises: ImageRefusedError."""
        worker = self._take()
        try:
            if worker is not None and not worker.is_alive:
                worker.kill()
                worker = None
            if worker is None:
                worker = Worker(self._command, environment=self._environment)
            return worker.read(data, expected, seconds=self._seconds)
        except WorkerEndedError as error:
            worker = None
            raise _ended(error) from error
        finally:
            self._give_back(worker)

    def close(self) -> None:
        """End all processes; pictures being read are finished first."""
        with self._lock:
            self._closed = True
        while True:
            try:
                worker = self._free.get_nowait()
            except Empty:
                return
            if worker is not None:
                worker.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _take(self) -> Worker | None:
        """A free place: its process, None where none was started yet."""
        if self._closed:
            raise ImageRefusedError(ImageCode.READER_BUSY, "the picture reader is closing")
        try:
            return self._free.get(timeout=self._patience)
        except Empty:
            message = "too many pictures are being read: try again in a moment"
            raise ImageRefusedError(ImageCode.READER_BUSY, message) from None

    def _give_back(self, worker: Worker | None) -> None:
        with self._lock:
            if not self._closed:
                self._free.put(worker)
                return
        if worker is not None:
            worker.close()


def _ended(error: WorkerEndedError) -> ImageRefusedError:
    if error.timed_out:
        return ImageRefusedError(ImageCode.TOO_SLOW, "the picture takes too long to read")
    return ImageRefusedError(ImageCode.CRASHED, "the picture could not be read: its reader gave up")
