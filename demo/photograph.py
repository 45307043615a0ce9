"""Photographs of labels that were never printed: a flat drawing in, what a phone would have stored out.

The label is placed before a pinhole camera, flat or round a bottle; lit; seen through a lens that may be out of
focus or moving; sampled with noise; stored as JPEG. Light is added up in linear units and stored with the usual
gamma. The same arguments give the same bytes (with the same versions of NumPy and OpenCV).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from demo.conditions import Conditions
from demo.lens import on_sensor, stored_jpeg, through_lens
from demo.pose import Pose, Size, project
from demo.scene import Picture, light_of

__all__ = ["SHOTS", "Conditions", "Photograph", "Picture", "Pose", "Shot", "photograph"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A pose under conditions, to have a name for it."""

    pose: Pose = field(default_factory=Pose)
    conditions: Conditions = field(default_factory=Conditions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Photograph:
    """The stored file, and where the label's outer corners are in it: (4, 2), clockwise from its top-left."""

    jpeg: bytes = field(repr=False)
    corners: NDArray[np.float64]


_LAMP = (1.12, 1.0, 0.78)
_SHADE = (0.9, 1.0, 1.12)

SHOTS: Mapping[str, Shot] = MappingProxyType(
    {
        "straight": Shot(),
        "tilted": Shot(
            pose=Pose(yaw_degrees=28, pitch_degrees=-20, roll_degrees=12, share=0.55, shift=(0.04, -0.03)),
            conditions=Conditions(light_fall=0.4, light_colour=_LAMP, defocus_pixels=0.8, noise=0.012),
        ),
        "upside_down": Shot(
            pose=Pose(pitch_degrees=25, roll_degrees=187, share=0.5),
            conditions=Conditions(light_colour=_SHADE, defocus_pixels=0.6),
        ),
        "bottle": Shot(
            pose=Pose(yaw_degrees=-8, pitch_degrees=6, roll_degrees=-4, share=0.5, bottle_radius=1.1),
            conditions=Conditions(light_fall=0.3, gloss=0.25, light_colour=_LAMP, defocus_pixels=0.7),
        ),
        "dim_and_shaken": Shot(
            pose=Pose(yaw_degrees=-15, pitch_degrees=10, roll_degrees=-20, share=0.6),
            conditions=Conditions(
                exposure=0.22, light_fall=0.5, light_colour=_LAMP, defocus_pixels=1.0, motion_pixels=3.0,
                motion_degrees=35, noise=0.02, jpeg_quality=80,
            ),
        ),
        "far": Shot(
            pose=Pose(yaw_degrees=10, roll_degrees=5, share=0.3, shift=(-0.2, 0.15)),
            conditions=Conditions(light_colour=_SHADE, defocus_pixels=0.5),
        ),
    }
)  # fmt: skip
"""Ways in which people hold a phone, from easy to hard."""


def photograph(label: Picture, shot: Shot, *, seed: int, background: Picture | None = None) -> Photograph:
    """Take `shot` of `label`, before `background` (a photograph; cut to fill) or on a plain table.

    `label` needs enough pixels to look sharp: two or more a pixel of its image.
    """
    chance = np.random.default_rng(seed)
    pose, conditions = shot.pose, shot.conditions
    light = light_of(label, pose, conditions, background, chance)
    light = through_lens(light, conditions)
    light = on_sensor(light, conditions, chance)
    return Photograph(
        jpeg=stored_jpeg(light, conditions.jpeg_quality), corners=_corners(label, pose, conditions.size)
    )


def _corners(label: Picture, pose: Pose, size: Size) -> NDArray[np.float64]:
    right, low = label.shape[1] - 0.5, label.shape[0] - 0.5
    outer = [(-0.5, -0.5), (right, -0.5), (right, low), (-0.5, low)]
    return project(outer, (label.shape[1], label.shape[0]), pose, size)
