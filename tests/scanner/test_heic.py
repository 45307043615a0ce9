"""HEIC, as phones store it: HEVC in a HEIF container, turned by its own property."""

import struct

import numpy as np
import pytest

from scanner.decode import decode
from scanner.errors import ImageTooManyPixelsError, ImageUnreadableError
from scanner.images import Limits, parse_image
from tests.scanner.drawing import draw_qr
from tests.scanner.heic import write_heic

CODE = np.full((192, 208), 255, np.uint8)
CODE[:174, :174] = draw_qr("HTTPS://EXAMPLE.COM/1")[:174, :174]


def exif_saying(orientation: int) -> bytes:
    entry = struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0)
    return b"MM\x00*" + struct.pack(">IH", 8, 1) + entry + bytes(4)


def test_reads_a_heic_picture() -> None:
    pixels = parse_image(write_heic(CODE))
    assert pixels.shape == CODE.shape
    assert np.abs(pixels.astype(int) - CODE).max() <= 20  # video levels: black is 16
    assert [symbol.text for symbol in decode(pixels)] == ["HTTPS://EXAMPLE.COM/1"]


def test_turns_it_once_though_phones_say_it_twice() -> None:
    stored = np.rot90(CODE, 1)
    pixels = parse_image(write_heic(stored, quarter_turns=3, exif=b"Exif\x00\x00" + exif_saying(6)))
    assert pixels.shape == CODE.shape
    assert np.abs(pixels.astype(int) - CODE).max() <= 20


def test_refuses_too_many_pixels_before_it_decodes_them() -> None:
    data = write_heic(CODE, size=(16_000, 16_000))
    with pytest.raises(ImageTooManyPixelsError) as caught:
        parse_image(data)
    assert caught.value.got == 256_000_000
    assert parse_image(write_heic(CODE), limits=Limits(max_pixels=CODE.size)).shape == CODE.shape


def test_refuses_a_size_that_the_pixels_do_not_have() -> None:
    with pytest.raises(ImageUnreadableError):
        parse_image(write_heic(CODE, size=(64, 64)))


@pytest.mark.parametrize("part", [0.01, 0.1, 0.5, 0.98])
def test_refuses_a_truncated_file(part: float) -> None:
    data = write_heic(CODE)
    with pytest.raises(ImageUnreadableError):
        parse_image(data[: int(len(data) * part)])
