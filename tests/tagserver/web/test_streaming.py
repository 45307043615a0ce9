"""Files handed out while they are written."""

import threading
from typing import BinaryIO

import pytest

from tagserver.web.streaming import PIECE_BYTES, PIECES_AHEAD, pieces


def test_all_that_is_written_comes_out_in_order() -> None:
    def write(out: BinaryIO) -> None:
        out.writelines(b"%06d\n" % number for number in range(300_000))

    read = b"".join(pieces(write))
    assert read == b"".join(b"%06d\n" % number for number in range(300_000))


def test_an_early_error_comes_before_the_first_piece() -> None:
    def write(out: BinaryIO) -> None:
        out.write(b"a little")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        pieces(write)


def test_a_late_error_comes_out_where_it_happened() -> None:
    def write(out: BinaryIO) -> None:
        out.write(b"x" * PIECE_BYTES)
        raise ValueError("no")

    reading = pieces(write)
    assert len(next(reading)) == PIECE_BYTES
    with pytest.raises(ValueError, match="no"):
        next(reading)


def test_the_writer_waits_for_the_reader_and_ends_with_it() -> None:
    written, ended = [0], threading.Event()

    def write(out: BinaryIO) -> None:
        try:
            for _ in range(1_000):
                out.write(b"x" * PIECE_BYTES)
                written[0] += 1
        finally:
            ended.set()

    reading = pieces(write)
    next(reading)
    assert not ended.wait(0.2)
    assert written[0] <= PIECES_AHEAD + 3
    reading.close()  # type: ignore[attr-defined] # a generator
    assert ended.wait(60)


def test_an_error_after_the_reader_left_is_nobodys() -> None:
    written, gone, ended = threading.Event(), threading.Event(), threading.Event()

    def write(out: BinaryIO) -> None:
        out.write(b"x" * PIECE_BYTES)
        out.write(b"x" * PIECE_BYTES * PIECES_AHEAD)
        written.set()
        gone.wait()
        ended.set()
        raise ValueError("no")

    reading = pieces(write)
    next(reading)
    assert written.wait(60)
    reading.close()  # type: ignore[attr-defined] # a generator
    gone.set()
    assert ended.wait(60)
