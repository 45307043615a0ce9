"""Light, lens, sensor and file: all that a photograph depends on but the pose."""

from dataclasses import dataclass

from demo.pose import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """Light, lens, sensor and file. Lengths are in pixels of the photograph."""

    size: Size = (1600, 1200)
    exposure: float = 1.0
    """1 shows white paper nearly white; above, it burns out."""
    light_fall: float = 0.25
    """How much brighter than the middle the lit corner is, and how much darker the other one; 0 to 0.9."""
    light_from_degrees: float = 220.0
    """Where the light comes from in the picture: 0 right, 90 below, 180 left, 270 above."""
    light_colour: tuple[float, float, float] = (1.0, 1.0, 1.0)
    """RGB gains: a lamp is about (1.1, 1.0, 0.75), a shadow outdoors (0.9, 1.0, 1.15)."""
    gloss: float = 0.0
    """Strength of the highlight on the label and its bottle; 1 burns out."""
    paper_texture: float = 0.03
    """Standard deviation of the paper's brightness, as a part of it."""
    defocus_pixels: float = 0.0
    """Radius of the disc that a point becomes."""
    motion_pixels: float = 0.0
    """Length of the streak that a point becomes, along `motion_degrees`."""
    motion_degrees: float = 0.0
    noise: float = 0.008
    """Standard deviation at full light, as a part of it; shadows have less, but more beside their signal."""
    jpeg_quality: int = 90
