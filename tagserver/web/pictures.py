"""Product pictures made plain: decoded, made small, and written anew without whatever else the file held."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from tagserver.ports import Picture
from tagserver.ports.imaging import ImageCode, ImageRefusedError

MAX_SIDE_PIXELS = 1_000
"""Three times what a telephone shows of it: sharp on any screen."""

QUALITY = 82
MEDIA_TYPE = "image/jpeg"

_FORMATS = ("JPEG", "PNG", "WEBP")


def product_picture(data: bytes, *, max_pixels: int) -> Picture:
    """`data` (JPEG, PNG or WebP) as an upright JPEG of at most 1,000 pixels a side, without any metadata.

    Raises: ImageRefusedError.
    """
    try:
        with Image.open(BytesIO(data), formats=_FORMATS) as picture:
            if picture.width * picture.height > max_pixels:
                message = f"got {picture.width} x {picture.height} pixels, want at most {max_pixels} in all"
                raise ImageRefusedError(ImageCode.TOO_MANY_PIXELS, message)
            picture.draft("RGB", (2 * MAX_SIDE_PIXELS, 2 * MAX_SIDE_PIXELS))
            return Picture(media_type=MEDIA_TYPE, data=_written(_plain(picture)))
    except ImageRefusedError:
        raise
    except UnidentifiedImageError as error:
        raise ImageRefusedError(ImageCode.FORMAT_UNSUPPORTED, "want a JPEG, PNG or WebP picture") from error
    except Image.DecompressionBombError as error:
        raise ImageRefusedError(ImageCode.TOO_MANY_PIXELS, "the picture has too many pixels") from error
    except Exception as error:  # whatever a decoder raises on hostile bytes, the bytes are to blame
        raise ImageRefusedError(ImageCode.UNREADABLE, "the picture is damaged") from error


def _plain(picture: Image.Image) -> Image.Image:
    """Upright, small, on white, in the colours of a screen."""
    upright = ImageOps.exif_transpose(picture)
    upright.thumbnail((MAX_SIDE_PIXELS, MAX_SIDE_PIXELS))
    if not upright.has_transparency_data:
        return upright.convert("RGB")
    paper = Image.new("RGBA", upright.size, "white")
    return Image.alpha_composite(paper, upright.convert("RGBA")).convert("RGB")


def _written(picture: Image.Image) -> bytes:
    """A new picture of the same pixels: nothing but pixels is carried over."""
    bare = Image.frombytes(picture.mode, picture.size, picture.tobytes())
    out = BytesIO()
    bare.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return out.getvalue()
