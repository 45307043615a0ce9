"""From light to a stored file: lens, sensor, JPEG."""

from math import ceil, cos, radians, sin

import cv2
import numpy as np

from demo.conditions import Conditions
from demo.pose import Floats
from demo.scene import GAMMA


def through_lens(light: Floats, conditions: Conditions) -> Floats:
    """Blurred as the lens was out of focus, then as it moved."""
    if conditions.defocus_pixels > 0:
        light = cv2.filter2D(light, -1, _disc(conditions.defocus_pixels)).astype(np.float32, copy=False)
    if conditions.motion_pixels > 1:
        kernel = _streak(conditions.motion_pixels, conditions.motion_degrees)
        light = cv2.filter2D(light, -1, kernel).astype(np.float32, copy=False)
    return light


def _disc(radius: float) -> Floats:
    """A disc with soft edge, so that radii need not be whole pixels."""
    reach = ceil(radius)
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1)
    return np.asarray(disc / disc.sum(), np.float32)


def _streak(length: float, degrees: float) -> Floats:
    """A straight line of `length`, drawn at 8 times the resolution and averaged."""
    reach = ceil(length / 2)
    side = 2 * reach + 1
    fine = np.zeros((side * 8, side * 8), np.float32)
    middle, step = side * 4, length * 4
    dx, dy = round(cos(radians(degrees)) * step), round(sin(radians(degrees)) * step)
    cv2.line(fine, (middle - dx, middle - dy), (middle + dx, middle + dy), 1.0, thickness=8)
    streak = cv2.resize(fine, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(streak / streak.sum(), np.float32)


def on_sensor(light: Floats, conditions: Conditions, chance: np.random.Generator) -> Floats:
    """Photons counted: the variance grows with the light, above a floor; what is too bright is cut off."""
    spread = conditions.noise * np.sqrt(np.clip(light, 0, 1) + 0.02)
    grains = chance.standard_normal(light.shape, dtype=np.float32)
    return np.asarray(np.clip(light + spread * grains, 0, 1), np.float32)


def stored_jpeg(light: Floats, quality: int) -> bytes:
    """Light of 0 to 1 as a JPEG file."""
    stored = np.rint(light ** (1 / GAMMA) * 255).astype(np.uint8)
    done, jpeg = cv2.imencode(
        ".jpg", cv2.cvtColor(stored, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality]
    )
    assert done, "OpenCV writes every JPEG of three bytes a pixel"
    return jpeg.tobytes()
