"""Rules that every page keeps, asked of a real browser: no barrier that axe-core knows, nothing cut off, one origin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page

from demo.shop import BOTTLE
from scanner import decode
from tests.browser.conftest import OpenPage

Labels = Callable[[int], NDArray[np.uint8]]
Scheme = Literal["light", "dark"]

PAGES = {
    "start": "/",
    "scan": "/scan",
    "verdict": "TAG",
    "not ours": "/01/x",
    "never issued": f"/check?gtin={BOTTLE}&serial=NEVER",
    "batch": "/batches/1",
    "docs": "/docs",
    "proof": "/proof",
    "nowhere": "/nowhere",
}
WIDTHS = (360, 1280)
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

EXAMINE = "async (tags) => (await axe.run({ runOnly: tags })).violations"
SHOW_EVERYTHING = "document.querySelectorAll('[hidden]').forEach((part) => part.removeAttribute('hidden'))"


@pytest.mark.parametrize("name", PAGES)
def test_no_page_has_a_barrier_at_any_width_in_any_light(
    open_page: OpenPage, labels: Labels, axe: str, name: str
) -> None:
    page = open_page(address(PAGES[name], labels))
    page.evaluate(axe)
    for width in WIDTHS:
        for scheme in schemes():
            arrange(page, width, scheme)
            assert found(page) == [], (width, scheme)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, "it scrolls sideways"


def test_the_parts_of_the_camera_page_that_appear_later_have_no_barrier(
    open_page: OpenPage, axe: str
) -> None:
    page = open_page("/scan")
    page.evaluate(axe)
    page.evaluate(SHOW_EVERYTHING)
    page.locator("#foreign-text").evaluate("(part) => part.append('https://example.net/' + 'x'.repeat(400))")
    page.locator("#preview").evaluate("(part) => part.remove()")  # an image comes with its file
    for width in WIDTHS:
        for scheme in schemes():
            arrange(page, width, scheme)
            assert found(page) == [], (width, scheme)
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def schemes() -> tuple[Scheme, ...]:
    return ("light", "dark")


def arrange(page: Page, width: int, scheme: Scheme) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")


def found(page: Page) -> list[tuple[str, list[Any]]]:
    """Each violation's name and where it is."""
    violations = page.evaluate(EXAMINE, TAGS)
    return [(row["id"], [node["target"] for node in row["nodes"]]) for row in violations]


def address(path: str, labels: Labels) -> str:
    if path != "TAG":
        return path
    (symbol,) = decode(labels(6))
    return symbol.text.removeprefix("HTTPS://ID.EXAMPLE.COM")
