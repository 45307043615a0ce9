"""A label that nothing can read any more, recognised by the server that made it."""

import httpx
import numpy as np

from demo.photograph import SHOTS, photograph
from demo.shop import BOTTLE
from demo.snapshot import rasterise_label
from demo.stand import Stand
from scanner import decode, parse_image
from tests.shop import JOURNEYS
from tests.wear import rubbed, serial_of

DAMAGED, OTHER = JOURNEYS[-1], JOURNEYS[-2]


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
    taken = photograph(rubbed(label), SHOTS["straight"], seed=DAMAGED)
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
