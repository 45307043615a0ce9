"""Pictures of every kind that people send."""

import sys
import warnings
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scanner.decode import decode
from scanner.errors import ImageFormatUnsupportedError, ImageTooLargeError, ImageUnreadableError
from scanner.images import Limits, load_image, parse_image
from tests.scanner.drawing import draw_qr
from tests.scanner.test_image_bombs import png_chunk

CODE = draw_qr("HTTPS://EXAMPLE.COM/1")
ORIENTATION = 0x0112


def stored(picture: Image.Image, kind: str, **options: object) -> bytes:
    file = BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def texts(data: bytes) -> list[str]:
    return [symbol.text for symbol in decode(parse_image(data))]


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("JPEG", "L"), ("JPEG", "RGB"), ("JPEG", "CMYK"), ("PNG", "1"), ("PNG", "L"), ("PNG", "P"), ("PNG", "LA"),
        ("PNG", "RGB"), ("PNG", "RGBA"), ("PNG", "I;16"), ("WEBP", "RGB"), ("WEBP", "RGBA"),
    ],
)  # fmt: skip
def test_reads_the_code_in_every_format_and_mode(kind: str, mode: str) -> None:
    picture = Image.fromarray(CODE).convert("L")
    if mode == "I;16":
        picture = Image.fromarray(CODE.astype(np.uint16) * 257)
    elif mode != "L":
        picture = picture.convert(mode)
    assert texts(stored(picture, kind)) == ["HTTPS://EXAMPLE.COM/1"]


def test_gives_upright_grey_bytes() -> None:
    pixels = parse_image(stored(Image.fromarray(CODE), "PNG"))
    assert pixels.dtype == np.uint8
    assert pixels.flags.c_contiguous
    assert np.array_equal(pixels, CODE)


def test_keeps_the_upper_byte_of_16_bit_samples() -> None:
    samples = np.array([[0, 255, 256, 65535]], np.uint16)
    assert parse_image(stored(Image.fromarray(samples), "PNG")).tolist() == [[0, 0, 1, 255]]


def test_sees_transparent_parts_as_white_paper() -> None:
    ink = np.zeros((*CODE.shape, 4), np.uint8)
    ink[..., 3] = 255 - CODE
    assert texts(stored(Image.fromarray(ink), "PNG")) == ["HTTPS://EXAMPLE.COM/1"]


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_takes_the_first_picture_of_an_animation(kind: str) -> None:
    first, second = Image.fromarray(CODE), Image.new("L", CODE.shape[::-1], 255)
    data = stored(first, kind, save_all=True, append_images=[second], duration=100)
    assert texts(data) == ["HTTPS://EXAMPLE.COM/1"]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_turns_the_picture_as_its_exif_orientation_says(kind: str, orientation: int) -> None:
    scene = np.full((40, 80), 255, np.uint8)
    scene[4:16, 4:16] = 0  # a black square: top left when upright
    undo: dict[int, Callable[[np.ndarray], np.ndarray]] = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.T,
        6: lambda a: np.rot90(a, 1),
        7: lambda a: a[::-1, ::-1].T,
        8: lambda a: np.rot90(a, -1),
    }
    picture = Image.fromarray(np.ascontiguousarray(undo[orientation](scene)))
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    options = {"lossless": True} if kind == "WEBP" else {"quality": 95} if kind == "JPEG" else {}
    pixels = parse_image(stored(picture.convert("RGB"), kind, exif=exif, **options))
    assert pixels.shape == scene.shape
    assert pixels[10, 10] < 40
    assert pixels[10, 70] > 215
    assert pixels[30, 10] > 215


@pytest.mark.parametrize("value", [0, 9])
def test_takes_an_impossible_orientation_for_upright(value: int) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = value
    data = stored(Image.fromarray(CODE), "PNG", exif=exif)
    assert np.array_equal(parse_image(data), CODE)


@pytest.mark.parametrize("exif", [b"no TIFF at all", b"MM\x00*\x00\x00\xff\xf0 nonsense"])
def test_reads_a_picture_whose_exif_is_corrupt(exif: bytes) -> None:
    whole = stored(Image.fromarray(CODE), "PNG")
    header = 8 + 25
    assert texts(whole[:header] + png_chunk(b"eXIf", exif) + whole[header:]) == ["HTTPS://EXAMPLE.COM/1"]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("part", [0.02, 0.3, 0.7])
def test_refuses_a_truncated_file(kind: str, part: float) -> None:
    data = stored(Image.fromarray(CODE), kind)
    with pytest.raises(ImageUnreadableError) as caught:
        parse_image(data[: max(16, int(len(data) * part))])
    assert caught.value.code == "IMAGE_UNREADABLE"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no picture",
        b"GIF89a" + bytes(40),
        b"%PDF-1.7\n",
        b"\x00\x00\x00\x1cftypavif",
        b"RIFF\x00\x00\x00\x00WAVE",
    ],
)
def test_refuses_other_kinds_of_files(data: bytes) -> None:
    with pytest.raises(ImageFormatUnsupportedError):
        parse_image(data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_any_damage_gives_a_picture_or_one_of_our_errors(kind: str) -> None:
    whole = stored(Image.fromarray(CODE), kind)
    chance = np.random.default_rng(7)
    outcomes = set()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(150):
            data = bytearray(whole)
            for place in chance.integers(0, len(data), size=4):
                data[place] = chance.integers(0, 256)
            try:
                parse_image(bytes(data))
                outcomes.add("picture")
            except (ImageUnreadableError, ImageFormatUnsupportedError) as error:
                outcomes.add(error.code)
    assert "IMAGE_UNREADABLE" in outcomes


def test_reads_a_file_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "code.png"
    path.write_bytes(stored(Image.fromarray(CODE), "PNG"))
    assert np.array_equal(load_image(path), CODE)
    assert np.array_equal(load_image(str(path)), CODE)


def test_names_why_a_file_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(ImageUnreadableError, match="No such file"):
        load_image(tmp_path / "missing.png")
    with pytest.raises(ImageUnreadableError, match="directory"):
        load_image(tmp_path)
    with pytest.raises(ImageUnreadableError):
        load_image("a\x00b.png")


def test_reads_no_more_of_a_large_file_than_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    path.write_bytes(stored(Image.fromarray(CODE), "PNG"))
    size = path.stat().st_size
    assert load_image(path, limits=Limits(max_bytes=size)).shape == CODE.shape
    with pytest.raises(ImageTooLargeError) as caught:
        load_image(path, limits=Limits(max_bytes=size - 1))
    assert caught.value.limit_bytes == size - 1


def test_says_what_heic_needs_when_its_decoder_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    with pytest.raises(ImageFormatUnsupportedError, match="pi-heif"):
        parse_image(b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00heicmif1")


def test_refuses_a_damaged_heic() -> None:
    with pytest.raises(ImageUnreadableError):
        parse_image(b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00heicmif1")
