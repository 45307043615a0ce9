"""The label in its surroundings, lit: what a perfect lens would see."""

from math import ceil, cos, radians, sin
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from demo.conditions import Conditions
from demo.pose import Box, Floats, Pose, Sight, Size, look

Picture: TypeAlias = NDArray[np.uint8]
"""Grey (height, width) or RGB (height, width, 3)."""

GAMMA = 2.2
"""Stored value = light ** (1 / GAMMA), near enough to sRGB."""

_INK, _PAPER = 0.035, 0.86
"""Reflectance of printed black and of paper, linear."""

_FINER = 2
"""The label is computed at so many times the picture's resolution, then averaged: no stairs on slanted edges."""

_GRAIN_PIXELS = 512


def light_of(
    label: Picture,
    pose: Pose,
    conditions: Conditions,
    background: Picture | None,
    chance: np.random.Generator,
) -> Floats:
    """What reaches the lens: linear light, (height, width, 3), 1 for paper in full light."""
    sight = look(pose, conditions.size)
    shade = _shade(sight)
    scene = _surroundings(background, sight, shade, pose, chance)
    glossy = (sight.hit if pose.bottle_radius is not None else np.zeros_like(sight.hit)).astype(np.float32)
    box = _bounds(label, sight)
    if box is not None:
        left, top, right, bottom = box
        printed, covered = _printed(label, pose, conditions, box, chance)
        part = scene[top:bottom, left:right]
        part *= 1 - covered
        part += printed * shade[top:bottom, left:right, None]
        np.maximum(glossy[top:bottom, left:right], covered[..., 0], out=glossy[top:bottom, left:right])
    scene += (conditions.gloss * glossy * _highlight(sight))[..., None]
    return scene * _lighting(conditions)


def _bounds(label: Picture, sight: Sight) -> Box | None:
    """The part of the picture that holds the label, with a margin; None when it is out of sight."""
    tall = label.shape[0] / label.shape[1]
    near = sight.hit & (np.abs(sight.across) <= 0.5) & (np.abs(sight.down) <= tall / 2)
    rows, columns = np.flatnonzero(near.any(axis=1)), np.flatnonzero(near.any(axis=0))
    if not len(rows):
        return None
    height, width = near.shape
    return (
        max(0, int(columns[0]) - 1),
        max(0, int(rows[0]) - 1),
        min(width, int(columns[-1]) + 2),
        min(height, int(rows[-1]) + 2),
    )


def _printed(
    label: Picture, pose: Pose, conditions: Conditions, box: Box, chance: np.random.Generator
) -> tuple[Floats, Floats]:
    """In `box`: the label's reflectance times how much of each pixel it covers, and that cover (h, w, 1)."""
    sight = look(pose, conditions.size, box, _FINER)
    tall = label.shape[0] / label.shape[1]
    covered = sight.hit & (np.abs(sight.across) <= 0.5) & (np.abs(sight.down) <= tall / 2)
    # Shrunk first to the resolution at which it is seen, for remapping alone would skip pixels of a finer drawing.
    wide = min(label.shape[1], ceil(pose.share * conditions.size[0] * _FINER))
    drawing = cv2.resize(_rgb(label), (wide, max(1, round(wide * tall))), interpolation=cv2.INTER_AREA)
    reflectance = _INK + (_PAPER - _INK) * (drawing.astype(np.float32) / 255) ** GAMMA
    x, y = (sight.across + 0.5) * wide - 0.5, (sight.down + tall / 2) * wide - 0.5
    seen = cv2.remap(reflectance, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    grain = cv2.remap(_grain(chance), x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    textured = seen * ((1 + conditions.paper_texture * grain) * covered)[..., None]
    size = box[2] - box[0], box[3] - box[1]
    cover = cv2.resize(covered.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    shrunk = cv2.resize(textured, size, interpolation=cv2.INTER_AREA)
    return np.asarray(shrunk, np.float32), np.asarray(cover[..., None], np.float32)


def _surroundings(
    background: Picture | None, sight: Sight, shade: Floats, pose: Pose, chance: np.random.Generator
) -> Floats:
    """What is not label: the photograph or a table, and the bottle's glass before it."""
    height, width = sight.across.shape
    if background is None:
        clouds = cv2.resize(
            chance.normal(size=(12, 16)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC
        )
        scene = np.array([0.30, 0.22, 0.15], np.float32) * (1 + 0.12 * clouds[..., None])
    else:
        scene = (_cover(_rgb(background), (width, height)).astype(np.float32) / 255) ** GAMMA
    if pose.bottle_radius is not None:
        glass = np.array([0.10, 0.16, 0.12], np.float32) * shade[..., None]
        scene[sight.hit] = glass[sight.hit]
    return scene


def _rgb(picture: Picture) -> Picture:
    return np.asarray(picture if picture.ndim == 3 else cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB), np.uint8)


def _cover(rgb: Picture, size: Size) -> Picture:
    """Scale so that it fills `size`, and cut what stands over."""
    scale = max(size[0] / rgb.shape[1], size[1] / rgb.shape[0])
    wide, tall = ceil(rgb.shape[1] * scale), ceil(rgb.shape[0] * scale)
    left, top = (wide - size[0]) // 2, (tall - size[1]) // 2
    scaled = cv2.resize(rgb, (wide, tall), interpolation=cv2.INTER_LINEAR)
    return np.asarray(scaled[top : top + size[1], left : left + size[0]], np.uint8)


_TO_LIGHT = np.array([-0.35, -0.5, -0.79], np.float32)
"""Unit vector from the label to the lamp, in the camera's frame: above, a little to the left, before it."""


def _shade(sight: Sight) -> Floats:
    """Brightness by the angle to the lamp; 1 for a surface that faces the camera."""
    facing = np.clip(sight.normal @ _TO_LIGHT, 0, None)
    return np.asarray(0.4 + 0.6 * facing / -_TO_LIGHT[2], np.float32)


def _highlight(sight: Sight) -> Floats:
    """Blinn's highlight, 1 where the surface mirrors the lamp into the camera."""
    half = _TO_LIGHT - sight.ray
    half /= np.linalg.norm(half, axis=-1, keepdims=True)
    return np.asarray(np.clip((sight.normal * half).sum(axis=-1), 0, 1) ** 60, np.float32)


def _lighting(conditions: Conditions) -> Floats:
    """Fall of the light across the picture, with its colour and the exposure."""
    width, height = conditions.size
    x, y = np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32)
    angle = radians(conditions.light_from_degrees)
    along = (cos(angle) * x[None, :] + sin(angle) * y[:, None]) / (abs(cos(angle)) + abs(sin(angle)))
    fall = 1 + conditions.light_fall * along
    return np.asarray(conditions.exposure * fall[..., None] * np.array(conditions.light_colour), np.float32)


def _grain(chance: np.random.Generator) -> Floats:
    """Fibres: noise of three sizes, standard deviation 1, made to be repeated."""
    total = np.zeros((_GRAIN_PIXELS, _GRAIN_PIXELS), np.float32)
    for size, weight in ((32, 0.6), (128, 0.5), (_GRAIN_PIXELS, 0.6)):
        noise = chance.normal(size=(size, size)).astype(np.float32)
        total += weight * cv2.resize(noise, total.shape, interpolation=cv2.INTER_CUBIC)
    return np.asarray(total / total.std(), np.float32)
