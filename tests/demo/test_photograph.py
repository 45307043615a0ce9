"""The made photographs: repeatable, and true to pose, light and lens."""

from io import BytesIO

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from demo.photograph import SHOTS, Conditions, Pose, Shot, photograph
from demo.pose import look, project

SIZE = (400, 300)
LABEL = np.full((200, 300), 255, np.uint8)
PLAIN = Conditions(size=SIZE, light_fall=0, paper_texture=0, noise=0, jpeg_quality=95)


def pixels(jpeg: bytes) -> NDArray[np.uint8]:
    with Image.open(BytesIO(jpeg)) as picture:
        return np.asarray(picture.convert("RGB"))


def with_dot(x: int, y: int, label: NDArray[np.uint8] = LABEL) -> NDArray[np.uint8]:
    dotted = label.copy()
    dotted[y - 8 : y + 9, x - 8 : x + 9] = 0
    return dotted


def darkest_place(picture: NDArray[np.uint8], inside: NDArray[np.bool_]) -> tuple[float, float]:
    dark = (picture.mean(axis=2) < 110) & inside
    rows, columns = np.nonzero(dark)
    return float(columns.mean()), float(rows.mean())


def test_the_same_seed_gives_the_same_bytes() -> None:
    shot = Shot(conditions=Conditions(size=SIZE))
    first, second = (photograph(LABEL, shot, seed=5) for _ in range(2))
    assert first.jpeg == second.jpeg
    assert photograph(LABEL, shot, seed=6).jpeg != first.jpeg


def test_a_straight_label_lies_where_its_share_says() -> None:
    taken = photograph(LABEL, Shot(pose=Pose(share=0.5), conditions=PLAIN), seed=0)
    assert np.allclose(
        taken.corners, [(99.5, 82.83), (299.5, 82.83), (299.5, 216.17), (99.5, 216.17)], atol=0.1
    )
    picture = pixels(taken.jpeg).astype(int)
    assert picture[150, 110:290].min() > 200
    assert picture[150, :90].max() < 200


@pytest.mark.parametrize(
    "pose",
    [
        Pose(),
        Pose(yaw_degrees=35, pitch_degrees=-25, roll_degrees=20, shift=(0.1, -0.08)),
        Pose(roll_degrees=180),
        Pose(bottle_radius=0.8),
        Pose(yaw_degrees=-12, pitch_degrees=10, roll_degrees=-8, bottle_radius=0.7, share=0.6),
    ],
    ids=["straight", "tilted", "upside down", "bottle", "tilted bottle"],
)
def test_a_dot_appears_where_the_projection_says(pose: Pose) -> None:
    spot = (225, 60)
    taken = photograph(with_dot(*spot), Shot(pose=pose, conditions=PLAIN), seed=0)
    sight = look(pose, SIZE)
    inside = sight.hit & (np.abs(sight.across) < 0.45) & (np.abs(sight.down) < 0.3)
    ((x, y),) = project([spot], (300, 200), pose, SIZE)
    assert darkest_place(pixels(taken.jpeg), inside) == pytest.approx((x, y), abs=1.0)


def test_yaw_makes_the_far_side_smaller() -> None:
    corners = photograph(LABEL, Shot(pose=Pose(yaw_degrees=40), conditions=PLAIN), seed=0).corners
    left, right = corners[3][1] - corners[0][1], corners[2][1] - corners[1][1]
    assert right > left * 1.2


def test_a_bottle_foreshortens_the_labels_edges() -> None:
    marks = [(x, 100.0) for x in (0.0, 75.0, 150.0, 225.0, 300.0)]
    x = project(marks, (300, 200), Pose(bottle_radius=0.6), SIZE)[:, 0]
    steps = np.diff(x)
    assert steps[0] < 0.9 * steps[1]
    assert steps == pytest.approx(steps[::-1], rel=0.02)


def test_a_label_out_of_sight_leaves_the_surroundings() -> None:
    taken = photograph(LABEL, Shot(pose=Pose(share=0.1, shift=(3.0, 0.0)), conditions=PLAIN), seed=0)
    assert pixels(taken.jpeg).max() < 225
    assert (taken.corners[:, 0] > SIZE[0]).all()


def brightness(conditions: Conditions, label: NDArray[np.uint8] = LABEL) -> NDArray[np.float64]:
    """Mean RGB over the middle of the label."""
    picture = pixels(photograph(label, Shot(conditions=conditions), seed=1).jpeg)
    return np.asarray(picture[120:180, 150:250].mean(axis=(0, 1)))


def test_exposure_and_colour_of_the_light_are_seen() -> None:
    plain = brightness(PLAIN)
    dim = brightness(Conditions(size=SIZE, light_fall=0, exposure=0.2))
    warm = brightness(Conditions(size=SIZE, light_fall=0, light_colour=(1.0, 0.9, 0.6)))
    assert dim.max() < 0.6 * plain.min()
    assert warm[0] > warm[1] > warm[2]


def test_the_light_falls_across_the_picture() -> None:
    conditions = Conditions(size=SIZE, light_fall=0.8, light_from_degrees=180, noise=0)
    picture = pixels(photograph(LABEL, Shot(pose=Pose(share=0.9), conditions=conditions), seed=0).jpeg)
    assert picture[150, 40].mean() > picture[150, 360].mean() + 40


def test_gloss_burns_out_a_spot() -> None:
    dark = np.zeros((200, 300), np.uint8)
    assert brightness(Conditions(size=SIZE, gloss=1.0), dark).mean() > brightness(PLAIN, dark).mean() + 5


def sharpness(**lens: float) -> float:
    """How steep the steepest edge of a dot is, in values a pixel."""
    conditions = Conditions(size=SIZE, light_fall=0, paper_texture=0, noise=0, jpeg_quality=95, **lens)  # type: ignore[arg-type]  # only lens settings of type float
    picture = pixels(photograph(with_dot(150, 100), Shot(conditions=conditions), seed=0).jpeg).astype(int)
    return float(np.abs(np.diff(picture[150, 150:250].mean(axis=1))).max())


def test_defocus_and_motion_soften_edges() -> None:
    sharp = sharpness()
    assert sharpness(defocus_pixels=3) < 0.6 * sharp
    assert sharpness(motion_pixels=8) < 0.6 * sharp
    assert sharpness(motion_pixels=8, motion_degrees=90) > 0.8 * sharp


def test_noise_and_paper_make_the_white_uneven() -> None:
    def spread(**change: float) -> float:
        settings = {"paper_texture": 0.0, "noise": 0.0, "exposure": 0.5, "light_fall": 0.0} | change
        conditions = Conditions(size=SIZE, jpeg_quality=95, **settings)  # type: ignore[arg-type]  # all are floats
        picture = pixels(photograph(LABEL, Shot(conditions=conditions), seed=1).jpeg)
        return float(picture[120:180, 150:250].std())

    assert spread() < 1
    assert spread(noise=0.03) > 2
    assert spread(paper_texture=0.1) > 2


@pytest.mark.parametrize("shape", [(90, 500, 3), (500, 90, 3), (64, 64)])
def test_any_background_fills_the_picture(shape: tuple[int, ...]) -> None:
    background = np.full(shape, 90, np.uint8)
    taken = photograph(LABEL, Shot(conditions=PLAIN), seed=0, background=background)
    picture = pixels(taken.jpeg)
    assert picture.shape == (300, 400, 3)
    assert np.abs(picture[5:40].astype(int) - 90).max() < 6


def test_a_colour_label_keeps_its_colours() -> None:
    red = np.full((200, 300, 3), (220, 20, 20), np.uint8)
    mean = brightness(PLAIN, red)
    assert mean[0] > 2 * mean[1]


@pytest.mark.parametrize("name", SHOTS)
def test_every_named_shot_shows_the_whole_label_or_nearly(name: str) -> None:
    shot = SHOTS[name]
    corners = photograph(np.full((100, 100), 255, np.uint8), shot, seed=0).corners
    width, height = shot.conditions.size
    assert ((corners > -0.06 * width) & (corners < [1.06 * width, 1.06 * height])).all()
