"""A QR symbol as a path for an inline SVG: drawn here, shown once, never an address of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tagserver.labels.qr import QUIET_MODULES, encode

_DARK_RUN = re.compile("1+")


@dataclass(frozen=True, slots=True, kw_only=True)
class QrPicture:
    """`size` is the side in modules, quiet zone included; `path` the dark modules as SVG path data."""

    size: int
    path: str


def qr_picture(text: str) -> QrPicture:
    """Raises: SymbolTextError for a text that is not ASCII or too long."""
    symbol = encode(text)
    rows = ("".join("1" if dark else "0" for dark in row) for row in symbol.modules.tolist())
    runs = (
        (run.start() + QUIET_MODULES, y + QUIET_MODULES, len(run[0]))
        for y, row in enumerate(rows)
        for run in _DARK_RUN.finditer(row)
    )
    path = "".join(f"M{x} {y}h{length}v1h-{length}z" for x, y, length in runs)
    return QrPicture(size=symbol.size + 2 * QUIET_MODULES, path=path)
