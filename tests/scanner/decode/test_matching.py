"""Labels known whole before they are seen: recognised by what no other label has, and never by anything else."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.decode import Expected, Knowledge, decode
from scanner.decode.judging import judged
from scanner.decode.matching import STAGE, matched
from scanner.symbol import Symbol
from tagcore.tag import Profile
from tagserver.labels.qr import encode
from tests.scanner.cast import IDENTITY, STRANGER, tag_url
from tests.scanner.drawing import on_paper

CORNERS = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
NAME = "the unit"
LEVEL_MASKS = range(8)


def modules(text: str, mask: int = 0) -> NDArray[np.bool_]:
    return encode(text, mask=mask).modules


def expected(text: str) -> Expected:
    """As the server says it; here one other signature marks what is secret, half of it."""
    other = tag_url(key=STRANGER)
    secret = modules(text) ^ modules(other) if len(other) == len(text) else np.ones_like(modules(text))
    return Expected(text=NAME, modules=modules(text), secret=secret)


def soft(text: str, *, mask: int = 0) -> NDArray[np.float32]:
    return np.where(modules(text, mask), 1, -1).astype(np.float32)


def recognised(pattern: NDArray[np.float32], *known: Expected) -> Symbol | None:
    return matched([(CORNERS, pattern)], known)


@pytest.mark.parametrize("mask", LEVEL_MASKS)
def test_a_whole_label_is_recognised_whatever_mask_it_was_printed_with(mask: int) -> None:
    symbol = recognised(soft(tag_url(), mask=mask), expected(tag_url()))
    assert symbol is not None
    assert (symbol.text, symbol.stage, symbol.version) == (NAME, STAGE, "8")
    assert symbol.likeness is not None
    assert (symbol.likeness.seen, symbol.likeness.agreeing) == (1.0, 1.0)


@pytest.mark.parametrize("profile", Profile)
def test_a_third_of_a_label_is_enough_where_nothing_can_be_decoded(profile: Profile) -> None:
    text = tag_url(profile=profile)
    known = Expected(
        text=NAME,
        modules=modules(text),
        secret=modules(text) ^ modules(tag_url(profile=profile, key=STRANGER)),
    )
    pattern = soft(text, mask=3)
    pattern[:, len(pattern) // 3 :] = 0
    assert judged(pattern, CORNERS, "grid") is None
    symbol = recognised(pattern, known)
    assert symbol is not None
    assert symbol.likeness is not None
    assert 0.2 < symbol.likeness.seen < 0.5
    assert symbol.likeness.agreeing == 1.0


def test_how_much_agrees_is_told() -> None:
    pattern = soft(tag_url())
    pattern[25:, 25:] *= -1
    symbol = recognised(pattern, expected(tag_url()))
    assert symbol is not None
    assert symbol.likeness is not None
    assert symbol.likeness.seen == 1.0
    assert 0.6 < symbol.likeness.agreeing < 0.9


def test_another_unit_of_the_batch_is_not_recognised() -> None:
    other = replace(IDENTITY, serial="4T7QMZ9C1R5KE")
    for mask in LEVEL_MASKS:
        assert recognised(soft(tag_url(identity=other), mask=mask), expected(tag_url())) is None


def test_the_same_numbers_with_another_signature_are_not_recognised() -> None:
    """Whoever knows the digits can draw all of the label but what depends on the signature."""
    assert recognised(soft(tag_url(key=STRANGER)), expected(tag_url())) is None


def test_nothing_is_recognised_in_noise() -> None:
    rng = np.random.default_rng(5)
    known = expected(tag_url())
    for _ in range(300):
        noise = rng.uniform(-1, 1, known.modules.shape).astype(np.float32)
        assert recognised(noise, known) is None


def test_a_symbol_of_another_size_is_not_compared() -> None:
    assert recognised(soft(tag_url(profile=Profile.COMPACT)), expected(tag_url())) is None


def test_where_nothing_is_seen_nothing_is_recognised() -> None:
    known = expected(tag_url())
    assert recognised(np.zeros(known.modules.shape, np.float32), known) is None


def test_a_label_half_covered_is_recognised_on_a_photograph_and_read_by_nobody() -> None:
    text = tag_url()
    drawn = np.kron(np.where(np.pad(modules(text, 2), 4), 0, 255), np.ones((8, 8))).astype(np.uint8)
    shot = on_paper(drawn, gap=60)
    rng = np.random.default_rng(1)
    for x, y in rng.integers(170, 480, (150, 2)):
        cv2.rectangle(shot, (x, y), (x + 18, y + 18), 130, -1)
    assert decode(shot) == ()
    (symbol,) = decode(shot, knowledge=Knowledge(expected=(expected(text),)))
    assert (symbol.text, symbol.stage) == (NAME, STAGE)
    left, top = symbol.corners[0]
    assert abs(left - 92) < 3
    assert abs(top - 92) < 3
