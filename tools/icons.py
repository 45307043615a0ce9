"""Draws the app's icons from the mark: `python tools/icons.py`, whenever the mark changes. They are committed."""

import sys
from io import BytesIO
from pathlib import Path

import resvg_py
from PIL import Image

ICONS = Path(__file__).resolve().parents[1] / "static" / "icons"
ACCENT, PAPER = "#0d5c56", "#ffffff"

SIZES = {
    "app-192.png": (192, 0.66, 0.22),
    "app-512.png": (512, 0.66, 0.22),
    "app-maskable-512.png": (512, 0.52, 0.0),
}
"""Side in pixels, the mark's share of it, the corner's radius as a share. A maskable icon may be cut to a circle of 80
% of its side (Web Application Manifest, "maskable"), so its mark is smaller and its ground goes to the edge.
"""

COLOURS = 32
"""Enough for two colours and the steps between them."""


def main() -> int:
    """Write all of them."""
    mark = (ICONS / "mark.svg").read_text(encoding="utf-8")
    paths = mark[mark.index(">") + 1 : mark.rindex("</svg>")]
    for name, (side, share, radius) in SIZES.items():
        (ICONS / name).write_bytes(_png(_drawing(paths, side, share, radius)))
    return 0


def _drawing(paths: str, side: int, share: float, radius: float) -> str:
    scale = side * share / 24
    start = side * (1 - share) / 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{side}" height="{side}">'
        f'<rect width="{side}" height="{side}" rx="{side * radius}" fill="{ACCENT}"/>'
        f'<g transform="translate({start} {start}) scale({scale})" fill="none" stroke="{PAPER}" stroke-width="2" '
        f'stroke-linecap="round" stroke-linejoin="round">{paths}</g></svg>'
    )


def _png(drawing: str) -> bytes:
    out = BytesIO()
    with Image.open(BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=drawing)))) as image:
        image.convert("RGBA").quantize(COLOURS).save(out, "PNG", optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main())
