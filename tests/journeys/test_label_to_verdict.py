"""From the printed sheet through somebody's camera to a verdict, offline and online, nothing in between made up."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import httpx
import numpy as np
import pytest

from demo.photograph import SHOTS, photograph
from demo.scene import Picture
from demo.shop import BOTTLE, LOT
from demo.snapshot import rasterise_label
from demo.stand import Stand
from scanner import decode, load_image, load_trust, parse_image, verify
from scanner.answer import Answer
from scanner.online import Server
from tagcore.reasons import Code, Level
from tests.parts import require_part
from tests.shop import JOURNEYS

PHOTOGRAPHS = Path(__file__).parents[2].parent / "shared" / "data" / "qr-photos"
BACKGROUNDS = ("nominal/image015.jpg", "glare/image003.jpg", "perspective/image003.jpg")


def read_one(jpeg: bytes) -> list[str]:
    """The texts of our own codes on a picture; a real background may have others."""
    texts = [symbol.text for symbol in decode(parse_image(jpeg))]
    return [text for text in texts if text.startswith("HTTPS://ID.EXAMPLE.COM/")]


@cache
def background(name: str) -> Picture:
    grey = load_image(PHOTOGRAPHS / "camera" / name)
    return np.ascontiguousarray(grey[::2, ::2])


def judge(shop: Stand, site: str, text: str) -> Answer:
    """The text's verdict offline, which claims the signature alone, then the site's."""
    offline = verify(text, load_trust(shop.trust), datetime.now(UTC))
    assert offline.headline.code is Code.SIGNATURE_ONLY
    with Server(site) as server:
        answer = server.verify(text)
    assert isinstance(answer, Answer)
    return answer


@pytest.mark.parametrize("shot", SHOTS)
def test_a_photographed_label_is_read_and_matches_the_record(shop: Stand, site: str, shot: str) -> None:
    number = list(SHOTS).index(shot)
    label = rasterise_label(shop.labels, number)
    (text,) = read_one(photograph(label, SHOTS[shot], seed=number).jpeg)
    assert f"/01/{BOTTLE}/10/{LOT}/21/" in text
    assert judge(shop, site, text).level is Level.MATCH


@pytest.mark.parametrize("name", BACKGROUNDS)
def test_a_label_before_a_real_photograph_is_read_and_matches(shop: Stand, site: str, name: str) -> None:
    require_part(
        PHOTOGRAPHS.is_dir(),
        "the photographs of the qr-photos data set",
        "place the qr-photos data set beside the project under ../shared/data",
    )
    number = 8 + BACKGROUNDS.index(name)
    label = rasterise_label(shop.labels, number)
    taken = photograph(label, SHOTS["tilted"], seed=number, background=background(name))
    (text,) = read_one(taken.jpeg)
    assert judge(shop, site, text).level is Level.MATCH


def test_every_label_of_the_sheet_is_another_unit_of_the_batch(shop: Stand) -> None:
    texts = {symbol.text for n in JOURNEYS for symbol in decode(rasterise_label(shop.labels, n))}
    trust = load_trust(shop.trust)
    assert len(texts) == len(JOURNEYS)
    assert {verify(text, trust, datetime.now(UTC)).headline.code for text in texts} == {Code.SIGNATURE_ONLY}


def test_a_photograph_sent_to_the_site_is_judged_symbol_by_symbol(shop: Stand, site: str) -> None:
    taken = photograph(rasterise_label(shop.labels, 20), SHOTS["straight"], seed=20)
    answer = httpx.post(f"{site}/v1/verify/image", files={"image": ("photo.jpg", taken.jpeg, "image/jpeg")})
    assert answer.status_code == 200, answer.text
    (symbol,) = answer.json()["symbols"]
    assert symbol["verification"]["verdict"]["level"] == "match"
    found = np.array(symbol["corners"])
    low, high = taken.corners.min(axis=0), taken.corners.max(axis=0)
    assert (found >= low).all()
    assert (found <= high).all()


def test_the_address_in_the_code_opens_a_page_and_answers_programs(shop: Stand, site: str) -> None:
    (symbol,) = decode(rasterise_label(shop.labels, 21))
    path = symbol.text.removeprefix("HTTPS://ID.EXAMPLE.COM")
    page = httpx.get(
        f"{site}{path}", headers={"Accept": "text/html", "User-Agent": "Mozilla/5.0 Firefox/140"}
    )
    assert page.headers["content-type"].startswith("text/html")
    assert "Matches the producer" in page.text
    body = httpx.get(f"{site}{path}", headers={"Accept": "application/json"}).json()
    assert body["verdict"]["headline"]["code"] in {"FIRST_SCAN", "SEEN_BEFORE"}


def test_a_recalled_lot_stops_its_photographed_label(shop: Stand, site: str) -> None:
    (symbol,) = decode(rasterise_label(shop.labels, 22))
    recall = shop.run("recall", "order", BOTTLE, "--lot", LOT, "--reason", "The seal may leak.").strip()
    try:
        assert judge(shop, site, symbol.text).level is Level.STOP
    finally:
        shop.run("recall", "lift", recall, "--org", "jade-river")
    assert judge(shop, site, symbol.text).level is Level.MATCH
