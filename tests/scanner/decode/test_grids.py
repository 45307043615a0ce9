"""Our own reader of grids: bent, blurred, half hidden and noisy symbols, and none where there is none."""

import cv2
import numpy as np
import pytest

from scanner.decode import decode
from scanner.decode.aligning import aligned
from scanner.decode.equalising import equalised
from scanner.decode.finders import find_finders
from scanner.decode.gridreading import known_fit
from scanner.decode.grids import GridStage
from scanner.decode.judging import judged
from scanner.decode.lattice import plane
from scanner.decode.pairs import find_pairs
from scanner.decode.qr import read_format
from scanner.decode.sampling import brightness, contrasts, sample
from scanner.decode.snapping import snapped
from scanner.decode.triples import find_triples
from scanner.images import GrayImage
from tests.scanner.drawing import draw_qr, on_paper

TEXT = "HTTPS://EXAMPLE.COM/01/09506000134352/10/ABC123/21/4T7QMZ9C1R5KD"
GRID = (GridStage(),)


def round_a_bottle(flat: GrayImage, radius: float, tilt: float = 0.35) -> GrayImage:
    """The label on an upright cylinder of that radius in pixels, seen from a little above, half as far again away."""
    height, width = flat.shape
    v, u = np.mgrid[:height, :width].astype(np.float32)
    across = np.clip((u - width / 2) / radius, -0.98, 0.98)
    angle = np.arcsin(across)
    x = width / 2 + radius * angle
    y = v - tilt * radius * (1 - np.cos(angle)) + 0.15 * tilt * radius
    return np.asarray(cv2.remap(flat, x, y.astype(np.float32), cv2.INTER_LINEAR, borderValue=255), np.uint8)


def texts(image: GrayImage) -> list[str]:
    return [symbol.text for symbol in decode(image, stages=GRID)]


def page(module_pixels: int = 8) -> GrayImage:
    return on_paper(draw_qr(TEXT, module_pixels=module_pixels), gap=60)


def test_reads_a_clean_symbol_and_says_where() -> None:
    (ours,) = decode(page(), stages=GRID)
    (theirs,) = decode(page())
    assert (ours.text, ours.version, ours.ec_level, ours.stage) == (TEXT, theirs.version, "M", "grid")
    assert np.allclose(ours.corners, theirs.corners, atol=3)


@pytest.mark.parametrize("radius", [320, 280, 240, 200, 170, 150])
def test_reads_what_lies_round_a_bottle(radius: float) -> None:
    assert texts(round_a_bottle(page(), radius)) == [TEXT]


@pytest.mark.parametrize("quarters", range(4))
def test_reads_it_whichever_way_it_is_turned(quarters: int) -> None:
    assert texts(np.ascontiguousarray(np.rot90(round_a_bottle(page(), 280), quarters))) == [TEXT]


def test_reads_light_on_dark() -> None:
    assert texts(255 - page()) == [TEXT]


def test_reads_in_steep_perspective() -> None:
    flat = page()
    height, width = flat.shape
    source = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    target = np.array(
        [(0, 0), (0.55 * width, 0.2 * height), (0.55 * width, 0.75 * height), (0, height)], np.float32
    )
    matrix = cv2.getPerspectiveTransform(source, target)
    assert texts(
        np.asarray(cv2.warpPerspective(flat, matrix, (width, height), borderValue=255), np.uint8)
    ) == [TEXT]


def test_reads_a_symbol_with_a_reflection_on_it() -> None:
    shot = page().astype(np.float32)
    height, width = shot.shape
    y, x = np.mgrid[:height, :width]
    shot += 400 * np.exp(-(((x - 0.55 * width) / 45) ** 2 + ((y - 0.6 * height) / 35) ** 2))
    assert texts(np.clip(shot * 0.7 + 20, 0, 255).astype(np.uint8)) == [TEXT]


def test_reads_out_of_focus_what_zxing_does_not() -> None:
    shot = cv2.GaussianBlur(page(), (0, 0), 4.5)
    assert texts(np.asarray(shot, np.uint8)) == [TEXT]


def test_equalising_takes_the_blur_out() -> None:
    shot = np.asarray(cv2.GaussianBlur(page(), (0, 0), 4.5), np.uint8)
    (triple, *_) = find_triples(find_finders(shot))
    sharp = find_triples(find_finders(page()))[0]
    side = sharp.sides[0]
    lattice = plane(side, sharp.targets(side).reshape(-1, 2), sharp.corners.reshape(-1, 2))
    assert lattice is not None
    lattice = snapped(lattice, page())
    truth = np.sign(sample(lattice, page()))
    raw, _ = contrasts(brightness(lattice, shot))
    before = (np.sign(sample(lattice, shot)) != truth).sum()
    after = (np.sign(equalised(raw)) != truth).sum()
    assert triple is not None
    assert after < before
    assert after < before / 2


def test_snapping_moves_a_lattice_on_to_the_edges() -> None:
    flat = round_a_bottle(page(), 300)
    triple = find_triples(find_finders(flat))[0]
    side = 37
    lattice = plane(side, triple.targets(side).reshape(-1, 2), triple.corners.reshape(-1, 2))
    assert lattice is not None
    before, after = sample(lattice, flat), sample(snapped(lattice, flat), flat)
    assert read_format(after)[0].agreement > 0.6
    assert known_fit(after) > known_fit(before)


def test_points_in_a_line_are_no_plane() -> None:
    line = np.array([(0.0, 0.0), (1.0, 1.0), (2.0, 2.0), (3.0, 3.0)])
    assert plane(21, line, line) is None


def test_noise_is_judged_to_be_no_symbol() -> None:
    rng = np.random.default_rng(7)
    corners = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    for side in (21, 25, 29, 33, 45):
        for _ in range(10):
            soft = rng.normal(0, 0.6, (side, side)).astype(np.float32)
            assert judged(np.clip(soft, -1, 1), corners, "grid") is None


def test_a_crowd_of_finder_patterns_is_no_symbol() -> None:
    crowd = np.full((1600, 1600), 255, np.uint8)
    for y in range(10, 1560, 60):
        for x in range(10, 1560, 60):
            for inset, grey in ((0, 0), (4, 255), (8, 0)):
                cv2.rectangle(crowd, (x + inset, y + inset), (x + 27 - inset, y + 27 - inset), grey, -1)
    assert decode(crowd) == ()


@pytest.mark.parametrize("quarters", [0, 1])
@pytest.mark.parametrize("corner", range(3))
def test_reads_a_symbol_with_a_stroke_through_a_finder_pattern(corner: int, quarters: int) -> None:
    shot = page()
    middle = find_triples(find_finders(shot))[0].finders[corner]
    x, y = round(middle.x), round(middle.y)
    cv2.line(shot, (x - 60, y + 25), (x + 60, y - 20), 0, 5)
    shot = np.ascontiguousarray(np.rot90(shot, quarters))
    assert find_triples(find_finders(shot)) == ()
    assert texts(shot) == [TEXT]


def test_two_finder_patterns_without_a_third_are_no_symbol() -> None:
    shot = page()
    third = find_triples(find_finders(shot))[0].finders[2]
    x, y = round(third.x), round(third.y)
    cv2.rectangle(shot, (x - 32, y - 32), (x + 32, y + 32), 255, -1)
    assert find_pairs(find_finders(shot), shot) == ()


def drawn_out(flat: GrayImage, modules: float) -> GrayImage:
    """The page with its lower right corner drawn in by so many modules of 8 pixels, the other three as they were."""
    height, width = flat.shape
    v, u = np.mgrid[:height, :width].astype(np.float32)
    share = np.clip((u / width) * (v / height), 0, 1) ** 2 * np.float32(8 * modules / 0.6)
    return np.asarray(cv2.remap(flat, u + share, v + share, cv2.INTER_LINEAR, borderValue=255), np.uint8)


@pytest.mark.parametrize("modules", [1, 2, 3])
def test_reads_a_symbol_whose_fourth_corner_is_out_of_place(modules: int) -> None:
    assert texts(drawn_out(page(), modules)) == [TEXT]


def test_a_lattice_that_lies_on_the_alignment_pattern_is_left_as_it_is() -> None:
    flat = page()
    sharp = find_triples(find_finders(flat))[0]
    side = sharp.sides[0]
    lattice = plane(side, sharp.targets(side).reshape(-1, 2), sharp.corners.reshape(-1, 2))
    assert lattice is not None
    lattice = snapped(lattice, flat)
    assert aligned(lattice, flat) is lattice
    moved = aligned(lattice, drawn_out(flat, 2))
    assert np.linalg.norm(moved.corners()[2] - lattice.corners()[2]) > 8
    assert np.linalg.norm(moved.corners()[0] - lattice.corners()[0]) < 1


@pytest.mark.parametrize("is_inverted", [False, True])
def test_finder_patterns_are_looked_for_in_the_colours_asked_for(is_inverted: bool) -> None:
    shot = 255 - page() if is_inverted else page()
    for colour in (False, True):
        found = find_finders(shot, colours=(colour,))
        assert {finder.is_inverted for finder in found} <= {colour}
        assert bool(find_triples(found)) is (colour == is_inverted)


def test_a_faint_print_among_the_grain_of_a_dark_picture_is_found() -> None:
    rng = np.random.default_rng(5)
    shot = np.clip(page().astype(np.float32) / 255 * 24 + 20 + rng.normal(0, 4, page().shape), 0, 255)
    assert texts(shot.astype(np.uint8)) == [TEXT]
