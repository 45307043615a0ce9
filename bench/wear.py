"""What befalls a label before it is photographed: scratches, covers, creases, misprints, the shine of foil."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Label: TypeAlias = NDArray[np.uint8]
Wear: TypeAlias = Callable[[Label, float, np.random.Generator], Label]
"""(label, severity from 0 to 1, chance) -> the label after it."""

_COVERS = (0.05, 0.4)
"""Of the symbol's area, at severity 0 and 1."""


def covered(label: Label, severity: float, chance: np.random.Generator) -> Label:
    """Something opaque lies over 5 to 40 % of it: a thumb, a sticker, a stamp."""
    out, side = label.copy(), len(label)
    share = _COVERS[0] + (_COVERS[1] - _COVERS[0]) * severity
    ratio = float(chance.uniform(0.5, 2.0))
    wide, tall = (min(side, round(side * (share * r) ** 0.5)) for r in (ratio, 1 / ratio))
    left, top = int(chance.integers(0, side - wide + 1)), int(chance.integers(0, side - tall + 1))
    out[top : top + tall, left : left + wide] = int(chance.integers(60, 230))
    return out


def scratched(label: Label, severity: float, chance: np.random.Generator) -> Label:
    """Lines that took the ink, or left some."""
    out, side = label.copy(), len(label)
    for _ in range(1 + round(9 * severity)):
        begin, end = chance.integers(0, side, 2), chance.integers(0, side, 2)
        grey = int(chance.choice([30, 235]))
        cv2.line(out, begin.tolist(), end.tolist(), grey, int(chance.integers(2, 4 + round(side / 100))))
    return out


def creased(label: Label, severity: float, chance: np.random.Generator) -> Label:
    """Paper that does not lie flat: its parts are moved by up to two modules' width, and shaded by their slope."""
    side = len(label)
    waves = chance.normal(size=(2, 6, 6)).astype(np.float32)
    moved = [cv2.resize(wave, (side, side), interpolation=cv2.INTER_CUBIC) for wave in waves]
    reach = severity * side * 0.012
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    out = cv2.remap(label, x + reach * moved[0], y + reach * moved[1], cv2.INTER_LINEAR, borderValue=255)
    slope = np.gradient(moved[0], axis=1) * side / 6
    shade = np.clip(1 - 0.25 * severity * np.abs(slope), 0.4, 1)
    return np.asarray(out * shade, np.uint8)


def misprinted(label: Label, severity: float, chance: np.random.Generator) -> Label:
    """Dead dots of the printer's head, ink that ran or flaked, a ribbon that wrinkled."""
    out, side = label.copy(), len(label)
    for _ in range(round(1 + 4 * severity)):
        row = int(chance.integers(0, side))
        out[row : row + 1 + round(3 * severity)] = 255
    kernel = np.ones((1 + 2 * round(1.5 * severity),) * 2, np.uint8)
    out = np.asarray(cv2.erode(out, kernel) if chance.random() < 0.5 else cv2.dilate(out, kernel), np.uint8)
    flakes = cv2.resize(chance.random((side // 8, side // 8)), (side, side), interpolation=cv2.INTER_LINEAR)
    out[flakes > 1 - 0.12 * severity] = 255
    return out


def foiled(label: Label, severity: float, chance: np.random.Generator) -> Label:
    """Foil mirrors a room: bands of dark and of light lie over paper and ink alike."""
    side = len(label)
    angle = float(chance.uniform(0, np.pi))
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) / side
    along = np.cos(angle) * x + np.sin(angle) * y
    bands = np.interp(along, np.linspace(-1, 2, 25), chance.normal(size=25)).astype(np.float32)
    dark = np.clip(1 - 0.35 * np.clip(-bands, 0, 2), 0.3, 1)
    light = np.clip((bands - 1.6 + severity) * 1.2, 0, 1) * (0.4 + 0.6 * severity)
    out = label * dark
    return np.asarray(out + (255 - out) * light, np.uint8)


KINDS: Mapping[str, Wear] = MappingProxyType(
    {"covered": covered, "scratched": scratched, "creased": creased, "misprinted": misprinted}
)
"""What may befall any label; foil shines by itself."""
