"""Without a connection: the page opens, judges by itself and says so, keeps scans and sends them once."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page, expect

from demo.shop import BOTTLE, LOT
from demo.snapshot import rasterise_label
from demo.stand import Stand, served
from tests.browser.conftest import Filmed, OpenPage
from tests.browser.test_scan import READING_MS, scan, text_of

Labels = Callable[[int], NDArray[np.uint8]]

SIGNATURE_ONLY = "Signature only, history not checked"
NO_OWN_ED25519 = """
const real = globalThis.SubtleCrypto?.prototype.importKey; // the empty page before the first has none
if (real) SubtleCrypto.prototype.importKey = function (format, key, algorithm, ...rest) {
  if ((algorithm.name ?? algorithm) === "Ed25519") return Promise.reject(new DOMException("", "NotSupportedError"));
  return real.call(this, format, key, algorithm, ...rest);
};
"""
OTHER_ROOT = """
if (location.protocol === "http:" && localStorage.getItem("otherRoot")) {
  new MutationObserver(() => {
    const section = document.getElementById("scan");
    if (section) section.dataset.rootKey = "0".repeat(64);
  }).observe(document, { childList: true, subtree: true });
}
"""


def prepared(page: Page) -> None:
    """The device has taken along what it needs."""
    page.locator("#offline summary").click()
    expect(page.locator("#offline-ready")).to_be_visible(timeout=READING_MS)


def path_of(label: NDArray[np.uint8]) -> str:
    return text_of(label).removeprefix("HTTPS://ID.EXAMPLE.COM")


def scans(site: str, label: NDArray[np.uint8]) -> int:
    serial = path_of(label).split("/21/")[1].partition("?")[0]
    total: int = httpx.get(f"{site}/v1/units/{BOTTLE}/{serial}/history").json()["totals"]["scans"]
    return total


@pytest.mark.parametrize("width", [360, 1280])
def test_a_scan_without_a_connection_is_judged_here_kept_and_sent_once_later(
    open_page: OpenPage, film: Filmed, labels: Labels, site: str, width: int
) -> None:
    label = labels(14 if width == 360 else 15)
    page = open_page("/scan", film=film(label), width=width)
    prepared(page)
    page.context.set_offline(True)
    page.reload()
    scan(page)
    judged = page.get_by_role("region", name=SIGNATURE_ONLY)
    expect(judged).to_be_visible(timeout=READING_MS)
    expect(judged).to_contain_text("a copied label would pass")
    expect(judged).to_contain_text("Jade River")
    expect(page.locator("#waiting")).to_contain_text("Waiting for a connection: 1")
    page.reload()
    expect(page.locator("#scans li")).to_contain_text(SIGNATURE_ONLY)
    expect(page.locator("#scans .pending")).to_be_visible()
    assert scans(site, label) == 0
    answers: list[str] = []

    def lose_the_first(route: object) -> None:
        """The server gets it and answers; the answer is lost on the way back."""
        answers.append("lost" if not answers else "arrived")
        if len(answers) == 1:
            route.fetch()  # type: ignore[attr-defined]
            route.abort()  # type: ignore[attr-defined]
        else:
            route.continue_()  # type: ignore[attr-defined]

    page.context.route("**/scan/check", lose_the_first)
    page.context.set_offline(False)
    expect(page.locator("#scans li")).to_contain_text("Matches the producer's record", timeout=READING_MS)
    expect(page.locator("#scans .pending")).to_be_hidden()
    assert answers == ["lost", "arrived"]
    assert scans(site, label) == 1


def test_a_verdict_page_is_never_kept_the_camera_page_stands_in_for_it(
    open_page: OpenPage, labels: Labels
) -> None:
    page = open_page("/scan")
    prepared(page)
    page.goto(path_of(labels(16)))
    expect(page.get_by_role("heading", level=1)).to_have_text("Matches the producer's record")
    page.context.set_offline(True)
    page.goto(path_of(labels(16)))
    expect(page.get_by_role("region", name=SIGNATURE_ONLY)).to_be_visible(timeout=READING_MS)
    expect(page.get_by_text("Matches the producer's record")).to_have_count(0)
    spoilt = path_of(labels(16))
    page.goto(spoilt[:-1] + ("1" if spoilt[-1] != "1" else "2"))
    expect(page.get_by_role("region", name="Do not use")).to_be_visible(timeout=READING_MS)


def test_without_the_browser_s_own_ed25519_another_one_verifies(open_page: OpenPage, labels: Labels) -> None:
    page = open_page("/scan", script=NO_OWN_ED25519)
    prepared(page)
    page.context.set_offline(True)
    page.goto(path_of(labels(17)))
    expect(page.get_by_role("region", name=SIGNATURE_ONLY)).to_be_visible(timeout=READING_MS)


def test_a_bundle_that_was_altered_on_its_way_is_not_taken(open_page: OpenPage, labels: Labels) -> None:
    page = open_page("/nowhere")

    def alter(route: object) -> None:
        answer = route.fetch()  # type: ignore[attr-defined]
        route.fulfill(response=answer, body=answer.text().replace("Jade River", "Jade Raven"))  # type: ignore[attr-defined]

    page.context.route("**/.well-known/tag-trust.json", alter)
    page.goto("/scan")
    page.locator("#offline summary").click()
    expect(page.locator("#recalls-at")).not_to_have_text("–", timeout=READING_MS)
    expect(page.locator("#keys-at")).to_have_text("–")
    expect(page.locator("#offline-not")).to_be_visible()


def test_another_root_key_is_told_and_not_taken_by_itself(open_page: OpenPage) -> None:
    page = open_page("/scan", script=OTHER_ROOT)
    prepared(page)
    pinned = page.locator("#root-key").inner_text()
    page.evaluate("localStorage.setItem('otherRoot', 'yes')")
    page.reload()
    page.locator("#offline summary").click()
    expect(page.get_by_role("alert").filter(has_text="another root key")).to_be_visible(timeout=READING_MS)
    expect(page.locator("#root-key")).to_have_text(pinned)
    page.get_by_role("button", name="Take the new root key").click()
    expect(page.locator("#root-changed")).to_be_hidden(timeout=READING_MS)
    expect(page.locator("#root-key")).not_to_have_text(pinned)
    expect(page.locator("#keys-at")).to_have_text("–")


def test_a_recall_that_the_device_knows_is_told_when_the_server_is_gone(
    open_page: OpenPage, own_stand: Stand
) -> None:
    label = rasterise_label(own_stand.labels, 0)
    with served(own_stand) as address:
        own_stand.run("recall", "order", BOTTLE, "--lot", LOT, "--reason", "The cap may leak.")
        page = open_page(f"{address}/scan")
        prepared(page)
    page.goto(f"{address}{path_of(label)}")
    said = page.get_by_role("region", name="Do not use: recalled")
    expect(said).to_be_visible(timeout=READING_MS)
    expect(said).to_contain_text("The cap may leak.")
