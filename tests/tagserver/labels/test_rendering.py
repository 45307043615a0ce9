from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from PIL import Image

from tagserver.labels.errors import MissingGlyphError
from tagserver.labels.preparing import prepared
from tagserver.labels.presets import ROLLS, SHEETS
from tagserver.labels.rendering import MEDIA_TYPE, SUFFIX, Format, render
from tagserver.labels.stock import Stock
from tests.tagserver.labels.samples import CHINESE_NAME, batch, contents, read_symbols, tiny_font

SHEET, ROLL = SHEETS["avery-l7160"], ROLLS["thermal-50x25-203"]


def rendered(form: Format, stock: Stock, count: int = 3) -> bytes:
    out = BytesIO()
    assert render(form, contents(count), stock, out, title="Labels") == count
    return out.getvalue()


@pytest.mark.parametrize("stock", [SHEET, ROLL], ids=["sheet", "roll"])
@pytest.mark.parametrize(
    ("form", "start"),
    [
        (Format.PDF, b"%PDF-1.7"),
        (Format.SVG, b"PK"),
        (Format.PNG, b"PK"),
        (Format.ZPL, b"^XA"),
        (Format.CSV, b"sequence"),
    ],
)
def test_every_format_is_made_for_sheets_and_rolls(form: Format, start: bytes, stock: Stock) -> None:
    assert rendered(form, stock).startswith(start)


def test_every_format_has_a_media_type_and_a_suffix() -> None:
    assert MEDIA_TYPE.keys() == SUFFIX.keys() == set(Format)


def test_zpl_is_a_stream_of_labels() -> None:
    assert rendered(Format.ZPL, ROLL).count(b"^XA") == 3


def test_archives_hold_a_file_a_label_in_order_and_are_equal_for_equal_labels() -> None:
    archive = rendered(Format.PNG, ROLL)
    assert archive == rendered(Format.PNG, ROLL)
    urls = [content.url for content in contents(3)]
    with ZipFile(BytesIO(archive)) as opened:
        assert opened.namelist() == [f"label-{n:07d}.png" for n in (1, 2, 3)]
        images = [np.array(Image.open(BytesIO(opened.read(name)))) for name in opened.namelist()]
    assert [read_symbols(image) for image in images] == [[url] for url in urls]


@pytest.mark.parametrize("form", [Format.PDF, Format.SVG, Format.PNG, Format.ZPL])
def test_no_format_prints_a_name_without_its_glyphs(form: Format, tmp_path: Path) -> None:
    text = batch(CHINESE_NAME)
    with pytest.raises(MissingGlyphError):
        render(form, contents(1, text), ROLL, BytesIO(), title="x")
    assert render(form, contents(1, text), ROLL, BytesIO(), title="x", font=tiny_font(tmp_path)) == 1


def test_labels_of_a_batch_share_their_layout() -> None:
    layouts = [label.layout for label in prepared(contents(600), SHEET.label)]
    assert all(layout is layouts[0] for layout in layouts)


def test_a_job_of_very_many_batches_gives_each_its_own_texts() -> None:
    texts = [batch(lot=f"L{n}") for n in range(300)]
    made = [next(contents(1, text)) for text in texts]
    drawn = [{line.text for line in label.layout.lines} for label in prepared(made, ROLL)]
    assert [f"(10) L{n}" in lines for n, lines in enumerate(drawn)] == [True] * 300
