"""The photographs that others took: never less than zxing-cpp alone reads, and nothing where there is nothing."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageOps

from scanner.decode import decode
from scanner.images import load_image
from scanner.verify import verify
from tagcore.reasons import Code
from tests.parts import require_part
from tests.scanner.cast import NOW, bundle

PHOTOGRAPHS = Path(__file__).parents[2].parent / "shared" / "data" / "qr-photos"


@pytest.fixture(scope="module")
def photographs() -> Path:
    require_part(
        PHOTOGRAPHS.is_dir(),
        "the photographs of the qr-photos data set",
        "place the qr-photos data set beside the project under ../shared/data",
    )
    return PHOTOGRAPHS


def pictures(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.suffix in {".jpg", ".jpeg", ".png"})


def zxing_alone(path: Path) -> Counter[str]:
    """What its default options read on the picture as Pillow shows it."""
    with Image.open(path) as picture:
        pixels = np.asarray(ImageOps.exif_transpose(picture).convert("L"))
    formats = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
    return Counter(barcode.text for barcode in zxingcpp.read_barcodes(pixels, formats=formats))


@pytest.mark.slow
@pytest.mark.filterwarnings(
    "ignore:Palette images with Transparency"
)  # Pillow's, on the comparison's own path
@pytest.mark.parametrize("folder", ["camera", "phone"])
def test_reads_at_least_what_zxing_alone_reads_and_calls_all_of_it_foreign(
    photographs: Path, folder: str
) -> None:
    """Of the cameras' one in three: `bench.scanner` looks at all."""
    trust, read = bundle(), 0
    for path in list(pictures(photographs / folder))[:: 3 if folder == "camera" else 1]:
        symbols = decode(load_image(path))
        missing = zxing_alone(path) - Counter(symbol.text for symbol in symbols)
        assert not missing, path
        codes = {verify(symbol, trust, NOW).headline.code for symbol in symbols}
        assert codes <= {Code.FOREIGN_CODE}, path
        read += len(symbols)
    assert read > 50


def test_reads_nothing_where_there_is_no_code(photographs: Path) -> None:
    looked_at = 0
    for path in pictures(photographs / "no-code"):
        assert decode(load_image(path)) == (), path
        looked_at += 1
    assert looked_at
