"""Where a label stands before a camera: a pinhole model in both directions.

Lengths are in widths of the label, whose centre is the origin: x to its right, y down, z away from the camera.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians, sin
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]
Size: TypeAlias = tuple[int, int]
"""(width, height) in pixels."""
Box: TypeAlias = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels; the latter two are past the end."""

_FOCAL_LENGTH = 1.15
"""In widths of the picture: about 26 mm on 35 mm film, a phone's main camera."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """How the label is held. All angles 0 is straight on."""

    yaw_degrees: float = 0.0
    """Turned about its upright axis; below 80 either way."""
    pitch_degrees: float = 0.0
    """Tipped backwards or forwards; below 80 either way."""
    roll_degrees: float = 0.0
    """Turned in the picture's plane, clockwise."""
    share: float = 0.5
    """The label's width as a part of the picture's, seen straight on."""
    shift: tuple[float, float] = (0.0, 0.0)
    """Where the label's centre is: right and down of the picture's centre, in parts of its width and height."""
    bottle_radius: float | None = None
    """Of the upright cylinder that it is glued to, in widths of the label; None for a flat one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What each pixel of a picture looks at. All arrays begin with its (height, width)."""

    across: Floats
    """Along the label's width, following its surface; the label spans -0.5 to 0.5."""
    down: Floats
    """Along its height, in the same unit."""
    hit: NDArray[np.bool_]
    """Whether the ray meets the surface that the label is on at all."""
    normal: Floats
    """(height, width, 3): the surface's outward normal, in the camera's frame."""
    ray: Floats
    """(height, width, 3): the unit vector from the camera."""


def look(pose: Pose, size: Size, box: Box | None = None, finer: int = 1) -> Sight:
    """Trace each pixel's ray to the label's surface: of the whole picture or of `box`, `finer` rays a side of it."""
    turn, place, focal = _camera(pose, size)
    left, top, right, bottom = box or (0, 0, *size)
    inset = np.float32((1 - finer) / 2 / finer)
    u, v = np.meshgrid(
        left + inset + np.arange((right - left) * finer, dtype=np.float32) / np.float32(finer),
        top + inset + np.arange((bottom - top) * finer, dtype=np.float32) / np.float32(finer),
    )
    ray = np.stack(
        [(u - (size[0] - 1) / 2) / focal, (v - (size[1] - 1) / 2) / focal, np.ones_like(u)], axis=-1
    )
    way, eye = ray @ turn, -place @ turn
    if pose.bottle_radius is None:
        steps = -eye[2] / way[..., 2]
        hit = steps > 0
        across, down = eye[0] + steps * way[..., 0], eye[1] + steps * way[..., 1]
        normal = np.broadcast_to(np.array([0, 0, -1], np.float32), ray.shape)
    else:
        across, down, hit, normal = _look_at_cylinder(eye, way, pose.bottle_radius)
    ray /= np.linalg.norm(ray, axis=-1, keepdims=True)
    return Sight(across=across, down=down, hit=hit, normal=normal @ turn.T, ray=ray)


def project(
    points: Sequence[tuple[float, float]], label: Size, pose: Pose, size: Size
) -> NDArray[np.float64]:
    """Where points of the label, in its pixels, appear in the picture, in its pixels: shape (n, 2)."""
    turn, place, focal = _camera(pose, size)
    flat = (np.array(points, np.float64) - [(label[0] - 1) / 2, (label[1] - 1) / 2]) / label[0]
    if pose.bottle_radius is None:
        solid = np.column_stack([flat, np.zeros(len(flat))])
    else:
        angle, radius = flat[:, 0] / pose.bottle_radius, pose.bottle_radius
        solid = np.column_stack([radius * np.sin(angle), flat[:, 1], radius * (1 - np.cos(angle))])
    seen = solid @ turn.T.astype(np.float64) + place
    middle = np.array([(size[0] - 1) / 2, (size[1] - 1) / 2])
    return np.asarray(seen[:, :2] / seen[:, 2:] * focal + middle)


def _camera(pose: Pose, size: Size) -> tuple[Floats, Floats, float]:
    """The label's rotation and place in the camera's frame, and the focal length in pixels."""
    focal = _FOCAL_LENGTH * size[0]
    distance = focal / (pose.share * size[0])
    shift = pose.shift[0] * size[0] / focal * distance, pose.shift[1] * size[1] / focal * distance
    yaw, pitch, roll = (radians(angle) for angle in (pose.yaw_degrees, pose.pitch_degrees, pose.roll_degrees))
    about_y = np.array([[cos(yaw), 0, sin(yaw)], [0, 1, 0], [-sin(yaw), 0, cos(yaw)]])
    about_x = np.array([[1, 0, 0], [0, cos(pitch), -sin(pitch)], [0, sin(pitch), cos(pitch)]])
    about_z = np.array([[cos(roll), -sin(roll), 0], [sin(roll), cos(roll), 0], [0, 0, 1]])
    turn = about_z @ about_x @ about_y
    return turn.astype(np.float32), np.array([*shift, distance], np.float32), focal


def _look_at_cylinder(
    eye: Floats, way: Floats, radius: float
) -> tuple[Floats, Floats, NDArray[np.bool_], Floats]:
    """First meeting of rays with x^2 + (z - radius)^2 = radius^2, unrolled; what misses is far off the label."""
    x, _, z = eye[0], eye[1], eye[2] - np.float32(radius)
    a = way[..., 0] ** 2 + way[..., 2] ** 2
    half_b = x * way[..., 0] + z * way[..., 2]
    root = half_b**2 - a * (x * x + z * z - np.float32(radius * radius))
    hit = root >= 0
    steps = np.where(hit, (-half_b - np.sqrt(np.maximum(root, 0))) / a, 0)
    side, depth = x + steps * way[..., 0], z + steps * way[..., 2]
    across = np.where(hit, radius * np.arctan2(side, -depth), 1e3).astype(np.float32)
    normal = np.stack([side, np.zeros_like(side), depth], axis=-1) / np.float32(radius)
    down = eye[1] + steps * way[..., 1]
    return across, np.asarray(down, np.float32), np.asarray(hit), np.asarray(normal, np.float32)
