"""Product pictures made plain."""

from io import BytesIO

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tagserver.ports.imaging import ImageCode, ImageRefusedError
from tagserver.web.pictures import product_picture

LIMIT = 1_000_000


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def decoded(data: bytes) -> Image.Image:
    made = Image.open(BytesIO(product_picture(data, max_pixels=LIMIT).data))
    assert made.format == "JPEG"
    return made


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_known_kinds_become_jpeg(kind: str) -> None:
    assert decoded(encoded(Image.new("RGB", (40, 30), "navy"), kind)).size == (40, 30)


def test_large_pictures_become_small() -> None:
    assert decoded(encoded(Image.new("RGB", (1_600, 400), "navy"), "PNG")).size == (1_000, 250)


def test_nothing_but_pixels_is_kept() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "taken at home"
    jpeg = encoded(Image.new("RGB", (40, 30), "navy"), "JPEG", exif=exif, comment=b"call me")
    made = decoded(jpeg)
    assert made.size == (30, 40)
    assert "exif" not in made.info
    assert b"home" not in product_picture(jpeg, max_pixels=LIMIT).data
    notes = PngInfo()
    notes.add_text("Author", "somebody")
    assert (
        b"somebody"
        not in product_picture(encoded(Image.new("RGB", (4, 3)), "PNG", pnginfo=notes), max_pixels=LIMIT).data
    )


def test_transparent_parts_are_white() -> None:
    made = decoded(encoded(Image.new("RGBA", (8, 8), (0, 0, 0, 0)), "PNG"))
    assert made.getpixel((4, 4)) == (255, 255, 255)
    palette = Image.new("P", (8, 8))
    assert decoded(encoded(palette, "PNG", transparency=0)).getpixel((4, 4)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", ImageCode.FORMAT_UNSUPPORTED),
        (b"GIF89a not for us", ImageCode.FORMAT_UNSUPPORTED),
        (encoded(Image.new("RGB", (1_001, 1_000)), "PNG"), ImageCode.TOO_MANY_PIXELS),
        (encoded(Image.effect_noise((300, 300), 80), "PNG")[:-4_000], ImageCode.UNREADABLE),
    ],
)
def test_other_files_are_refused(data: bytes, code: ImageCode) -> None:
    with pytest.raises(ImageRefusedError) as refused:
        product_picture(data, max_pixels=LIMIT)
    assert refused.value.code is code


def test_a_bomb_beyond_the_librarys_own_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(ImageRefusedError) as refused:
        product_picture(encoded(Image.new("1", (300, 300)), "PNG"), max_pixels=LIMIT)
    assert refused.value.code is ImageCode.TOO_MANY_PIXELS
