"""A label that nothing can read any more, recognised by the server that made it."""

import cv2
import httpx
import numpy as np
from numpy.typing import NDArray

from demo.photograph import SHOTS, photograph
from demo.shop import BOTTLE
from demo.snapshot import rasterise_label
from demo.stand import Stand
from scanner import decode, parse_image
from tests.shop import JOURNEYS

DAMAGED, OTHER = JOURNEYS[-1], JOURNEYS[-2]


def scratched(label: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Rubbed off in stripes, between the finder patterns too."""
    (symbol,) = decode(label)
    corners = np.array(symbol.corners)
    low, high = corners.min(axis=0).astype(int), corners.max(axis=0).astype(int)
    side = int(high[0] - low[0])
    out = label.copy()
    for row in range(low[1] + side // 4, high[1] - side // 5, side // 8):
        cv2.line(out, (int(low[0] + side // 4), row), (int(high[0]), row - side // 20), 170, side // 14)
    return out


def serial_of(label: NDArray[np.uint8]) -> str:
    (symbol,) = decode(label)
    return symbol.text.partition("/21/")[2].partition("?")[0]


def ask(site: str, jpeg: bytes, serial: str) -> list[dict[str, object]]:
    answer = httpx.post(
        f"{site}/v1/verify/image",
        files={"image": ("photo.jpg", jpeg, "image/jpeg")},
        data={"gtin": BOTTLE, "serial": serial},
        timeout=60,
    )
    assert answer.status_code == 200, answer.text
    symbols: list[dict[str, object]] = answer.json()["symbols"]
    return symbols


def test_a_rubbed_off_label_is_recognised_by_its_number_and_by_no_other(shop: Stand, site: str) -> None:
    label = rasterise_label(shop.labels, DAMAGED)
    taken = photograph(scratched(label), SHOTS["straight"], seed=DAMAGED)
    assert decode(parse_image(taken.jpeg)) == ()
    assert ask(site, taken.jpeg, serial_of(rasterise_label(shop.labels, OTHER))) == []
    (symbol,) = ask(site, taken.jpeg, serial_of(label))
    assert symbol["stage"] == "template"
    likeness, verification = symbol["likeness"], symbol["verification"]
    assert isinstance(likeness, dict)
    assert likeness["agreeing"] > 0.8
    assert isinstance(verification, dict)
    assert verification["verdict"]["level"] == "match"
    (corner, *_) = np.array(symbol["corners"])
    assert (corner >= taken.corners.min(axis=0)).all()
    assert (corner <= taken.corners.max(axis=0)).all()
