"""Rules that every page keeps, asked of a real browser: no barrier that axe-core knows, nothing cut off, one origin."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from demo.furnishing import COUNTRY_HEADER, Furnished, furnish
from demo.stand import Stand, served
from demo.tour import WAIT_MS, Stop, enter, stops
from tests.browser.conftest import OpenPage
from tests.browser.watching import Watch

pytestmark = pytest.mark.timeout(900)
"""Real parts at work, on machines that may be busy."""

Scheme = Literal["light", "dark"]

_NOWHERE = Furnished(
    stand=Stand(home=Path(), environ={}),
    site="",
    tags=dict.fromkeys(("match", "caution", "typed", "printed", "void", "recalled", "forged"), "/01/0/21/0"),
    producer={},
    wholesaler={},
    unused_link="/console/set-up/x",
)
NAMES = [stop.name for stop in stops(_NOWHERE)]

WIDTHS = (360, 1280)
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
EXAMINED = {"en": {(360, "light"), (1280, "dark")}, "zh-Hans": {(360, "dark")}}
"""Each width and each light at least once: axe-core takes its time."""

CONSUMERS = ("start", "scan", "verdict", "photo", "proof", "report", "batch")
"""Whose pages are examined in Chinese too; the console's differ in words alone."""

LOCALES = {"en": "en-GB", "zh-Hans": "zh-CN"}
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

EXAMINE = "async (tags) => (await axe.run({ runOnly: tags })).violations"
FILL_LIST = """() => {
  const list = document.getElementById("scans");
  for (const tone of ["good", "warn", "bad", "none"]) {
    const line = document.getElementById("scan-line").content.cloneNode(true).firstElementChild;
    line.classList.add(tone);
    line.querySelector(".title").append("A verdict in words");
    line.querySelector(".goods").append("A product · 4T7QMZ9C1R5KD");
    line.querySelector(".given").append("https://example.net/" + "x".repeat(200));
    line.querySelectorAll("[hidden]").forEach((part) => part.removeAttribute("hidden"));
    list.append(line);
  }
}"""
SHOW_EVERYTHING = "document.querySelectorAll('[hidden]').forEach((part) => part.removeAttribute('hidden'))"


@pytest.fixture(scope="session")
def furnished(pattern: Stand, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Furnished]:
    """A stand that has something on every page."""
    home = tmp_path_factory.mktemp("furnished") / "stand"
    stand = pattern.copied(home, settings={"ORIGINTAG_COUNTRY_HEADER": COUNTRY_HEADER})
    with served(stand) as site:
        yield furnish(stand, site)


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("name", NAMES)
def test_no_page_has_a_barrier_at_any_width_in_any_light(
    browser: Browser, furnished: Furnished, axe: str, name: str, language: str
) -> None:
    stop = next(stop for stop in stops(furnished) if stop.name == name)
    with visiting(browser, furnished, stop, language) as page:
        stop.go(page)
        expect(page.locator("html")).to_have_attribute("lang", language)
        page.evaluate(axe)
        for width in WIDTHS:
            for scheme in SCHEMES:
                arrange(page, width, scheme)
                assert page.evaluate("document.documentElement.scrollWidth") <= width, "it scrolls sideways"
                if (width, scheme) in EXAMINED[language] and (language == "en" or name.startswith(CONSUMERS)):
                    assert found(page) == [], (width, scheme)


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith(("verdict", "console"))])
def test_a_page_says_the_same_without_script(browser: Browser, furnished: Furnished, name: str) -> None:
    stop = next(stop for stop in stops(furnished) if stop.name == name)
    headings = []
    for has_script in (True, False):
        with visiting(browser, furnished, stop, "en", has_script=has_script) as page:
            stop.go(page)
            headings.append(page.locator("h1, h2").all_text_contents())
    assert headings[0] == headings[1]
    assert headings[0]


def test_the_parts_of_the_camera_page_that_appear_later_have_no_barrier(
    open_page: OpenPage, axe: str
) -> None:
    page = open_page("/scan")
    page.evaluate(axe)
    page.evaluate(SHOW_EVERYTHING)
    page.locator("#foreign-text").evaluate("(part) => part.append('https://example.net/' + 'x'.repeat(400))")
    page.locator("#preview").evaluate("(part) => part.remove()")  # an image comes with its file
    page.locator("#found-title").evaluate("(part) => part.append('Codes on your photograph: 3')")
    page.locator("#found-image").evaluate("(part) => part.remove()")  # as the preview
    for words in ("title", "text", "advice", "serial"):
        page.locator(f"#judged-{words}").evaluate("(part) => part.append('Words')")
    page.evaluate(FILL_LIST)
    for width in WIDTHS:
        for scheme in SCHEMES:
            arrange(page, width, scheme)
            assert found(page) == [], (width, scheme)
            assert page.evaluate("document.documentElement.scrollWidth") <= width


@contextmanager
def visiting(
    browser: Browser, furnished: Furnished, stop: Stop, language: str, *, has_script: bool = True
) -> Iterator[Page]:
    """A new browser of whom the stop wants; no request leaves the origin, no page complains."""
    context = browser.new_context(
        base_url=furnished.site, locale=LOCALES[language], java_script_enabled=has_script
    )
    context.set_default_timeout(WAIT_MS)
    try:
        watch = Watch(context, furnished.site)
        enter(context, stop, furnished)
        yield context.new_page()
        watch.check()
    finally:
        context.close()


def arrange(page: Page, width: int, scheme: str) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")


def found(page: Page) -> list[tuple[str, list[Any]]]:
    """Each violation's name and where it is."""
    violations = page.evaluate(EXAMINE, TAGS)
    return [(row["id"], [node["target"] for node in row["nodes"]]) for row in violations]
