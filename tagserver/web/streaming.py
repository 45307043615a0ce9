"""A file handed out while it is written: whoever writes it runs in a thread and waits for the reader.

Errors before the first piece is full come out where the reader begins, so that they can still be told properly;
a later one breaks the connection off, which is the one way to tell a client that half a file is no file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import RawIOBase
from queue import Full, Queue
from threading import Event, Thread
from typing import BinaryIO, cast

PIECE_BYTES = 256 * 1024
PIECES_AHEAD = 8
WAIT_SECONDS = 0.5

Write = Callable[[BinaryIO], object]


class ReaderGoneError(Exception):
    """Nobody reads any more; it ends the writing."""


def pieces(write: Write) -> Iterator[bytes]:
    """What `write` writes, in pieces. Returns when the first is there. Raises: what `write` raised before that."""
    pipe = _Pipe()
    Thread(target=pipe.run, args=(write,), name="file-writer", daemon=True).start()
    first = pipe.take()
    return _all(pipe, first)


def _all(pipe: _Pipe, first: bytes | None) -> Iterator[bytes]:
    try:
        piece = first
        while piece is not None:
            yield piece
            piece = pipe.take()
    finally:
        pipe.reader_gone.set()


class _Pipe(RawIOBase):
    """A writable file whose content comes out of `take`."""

    def __init__(self) -> None:
        super().__init__()
        self.reader_gone = Event()
        self._gathered = bytearray()
        self._queue: Queue[bytes | Exception | None] = Queue(maxsize=PIECES_AHEAD)

    def run(self, write: Write) -> None:
        """Write it all; the end or the error is the last thing to be taken."""
        last: Exception | None = None
        try:
            write(cast("BinaryIO", self))
            self._put(bytes(self._gathered))
        except ReaderGoneError:
            return
        except Exception as error:  # noqa: BLE001 - raised again where the file is read
            last = error
        try:
            self._put(last)
        except ReaderGoneError:
            return

    def take(self) -> bytes | None:
        """The next piece, None at the end. Raises what the writing raised."""
        piece = self._queue.get()
        if isinstance(piece, Exception):
            raise piece
        return piece

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        view = memoryview(cast("bytes", data))
        self._gathered += view
        if len(self._gathered) >= PIECE_BYTES:
            self._put(bytes(self._gathered))
            self._gathered.clear()
        return view.nbytes

    def _put(self, piece: bytes | Exception | None) -> None:
        while not self.reader_gone.is_set():
            try:
                self._queue.put(piece, timeout=WAIT_SECONDS)
            except Full:
                continue
            return
        raise ReaderGoneError
