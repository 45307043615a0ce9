"""Pictures as people send them, made into upright grey arrays.

JPEG, PNG, WebP, and HEIC where pi-heif is installed. The first picture of an animated file is taken. Sizes are
checked from the header, before any pixel is decoded. Pillow's process-wide settings are not touched: the format
is told from the first bytes and its reader called directly, past `Image.open` and its global limit.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from scanner.errors import (
    ImageFormatUnsupportedError,
    ImageTooLargeError,
    ImageTooManyPixelsError,
    ImageUnreadableError,
)

GrayImage: TypeAlias = NDArray[np.uint8]
"""Shape (height, width), 0 black to 255 white, row 0 at the top of the picture as it is meant to be seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one picture may cost. Both limits are inclusive.

    Phones store 12 to 50 megapixels, in 2 to 25 MB. Fifty megapixels take 250 MB while decoded.
    """

    max_bytes: int = 32 * 1024 * 1024
    max_pixels: int = 50_000_000


DEFAULT_LIMITS = Limits()

_MAX_JPEG_SCANS = 256
"""A progressive JPEG has about ten scans. Each costs a pass over all pixels and can be ten bytes long."""

_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_EXIF_ORIENTATION = 0x0112


def load_image(path: str | Path, *, limits: Limits = DEFAULT_LIMITS) -> GrayImage:
    """Return the picture in a file, upright and grey.

    Raises: ImageError as `parse_image` does; ImageUnreadableError also when the file cannot be opened.
    """
    try:
        with Path(path).open("rb") as file:
            data = file.read(limits.max_bytes + 1)
    except (OSError, ValueError) as error:
        raise ImageUnreadableError(getattr(error, "strerror", None) or str(error)) from error
    return parse_image(data, limits=limits)


def parse_image(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> GrayImage:
    """Return the picture in `data`, upright and grey; transparent parts are taken as white paper.

    Raises: ImageTooLargeError when `data` is longer than `limits.max_bytes`; ImageTooManyPixelsError when the
    header announces more than `limits.max_pixels`; ImageFormatUnsupportedError when it is another format, or HEIC
    while pi-heif is not installed; ImageUnreadableError when it is corrupt or truncated.
    """
    if len(data) > limits.max_bytes:
        raise ImageTooLargeError(limit_bytes=limits.max_bytes)
    opener = _opener(data)
    try:
        with opener(data, limits) as picture:
            _check_pixels(picture.size, limits)
            _check_scans(picture, data)
            picture.load()
            return _upright(_gray(picture), _orientation(picture))
    except (ImageTooManyPixelsError, ImageFormatUnsupportedError):
        raise
    except Exception as error:  # whatever a decoder raises on hostile bytes, the bytes are to blame
        raise ImageUnreadableError(str(error) or type(error).__name__) from error


_Opener: TypeAlias = Callable[[bytes, Limits], ImageFile]


def _opener(data: bytes) -> _Opener:
    """Which reader the first bytes ask for."""
    if data.startswith(b"\xff\xd8\xff"):
        return lambda data, _limits: JpegImageFile(BytesIO(data))
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return lambda data, _limits: PngImageFile(BytesIO(data))
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _open_webp
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS:
        return _open_heif
    raise ImageFormatUnsupportedError("want JPEG, PNG, WebP or HEIC" if data else "the file is empty")


def _open_webp(data: bytes, limits: Limits) -> ImageFile:
    """Pillow's WebP reader takes memory for the whole canvas on opening: look at the size before."""
    _check_pixels(_webp_size(data), limits)
    return WebPImageFile(BytesIO(data))


def _webp_size(data: bytes) -> tuple[int, int]:
    """(width, height) from a WebP header: RFC 9649, sections 2.5 to 2.7."""
    match data[12:16]:
        case b"VP8X":
            return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
        case b"VP8L":
            bits = int.from_bytes(data[21:25], "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case _:
            width, height = struct.unpack_from("<HH", data, 26)
            return width & 0x3FFF, height & 0x3FFF


def _open_heif(data: bytes, _limits: Limits) -> ImageFile:
    try:
        from pi_heif import HeifImageFile
    except ImportError as error:
        raise ImageFormatUnsupportedError("HEIC needs the package pi-heif (pip install pi-heif)") from error
    picture: ImageFile = HeifImageFile(BytesIO(data))
    return picture


def _check_pixels(size: tuple[int, int], limits: Limits) -> None:
    pixels = size[0] * size[1]
    if pixels > limits.max_pixels:
        raise ImageTooManyPixelsError(got=pixels, limit=limits.max_pixels)


def _check_scans(picture: ImageFile, data: bytes) -> None:
    if picture.info.get("progressive") and (scans := data.count(b"\xff\xda")) > _MAX_JPEG_SCANS:
        raise ImageTooManyPixelsError(got=scans, limit=_MAX_JPEG_SCANS, unit="scans over all pixels")


def _gray(picture: Image.Image) -> GrayImage:
    """Luma by ITU-R BT.601, 8 bits; of 16-bit samples the upper byte."""
    if picture.mode.startswith("I"):
        return (np.asarray(picture).astype(np.uint32) >> 8).astype(np.uint8)
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        paper = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(paper, picture)
    return np.asarray(picture.convert("L"))


def _orientation(picture: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; 1 (upright) where there is none or the EXIF block is corrupt."""
    try:
        value = picture.getexif().get(_EXIF_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - a picture with broken EXIF is still a picture
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _upright(pixels: GrayImage, orientation: int) -> GrayImage:
    """Turn stored pixels so that they are seen as they were taken: CIPA DC-008 (Exif 2.32), tag 0x0112."""
    if orientation >= 5:
        pixels = pixels.T
    if orientation in {3, 4, 7, 8}:
        pixels = pixels[::-1]
    if orientation in {2, 3, 6, 7}:
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)
