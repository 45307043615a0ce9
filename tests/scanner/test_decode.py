"""From pixels to symbols."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from demo.photograph import SHOTS, photograph
from demo.pose import project
from scanner.decode import Symbol, decode
from scanner.images import parse_image
from tests.scanner.cast import tag_url
from tests.scanner.drawing import draw_label, draw_qr, on_paper


def middle(symbol: Symbol) -> tuple[float, float]:
    return sum(x for x, _ in symbol.corners) / 4, sum(y for _, y in symbol.corners) / 4


def test_tells_text_place_stage_version_and_level() -> None:
    (symbol,) = decode(draw_qr("HELLO", module_pixels=10))
    assert (symbol.text, symbol.payload) == ("HELLO", b"HELLO")
    assert (symbol.stage, symbol.version, symbol.ec_level) == ("zxing", "1", "M")
    assert np.allclose(symbol.corners, [(40, 40), (250, 40), (250, 250), (40, 250)], atol=2)


@pytest.mark.parametrize("quarters", range(4))
def test_corners_begin_at_the_symbols_own_top_left_and_go_clockwise(quarters: int) -> None:
    page = on_paper(draw_qr("TURNED"))
    upright = decode(page)[0].corners
    height, width = page.shape
    turned = decode(np.rot90(page, -quarters))[0].corners
    expected = [(x, y) for x, y in upright]
    for turn in range(quarters):
        tall = height if turn % 2 == 0 else width
        expected = [(tall - 1 - y, x) for x, y in expected]
    assert np.allclose(turned, expected, atol=2)


def test_reads_every_code_on_a_page() -> None:
    page = on_paper(draw_qr("ONE"), draw_qr("TWO"), draw_qr("TWO"))
    symbols = sorted(decode(page), key=middle)
    assert [symbol.text for symbol in symbols] == ["ONE", "TWO", "TWO"]


def test_reads_light_on_dark_and_mirrored() -> None:
    assert [symbol.text for symbol in decode(255 - draw_qr("INVERTED"))] == ["INVERTED"]
    assert [symbol.text for symbol in decode(np.fliplr(draw_qr("MIRRORED")))] == ["MIRRORED"]


def test_gives_bytes_that_are_no_utf8_as_they_are() -> None:
    payload = b"\xff\xfe\x00\x80lot"
    (symbol,) = decode(draw_qr(payload))
    assert symbol.payload == payload
    assert isinstance(symbol.text, str)


@pytest.mark.parametrize("name", SHOTS)
def test_reads_a_tag_in_a_photograph(name: str) -> None:
    label, shot = draw_label(tag_url()), SHOTS[name]
    (symbol,) = decode(parse_image(photograph(label, shot, seed=4).jpeg))
    assert symbol.text == tag_url()
    side = label.shape[1] - 40 - 2 * 4 * 12
    edges = [(68 - 0.5 + x * side, 68 - 0.5 + y * side) for x, y in ((0, 0), (1, 0), (1, 1), (0, 1))]
    where = project(edges, (label.shape[1], label.shape[0]), shot.pose, shot.conditions.size)
    assert np.abs(where - symbol.corners).max() < 12


@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (1, 1), (1, 4000), (3, 2), (25, 25)])
def test_reads_nothing_on_a_tiny_picture(shape: tuple[int, int]) -> None:
    assert decode(np.zeros(shape, np.uint8)) == ()


@settings(max_examples=60, deadline=None)
@given(arrays(np.uint8, st.tuples(st.integers(1, 60), st.integers(1, 60))))
def test_never_raises_on_any_pixels(pixels: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> None:
    assert isinstance(decode(pixels), tuple)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0, 120), st.integers(0, 60))
def test_never_raises_on_a_spoilt_code(seed: int, spread: float, cut: int) -> None:
    chance = np.random.default_rng(seed)
    page = on_paper(draw_qr("SPOILT"), draw_qr("CODES")).astype(np.float64)
    page += chance.normal(0, spread, page.shape)
    x, y = chance.integers(0, page.shape[1]), chance.integers(0, page.shape[0])
    page[y : y + cut, x : x + cut] = chance.integers(0, 256)
    for symbol in decode(np.clip(page, 0, 255).astype(np.uint8)):
        assert symbol.text in {"SPOILT", "CODES"}


def test_takes_any_memory_layout() -> None:
    page = on_paper(draw_qr("STRIDES"))
    wide = np.repeat(page, 2, axis=1)[:, ::2]
    assert [symbol.text for symbol in decode(wide)] == ["STRIDES"]
    assert [symbol.text for symbol in decode(np.asfortranarray(page))] == ["STRIDES"]


def test_refuses_what_is_no_grey_picture() -> None:
    colour = cv2.cvtColor(draw_qr("COLOUR"), cv2.COLOR_GRAY2BGR)
    with pytest.raises(ValueError, match="want uint8"):
        decode(colour.astype(np.uint8))
    with pytest.raises(ValueError, match="want uint8"):
        decode(np.zeros((30, 30), np.float64))
