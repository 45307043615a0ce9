"""Small files that announce large pictures: refused from the header, before anything is decoded."""

import struct
import tracemalloc
import zlib
from io import BytesIO

import pytest
from PIL import Image

from scanner.errors import ImageTooManyPixelsError, ImageUnreadableError
from scanner.images import Limits, parse_image

WIDE, TALL = 16_000, 16_000


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_header(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))


def png_bomb() -> bytes:
    pixels = zlib.compress(bytes(1000), 9)
    return png_header(WIDE, TALL) + png_chunk(b"IDAT", pixels) + png_chunk(b"IEND", b"")


def jpeg_bomb() -> bytes:
    file = BytesIO()
    Image.new("L", (16, 16)).save(file, "JPEG")
    data = file.getvalue()
    frame = data.index(b"\xff\xc0") + 5
    return data[:frame] + struct.pack(">HH", TALL, WIDE) + data[frame + 4 :]


def webp_chunk(kind: bytes, body: bytes) -> bytes:
    body += bytes(len(body) % 2)
    return b"RIFF" + struct.pack("<I", len(body) + 12) + b"WEBP" + kind + struct.pack("<I", len(body)) + body


def webp_extended() -> bytes:
    return webp_chunk(b"VP8X", bytes(4) + (WIDE - 1).to_bytes(3, "little") + (TALL - 1).to_bytes(3, "little"))


def webp_lossless() -> bytes:
    return webp_chunk(b"VP8L", b"\x2f" + ((TALL - 1) << 14 | (WIDE - 1)).to_bytes(4, "little") + bytes(10))


def webp_lossy() -> bytes:
    return webp_chunk(b"VP8 ", b"\x10\x00\x00\x9d\x01\x2a" + struct.pack("<HH", WIDE, TALL) + bytes(10))


@pytest.mark.parametrize(
    "bomb", [png_bomb, jpeg_bomb, webp_extended, webp_lossless, webp_lossy], ids=lambda bomb: bomb.__name__
)
def test_refuses_too_many_pixels_without_decoding_them(bomb: "type[bytes]") -> None:
    data = bomb()
    tracemalloc.start()
    with pytest.raises(ImageTooManyPixelsError) as caught:
        parse_image(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert caught.value.code == "IMAGE_TOO_MANY_PIXELS"
    assert (caught.value.got, caught.value.limit) == (WIDE * TALL, 50_000_000)
    assert peak < 1_000_000


def test_the_limit_itself_is_allowed() -> None:
    file = BytesIO()
    Image.new("L", (30, 20)).save(file, "PNG")
    assert parse_image(file.getvalue(), limits=Limits(max_pixels=600)).shape == (20, 30)
    with pytest.raises(ImageTooManyPixelsError):
        parse_image(file.getvalue(), limits=Limits(max_pixels=599))


def test_leaves_pillows_own_limit_alone() -> None:
    before = Image.MAX_IMAGE_PIXELS
    with pytest.raises(ImageTooManyPixelsError):
        parse_image(png_bomb())
    assert before == Image.MAX_IMAGE_PIXELS


def test_an_own_limit_may_lie_above_pillows() -> None:
    width, height = 10_000, 9_000  # Image.open would warn: more than 89 million
    rows = zlib.compress(bytes((width + 1) * height), 1)
    data = png_header(width, height) + png_chunk(b"IDAT", rows) + png_chunk(b"IEND", b"")
    assert parse_image(data, limits=Limits(max_pixels=width * height)).shape == (height, width)


def test_refuses_a_progressive_jpeg_with_endless_scans() -> None:
    file = BytesIO()
    Image.new("L", (64, 64), 128).save(file, "JPEG", progressive=True)
    data = file.getvalue()
    last = data.rindex(b"\xff\xda")
    scan = data[last:-2]
    with pytest.raises(ImageTooManyPixelsError, match="scans"):
        parse_image(data[:-2] + scan * 300 + data[-2:])


def test_refuses_a_png_with_a_text_bomb() -> None:
    text = png_chunk(b"zTXt", b"note\x00\x00" + zlib.compress(bytes(80_000_000), 9))
    data = png_header(4, 4) + text + png_chunk(b"IDAT", zlib.compress(bytes(20))) + png_chunk(b"IEND", b"")
    with pytest.raises(ImageUnreadableError):
        parse_image(data)
