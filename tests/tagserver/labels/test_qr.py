from hashlib import sha512
from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from qrcode.main import QRCode
from qrcode.util import QRData

from tagserver.labels.qr import CHUNK, Encoder, Symbol, encode
from tagserver.labels.qr_template import MASKS, penalty, template_for
from tagserver.labels.segments import LEVEL_INDICATOR, Level, Mode, fit, shape_of, smallest_version
from tests.tagserver.labels.samples import CROCKFORD, contents, read_symbols

SIGNATURES = st.integers(0, 2**64).map(lambda seed: str(int(sha512(b"%d" % seed).hexdigest(), 16)))
"""As dense as real ones; the library stumbles over a block of zeros (see below), which Hypothesis would find."""

DIGITAL_LINKS = st.builds(
    "HTTPS://{}/01/09506000134352/10/{}/21/{}?17=271231&s={}".format,
    st.from_regex(r"[A-Z0-9]{1,20}\.[A-Z]{2,8}", fullmatch=True),
    st.from_regex(r"[A-Za-z0-9._-]{1,10}", fullmatch=True),
    st.text(CROCKFORD, min_size=13, max_size=13),
    SIGNATURES,
)
COMPACT_LINKS = st.builds(
    "HTTPS://ID.EXAMPLE.COM/{}".format, SIGNATURES.map(lambda number: number + "0123456789" * 5)
)
MODES: dict[Mode, Literal[1, 2, 4]] = {Mode.NUMERIC: 1, Mode.ALPHANUMERIC: 2, Mode.BYTE: 4}


def drawn_by_the_library(symbol: Symbol, text: str, shape: str | None = None) -> NDArray[np.bool_]:
    """The same segments at the same version, level and mask, all made by `qrcode`."""
    code = QRCode(version=symbol.version, error_correction=LEVEL_INDICATOR[symbol.level])
    start = 0
    for segment in fit(shape or shape_of(text), symbol.level)[1]:
        part = text[start : start + segment.count].encode()
        code.add_data(QRData(part, mode=MODES[segment.mode], check_data=False))
        start += segment.count
    code.makeImpl(False, symbol.mask)
    return np.array(code.modules, dtype=np.bool_)


def image_of(symbol: Symbol) -> NDArray[np.uint8]:
    quiet = np.pad(symbol.modules, 4)
    return np.where(quiet, 0, 255).astype(np.uint8).repeat(3, axis=0).repeat(3, axis=1)


@settings(max_examples=40, deadline=None)
@given(
    text=DIGITAL_LINKS | COMPACT_LINKS,
    level=st.sampled_from([Level.M, Level.Q]),
    mask=st.sampled_from(MASKS),
)
def test_equals_the_librarys_symbol_bit_for_bit(text: str, level: Level, mask: int) -> None:
    symbol = encode(text, level, mask=mask)
    assert np.array_equal(symbol.modules, drawn_by_the_library(symbol, text))


@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("length", [1, 2, 3, 17, 60, 400, 1000])
def test_equals_the_librarys_symbol_at_every_level_and_many_versions(level: Level, length: int) -> None:
    text = ("7351" * 250)[: length // 2] + ("Az-9" * 250)[: length - length // 2]
    symbol = encode(text, level, mask=length % 8)
    assert np.array_equal(symbol.modules, drawn_by_the_library(symbol, text))


@settings(max_examples=15, deadline=None)
@given(text=DIGITAL_LINKS | COMPACT_LINKS)
def test_is_read_again(text: str) -> None:
    assert read_symbols(image_of(encode(text))) == [text]


def test_a_symbol_that_is_full_to_the_last_bit_is_read_again() -> None:
    text = "7" * 552
    symbol = encode(text, Level.L)
    assert symbol.version == 9
    assert read_symbols(image_of(symbol)) == [text]


def test_a_block_of_zeros_is_encoded_though_the_library_cannot() -> None:
    text = "HTTPS://ID.EXAMPLE.COM/" + "1" + "0" * 209
    symbol = encode(text)
    with pytest.raises(ValueError, match="glog"):
        drawn_by_the_library(symbol, text)
    assert read_symbols(image_of(symbol)) == [text]


def test_a_batch_equals_its_labels_one_by_one() -> None:
    made = list(contents(CHUNK + 3))
    texts, shapes = [c.url for c in made], [c.shape for c in made]
    together = Encoder(mask=5).encode(texts, shapes)
    for index in (0, 1, CHUNK - 1, CHUNK, CHUNK + 2):
        alone = encode(texts[index], mask=5, shape=shapes[index])
        assert together[index] == alone
        assert np.array_equal(alone.modules, drawn_by_the_library(alone, texts[index], shapes[index]))


def test_texts_of_different_shapes_keep_their_order() -> None:
    texts = ["HTTPS://A.B/" + tail for tail in ("1" * 200, "abc", "2" * 200, "ABC", "abd")]
    for text, symbol in zip(texts, Encoder().encode(texts), strict=True):
        assert read_symbols(image_of(symbol)) == [text]


def test_no_texts_make_no_symbols() -> None:
    assert Encoder().encode([]) == []


def test_a_batch_is_printed_in_one_size_with_one_mask() -> None:
    made = list(contents(200))
    symbols = Encoder().encode([c.url for c in made], [c.shape for c in made])
    assert len({(symbol.version, symbol.mask) for symbol in symbols}) == 1


def test_the_mask_is_the_best_for_the_first_text() -> None:
    first = next(contents(1)).url
    by_penalty = {mask: penalty(encode(first, mask=mask).modules) for mask in MASKS}
    assert by_penalty[encode(first).mask] == min(by_penalty.values())


def test_equal_jobs_print_equal_symbols() -> None:
    made = list(contents(20))
    texts, shapes = [c.url for c in made], [c.shape for c in made]
    assert Encoder().encode(texts, shapes) == Encoder().encode(texts, shapes)


def test_rows_are_packed_to_whole_bytes_with_zeros() -> None:
    symbol = encode("7" * 20)
    rows = [symbol.rows[at : at + symbol.stride] for at in range(0, len(symbol.rows), symbol.stride)]
    assert (symbol.size, symbol.stride, len(rows)) == (21, 3, 21)
    assert all(row[-1] & 0b111 == 0 for row in rows)
    assert rows[0][0] == 0b11111110  # upper edge of the finder pattern and its separator


@pytest.mark.parametrize("shape", ["0000", "AAAA", "AAA"])
def test_refuses_a_shape_narrower_or_shorter_than_its_text(shape: str) -> None:
    with pytest.raises(ValueError, match="one shape"):
        encode("a~b~" if shape == "AAAA" else "A1B2", shape=shape)


def test_refuses_a_mask_that_is_none_of_the_eight() -> None:
    with pytest.raises(ValueError, match="0 to 7"):
        Encoder(mask=8)


def test_a_template_is_learnt_for_the_largest_symbol_too() -> None:
    text = "HTTPS://A.B/" + "3" * 5000
    symbol = encode(text, Level.L, mask=2)
    assert symbol.version == smallest_version(text, Level.L) > 30
    assert template_for(symbol.version, Level.L).placement.size == symbol.size * symbol.stride * 8
    assert np.array_equal(symbol.modules, drawn_by_the_library(symbol, text))
