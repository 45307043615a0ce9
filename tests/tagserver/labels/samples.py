"""What the tests of labels share: contents that look like tags, a tiny font, and a reader of symbols."""

import random
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pypdfium2
import zxingcpp
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from numpy.typing import NDArray

from tagserver.labels.content import BatchText, LabelContent
from tagserver.labels.geometry import LabelSpec
from tagserver.labels.outlines import FontFile
from tagserver.labels.preparing import Label, prepared

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHINESE_NAME = "红高粱白酒"
QR_CODES = zxingcpp.barcode_formats_from_str("QRCode")


def batch(
    product_name: str = "Hongliang Baijiu 52% 500 ml",
    *,
    lot: str = "L26-0914",
    expiry: str = "271231",
    domain: str = "id.example.com",
) -> BatchText:
    return BatchText(product_name=product_name, gtin="09506000134352", lot=lot, expiry=expiry, domain=domain)


def contents(
    count: int, text: BatchText | None = None, *, compact: bool = False, seed: int = 7
) -> Iterator[LabelContent]:
    """Labels of one batch; the URLs have the form of tags, their signatures are chance."""
    chance, text = random.Random(seed), text or batch()
    for _ in range(count):
        serial = "".join(chance.choices(CROCKFORD, k=13))
        signature = chance.randrange(10**156, 10**157)
        link = f"/01/{text.gtin}/10/{text.lot}/21/{serial}?17={text.expiry}&s={signature}"
        path = f"/{chance.randrange(10**209, 10**210)}" if compact else link
        yield LabelContent(batch=text, serial=serial, url=f"HTTPS://{text.domain.upper()}{path}")


def one_label(spec: LabelSpec, text: BatchText | None = None, font: FontFile | None = None) -> Label:
    return next(prepared(contents(1, text), spec, font=font))


def read_symbols(pixels: NDArray[np.uint8]) -> list[str]:
    """The texts of all QR symbols in a grey image, read by ZXing-C++."""
    found = zxingcpp.read_barcodes(np.ascontiguousarray(pixels), formats=QR_CODES)
    return [barcode.text for barcode in found]


def pdf_page(document: bytes, index: int, dpi: float) -> NDArray[np.uint8]:
    """A page in shades of grey as PDFium draws it; a hair smaller, since it rounds pixels up."""
    with pypdfium2.PdfDocument(document) as opened:
        drawn = opened[index].render(scale=dpi / 72 * (1 - 1e-7), grayscale=True).to_numpy()
        return np.array(drawn, dtype=np.uint8).squeeze()


def pdf_text(document: bytes, index: int) -> str:
    with pypdfium2.PdfDocument(document) as opened:
        page = opened[index].get_textpage()
        text = str(page.get_text_range())
        page.close()
        return text


def page_count(document: bytes) -> int:
    with pypdfium2.PdfDocument(document) as opened:
        return len(opened)


def tiny_font(folder: Path, characters: str = CHINESE_NAME + " 0A…") -> FontFile:
    """A TrueType font whose every glyph is a lens of two quadratic curves, one em wide; the space is blank."""
    names = {ord(c): f"uni{ord(c):04X}" for c in characters}
    order = [".notdef", *names.values()]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap(names)
    builder.setupGlyf({name: _glyph(blank=name in {".notdef", "uni0020"}) for name in order})
    builder.setupHorizontalMetrics(dict.fromkeys(order, (1000, 100)))
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable({"familyName": "Tiny", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    out = BytesIO()
    builder.save(out)
    path = folder / "tiny.ttf"
    path.write_bytes(out.getvalue())
    return FontFile(path=path)


def _glyph(*, blank: bool) -> object:
    pen = TTGlyphPen(None)
    if not blank:
        pen.moveTo((100, 0))
        pen.qCurveTo((100, 800), (900, 800))
        pen.lineTo((900, 100))
        pen.qCurveTo((500, 0), (100, 0))
        pen.closePath()
    return pen.glyph()
