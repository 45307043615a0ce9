"""A producer's whole path in a real browser: from the one-time link to the recall, with and without script."""

from __future__ import annotations

import re
import zipfile
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from demo.furnishing import PASSWORD, flat_picture, invited
from demo.shop import PREFIX, PRODUCER
from demo.stand import Stand
from tagcore.gs1 import check_digit
from tests.browser.conftest import OpenPage
from tests.tagserver.web.console.cast import app_code

pytestmark = pytest.mark.timeout(900)
"""Real parts at work, on machines that may be busy."""

ISSUING_MS = 240_000
MANY = 20_000
"""More than are issued while a form waits, so that the page shows its progress."""

REMEMBER_PROGRESS = """
addEventListener("DOMContentLoaded", () => {
  const done = document.getElementById("done");
  if (!done) return;
  const seen = JSON.parse(sessionStorage.getItem("seen") ?? "[]");
  new MutationObserver(() => {
    seen.push(done.textContent);
    sessionStorage.setItem("seen", JSON.stringify(seen));
  }).observe(done, { childList: true, characterData: true, subtree: true });
});
"""

BEGINS = {"pdf": b"%PDF", "svg": b"PK", "png": b"PK", "zpl": b"^XA", "csv": b""}


def gtin_of(number: int) -> str:
    """A product number under the shop's prefix that no other test uses."""
    digits = f"0{PREFIX}9{number:04d}"
    return digits + check_digit(digits)


def settle_in(page: Page, login: str) -> None:
    """Through the one-time link, as far as the first page of the console."""
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_role("status")).to_contain_text("Your password is set")
    log_in(page, login)


def log_in(page: Page, login: str) -> None:
    page.get_by_label("E-mail address").fill(login)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def downloaded(page: Page, button: str) -> bytes:
    with page.expect_download(timeout=ISSUING_MS) as download:
        page.get_by_role("button", name=button).click()
    return Path(download.value.path()).read_bytes()


@pytest.mark.parametrize("has_script", [True, False])
def test_a_producer_s_path_from_the_link_to_the_recall(
    shop: Stand, open_page: OpenPage, has_script: bool
) -> None:
    login = f"path-{has_script}@example.com".lower()
    link = invited(shop, PRODUCER, login, "Zhao Yan")
    page = open_page(link, has_script=has_script, script=REMEMBER_PROGRESS)
    settle_in(page, login)
    expect(page.get_by_role("heading", level=1)).to_have_text("Jade River")

    gtin, lot = gtin_of(int(has_script)), f"V26-{int(has_script)}"
    register(page, gtin)
    number = issue(page, lot, has_script=has_script)
    address = download_in_every_format(page, number, has_script=has_script)
    activate(page, number)

    path = address.removeprefix("HTTPS://ID.EXAMPLE.COM")
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_have_text("Matches the producer's record")
    expect(page.get_by_role("img", name="Picture of Aged vinegar")).to_be_visible()

    sees_the_scan(page, number, lot)
    recall(page, number, lot)
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_have_text("Do not use: recalled")
    expect(page.get_by_text("The cork may be loose.")).to_be_visible()

    page.goto("/console/trail")
    for deed in ("Registered a product", "Ordered a batch", "Made labels", "Reported: Activate", "Recalled"):
        expect(page.get_by_role("cell", name=deed).first).to_be_visible()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("status")).to_have_text("You are logged out.")
    page.goto(f"/console/batches/{number}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Log in")


def register(page: Page, gtin: str) -> None:
    """A product with its picture."""
    page.get_by_role("link", name="Products", exact=True).click()
    page.get_by_role("link", name="Register a product").click()
    page.get_by_label("Product number (GTIN)").fill(gtin[1:])
    page.get_by_label("Name").fill("Aged vinegar")
    page.get_by_label("Size").fill("250 ml")
    picture: FilePayload = {"name": "pack.png", "mimeType": "image/png", "buffer": flat_picture("maroon")}
    page.get_by_label("Picture of the pack").set_input_files(picture)
    page.get_by_role("button", name="Register it").click()
    expect(page.get_by_role("status")).to_have_text("The product is registered.")
    shown = page.get_by_role("img", name="Picture of Aged vinegar")
    expect(shown).to_be_visible()


def issue(page: Page, lot: str, *, has_script: bool) -> int:
    """A batch that takes a while; its number."""
    page.get_by_role("link", name="Issue a batch").click()
    page.get_by_label("Lot").fill(lot)
    page.get_by_label("Use by").fill("2031-12-31")
    page.get_by_label("How many tags").fill(f"{MANY:,}")
    page.get_by_role("button", name="Issue it").click()
    page.wait_for_url(re.compile(r"/console/batches/\d+\?said=issued"))
    number = int(page.url.split("/batches/")[1].split("?")[0])
    activation = page.get_by_role("button", name=f"Activate all {MANY:,} units")
    expect(activation).to_be_visible(timeout=ISSUING_MS)  # without script the page loads itself anew
    if has_script:
        seen = page.evaluate("JSON.parse(sessionStorage.getItem('seen') ?? '[]')")
        counts = [int(text.replace(",", "")) for text in seen]
        assert counts == sorted(counts)
        assert counts, "the page never said how far the batch is"
    return number


def download_in_every_format(page: Page, number: int, *, has_script: bool) -> str:
    """Look at a specimen, then take three labels in each format; the first one's address."""
    page.get_by_role("link", name="Labels", exact=True).click()
    specimen = page.get_by_role("img", name="A specimen of a label of this batch")
    expect(specimen).to_be_visible()
    assert (
        specimen.evaluate("(image) => image.decode().then(() => image.naturalWidth)") if has_script else True
    )
    if has_script:
        page.get_by_label("Sheet or roll").select_option("a4-3x8")
        expect(specimen).to_have_attribute("src", f"/console/batches/{number}/specimen.svg?stock=a4-3x8")
    found = ""
    for form, begin in BEGINS.items():
        page.get_by_label("Sheet or roll").select_option(
            "thermal-60x40-300" if form == "zpl" else "avery-l7163"
        )
        page.get_by_label("File").select_option(form)
        page.get_by_label("From label").fill("5")
        page.get_by_label("How many").fill("3")
        data = downloaded(page, "Download the labels")
        assert begin in data[:200], form
        if form in {"svg", "png"}:
            assert len(zipfile.ZipFile(BytesIO(data)).namelist()) == 3
        if form == "csv":
            lines = re.findall(r"HTTPS://ID\.EXAMPLE\.COM/[^\s,\"]+", data.decode("utf-8-sig"))
            assert len(lines) == 3
            found = lines[0]
    page.reload()
    expect(page.get_by_text("Labels of this batch were made 5 times before.")).to_be_visible()
    return found


def activate(page: Page, number: int) -> None:
    page.goto(f"/console/batches/{number}")
    page.get_by_role("button", name=f"Activate all {MANY:,} units").click()
    expect(page.locator(".legend")).to_have_text(f"Active {MANY:,}")


def sees_the_scan(page: Page, number: int, lot: str) -> None:
    """On the batch's page, in the list of scans, and in the file."""
    page.goto(f"/console/batches/{number}")
    page.get_by_role("link", name="Scans", exact=True).last.click()
    assert f"batch={number}" in page.url
    row = page.get_by_role("row", name="Matches the producer's record")
    expect(row).to_have_count(1)
    expect(row).to_contain_text(lot)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download them (CSV)").click()
    lines = Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 2
    assert "FIRST_SCAN" in lines[1]


def recall(page: Page, number: int, lot: str) -> None:
    page.goto(f"/console/batches/{number}")
    page.get_by_role("link", name="Recall this lot").click()
    page.get_by_label("Why").fill("The cork may be loose.")
    page.get_by_role("button", name="See what it would do").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"lot {lot}")
    page.get_by_role("button", name="Recall it now").click()
    expect(page.get_by_role("status")).to_contain_text("The recall is in force")
    expect(page.get_by_role("row", name=lot)).to_contain_text("in force")


def test_the_second_step_is_turned_on_and_asked_for(shop: Stand, open_page: OpenPage) -> None:
    login = "second-step@example.com"
    page = open_page(invited(shop, PRODUCER, login, "Sun Li"))
    settle_in(page, login)
    page.get_by_role("link", name="Sun Li").click()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Turn it on").click()
    expect(page.get_by_role("img", name="QR code with the secret for your app")).to_be_visible()
    secret = page.locator(".secret").inner_text().replace("\n", "").replace(" ", "")
    page.get_by_label("Code from your app").fill(app_code(secret, datetime.now(UTC)))
    page.get_by_role("button", name="Turn it on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    recovery = page.locator(".codes li").first.inner_text()
    page.get_by_role("button", name="Log out").click()

    log_in(page, login)
    expect(page.get_by_role("heading", level=1)).to_have_text("Second step")
    page.get_by_label("Code from your app").fill("000000")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("This code does not fit.")).to_be_visible()
    page.get_by_label("Code from your app").fill(recovery)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Jade River")


def test_keys_alone_lead_through_a_form(shop: Stand, open_page: OpenPage) -> None:
    login = "keys@example.com"
    page = open_page(invited(shop, PRODUCER, login, "Wu Fang"))
    settle_in(page, login)
    page.goto("/console/products/new")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("To the content")
    page.keyboard.press("Enter")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "gtin":
            break
    page.keyboard.type("123")
    page.keyboard.press("Tab")
    page.keyboard.type("Aged vinegar")
    page.keyboard.press("Enter")
    expect(page.locator("#gtin")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#gtin-hint")).to_contain_text("8, 12, 13 or 14 digits")
