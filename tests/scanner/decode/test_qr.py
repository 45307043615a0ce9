"""The symbology, against symbols drawn by the library `qrcode`, an encoder independent of the product's."""

import numpy as np
import pytest
import qrcode
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from qrcode.base import rs_blocks

from scanner.decode.qr import correct, layout_of, modules_of, read_format, side_of, version_of
from scanner.decode.qr.blocks import blocks_of
from scanner.decode.qr.codewords import proof_bits
from scanner.decode.qr.format_info import Level, read_version
from scanner.decode.qr.reed_solomon import mend, parity_of, syndromes

LEVELS: dict[Level, int] = {"L": 1, "M": 0, "Q": 3, "H": 2}


def drawn(version: int, level: Level, text: str = "HELLO1", mask: int | None = None) -> NDArray[np.bool_]:
    code = qrcode.QRCode(version=version, error_correction=LEVELS[level], border=0, mask_pattern=mask)
    code.add_data(text)
    code.make(fit=False)
    return np.array(code.get_matrix(), bool)


def soft(modules: NDArray[np.bool_]) -> NDArray[np.float32]:
    return np.where(modules, 1, -1).astype(np.float32)


@pytest.mark.parametrize("version", range(1, 41))
def test_every_version_is_read_and_drawn_again_at_any_level(version: int) -> None:
    """Of the larger versions, which are drawn slowly, one level each."""
    levels = list(LEVELS)
    for level in levels if version <= 10 else levels[version % 4 :][:1]:
        modules = drawn(version, level)
        known = layout_of(version).known
        assert ((known == 0) | ((known == 1) == modules)).all()
        best = read_format(soft(modules))[0]
        assert (best.level, best.agreement) == (level, 1.0)
        assert version < 7 or read_version(soft(modules))[0] == version
        mended = correct(soft(modules), level, best.mask)
        assert mended is not None
        assert (mended.errors, mended.erased) == (0, 0)
        again = modules_of(mended.codewords, version, level, best.mask)
        assert (again != modules).sum() <= 7  # remainder bits: the standard masks them, that library does too


@pytest.mark.parametrize("mask", range(8))
def test_every_mask_is_known(mask: int) -> None:
    modules = drawn(7, "Q", mask=mask)
    best = read_format(soft(modules))[0]
    assert (best.level, best.mask) == ("Q", mask)
    assert correct(soft(modules), "Q", mask) is not None


@pytest.mark.parametrize("version", range(1, 41))
def test_blocks_are_those_of_the_standards_table(version: int) -> None:
    for level, number in LEVELS.items():
        theirs = sorted((b.total_count, b.total_count - b.data_count) for b in rs_blocks(version, number))
        ours = blocks_of(version, level)
        assert sorted((len(b.places), b.parity) for b in ours) == theirs
        places = np.concatenate([b.places for b in ours])
        assert sorted(places) == list(range(layout_of(version).codewords))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_mends_all_that_the_check_symbols_allow(data: st.DataObject) -> None:
    parity = data.draw(st.sampled_from((7, 10, 17, 22, 30)))
    message = data.draw(st.lists(st.integers(0, 255), min_size=1, max_size=255 - parity))
    word = [*message, *parity_of(message, parity)]
    assert not any(syndromes(word, parity))
    erased = data.draw(st.integers(0, parity))
    wrong = data.draw(st.integers(0, (parity - erased) // 2))
    places = data.draw(st.permutations(range(len(word))))[: erased + wrong]
    spoilt = list(word)
    for place in places:
        spoilt[place] ^= data.draw(st.integers(1, 255))
    assert mend(spoilt, parity, places[:erased]) == word


def test_refuses_more_than_the_check_symbols_allow() -> None:
    word = [*range(20), *parity_of(range(20), 10)]
    assert mend(word, 10, range(11)) is None
    spoilt = [symbol ^ 0x55 if k < 9 else symbol for k, symbol in enumerate(word)]
    assert mend(spoilt, 10) is None
    with pytest.raises(ValueError, match="want more than 10"):
        mend(word[:10], 10)
    with pytest.raises(ValueError, match="at most 255"):
        mend([0] * 256, 10)


def test_twice_as_much_is_mended_where_it_is_known_to_be_doubtful() -> None:
    modules = drawn(5, "L", "A" * 90)
    form = read_format(soft(modules))[0]
    values = soft(modules)
    rng = np.random.default_rng(3)
    layout = layout_of(5)
    hidden = layout.rows[-18 * 8 :], layout.columns[-18 * 8 :]
    values[hidden] = rng.choice([-1.0, 1.0], 18 * 8)
    assert correct(values, form.level, form.mask) is None
    values[hidden] *= 0.1
    mended = correct(values, form.level, form.mask)
    assert mended is not None
    assert (modules_of(mended.codewords, 5, form.level, form.mask) == modules).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 6))
def test_nothing_is_read_into_noise(seed: int, version: int) -> None:
    noise = (
        np.random.default_rng(seed).normal(0, 0.5, (side_of(version), side_of(version))).astype(np.float32)
    )
    for level in LEVELS:
        assert correct(noise, level, seed % 8) is None


def test_proof_falls_with_errors_and_with_erasures() -> None:
    assert proof_bits(26, 10, 0, 0) == 80
    assert proof_bits(26, 10, 3, 0) < proof_bits(26, 10, 2, 0)
    assert proof_bits(26, 10, 0, 8) == 16
    assert proof_bits(26, 10, 20, 8) == 0


@pytest.mark.parametrize("side", [20, 22, 17, 181])
def test_a_side_that_no_version_has_is_refused(side: int) -> None:
    with pytest.raises(ValueError, match="modules on a side"):
        version_of(side)


@pytest.mark.parametrize("version", [0, 41])
def test_a_version_that_is_none_is_refused(version: int) -> None:
    with pytest.raises(ValueError, match="want 1 to 40"):
        layout_of(version)
