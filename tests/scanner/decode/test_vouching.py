"""Tags that are known before they are seen: read from less than other codes, and never wrongly."""

import cv2
import numpy as np
import pytest
import qrcode
from numpy.typing import NDArray

from scanner.decode import decode
from scanner.decode.grids import GridStage
from scanner.decode.judging import judged
from scanner.decode.knowledge import Knowledge
from scanner.decode.qr import layout_of, read_format, version_of
from scanner.decode.qr.blocks import blocks_of
from scanner.decode.vouching import vouched
from scanner.own_tags import knowledge_of
from tagcore.tag import Profile
from tests.scanner.cast import NOW, bundle, forged_url, tag_url
from tests.scanner.drawing import draw_qr, on_paper

CORNERS = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def soft_modules(text: str) -> NDArray[np.float32]:
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=0)
    code.add_data(text)
    code.make()
    return np.where(np.array(code.get_matrix(), bool), 1, -1).astype(np.float32)


def damaged(soft: NDArray[np.float32], seed: int, blobs: int) -> NDArray[np.float32]:
    """Blobs of nine modules, of which nothing is to be seen any more, away from the format information."""
    rng = np.random.default_rng(seed)
    out = soft * rng.uniform(0.6, 1, soft.shape).astype(np.float32)
    for _ in range(blobs):
        row, column = rng.integers(9, len(soft) - 3, 2)
        out[row : row + 3, column : column + 3] = rng.normal(0, 0.1, (3, 3))
    return out


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return knowledge_of(bundle(), NOW)


@pytest.mark.parametrize(("profile", "blobs"), [(Profile.DIGITAL_LINK, 32), (Profile.COMPACT, 26)])
def test_reads_a_tag_of_which_too_little_is_left_for_others(
    knowledge: Knowledge, profile: Profile, blobs: int
) -> None:
    text = tag_url(profile=profile)
    others = ours = 0
    for seed in range(12):
        soft = damaged(soft_modules(text), seed, blobs)
        others += judged(soft, CORNERS, "grid") is not None
        symbol = vouched(soft, CORNERS, "grid", knowledge)
        ours += symbol is not None and symbol.text == text
    assert ours >= others + 3


def test_what_is_known_of_the_beginning_need_not_be_seen(knowledge: Knowledge) -> None:
    text = tag_url()
    soft = soft_modules(text)
    version = version_of(len(soft))
    (form, *_), layout = read_format(soft), layout_of(version)
    block = blocks_of(version, form.level)[0]
    rng = np.random.default_rng(3)
    for codeword in (*block.places[3:17], *block.places[-12:]):
        bits = slice(8 * codeword, 8 * codeword + 8)
        soft[layout.rows[bits], layout.columns[bits]] = rng.normal(0, 0.1, 8)
    blind = Knowledge(prefixes=(), is_ours=knowledge.is_ours)
    assert vouched(soft, CORNERS, "grid", blind) is None
    symbol = vouched(soft, CORNERS, "grid", knowledge)
    assert symbol is not None
    assert symbol.text == text


def test_a_forged_tag_is_never_vouched_for(knowledge: Knowledge) -> None:
    for seed in range(4):
        assert vouched(damaged(soft_modules(forged_url()), seed, 6), CORNERS, "grid", knowledge) is None


def test_nothing_is_vouched_for_in_noise(knowledge: Knowledge) -> None:
    rng = np.random.default_rng(7)
    for side in (41, 45, 49):
        soft = soft_modules(tag_url())[:side, :side].copy()
        soft[9:, 9:] = rng.normal(0, 0.6, soft[9:, 9:].shape)
        if soft.shape == (side, side):
            assert vouched(soft, CORNERS, "grid", knowledge) is None


def test_a_damaged_tag_on_a_photograph_is_read_with_the_pinned_bundle_only(knowledge: Knowledge) -> None:
    shot = on_paper(draw_qr(tag_url(), module_pixels=8), gap=60)
    rng = np.random.default_rng(1)
    for x, y in rng.integers(190, 480, (76, 2)):
        cv2.rectangle(shot, (x, y), (x + 16, y + 16), 130, -1)
    assert decode(shot) == ()
    (symbol,) = decode(shot, stages=(GridStage(),), knowledge=knowledge)
    assert symbol.text == tag_url()
