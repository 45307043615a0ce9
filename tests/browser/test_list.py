"""A distributor's list in a real browser: ten thousand lines, with progress, and the report of all of them."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from demo.shop import BOTTLE, PRODUCER
from demo.stand import Stand
from tests.browser.conftest import OpenPage

pytestmark = pytest.mark.timeout(900)
"""Real parts at work, on machines that may be busy."""

LINES = 10_000
WORKING_MS = 600_000
FOREIGN = "https://id.example.net/01/09520001000010/21/4T7QMZ9C1R5KD"
ADDRESS = re.compile(r"HTTPS://ID\.EXAMPLE\.COM/[^\s,\"]+")

REMEMBER_PROGRESS = """
window.seen = [];
addEventListener("DOMContentLoaded", () => {
  const progress = document.getElementById("progress");
  new MutationObserver(() => window.seen.push(progress.value)).observe(progress, { attributeFilter: ["value"] });
});
"""


@pytest.fixture(scope="module")
def delivery(shop: Stand, site: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A delivery note of 10,000 lines: an active batch, but one line is another's code and one stands there twice."""
    scopes = [word for scope in ("batches", "labels", "events") for word in ("--scope", scope)]
    token = shop.run("token", "create", PRODUCER, "--name", "delivery", *scopes).split()[-1]
    with httpx.Client(base_url=site, headers={"Authorization": f"Bearer {token}"}, timeout=600) as api:
        order = {"gtin": BOTTLE, "lot": "D26-1", "count": LINES - 2}
        made = (
            api.post("/v1/batches", json=order, headers={"Idempotency-Key": "delivery"})
            .raise_for_status()
            .json()
        )
        where = f"/v1/batches/{made['number']}"
        while api.get(where).raise_for_status().json()["status"] != "issued":
            pass
        api.post(f"{where}/events", json={"action": "activate"}).raise_for_status()
        labels = api.get(f"{where}/labels.csv").raise_for_status().text
    path = tmp_path_factory.mktemp("delivery") / "delivery.csv"
    addresses = ADDRESS.findall(labels)
    rows = [*addresses[:4_000], FOREIGN, *addresses[4_000:], addresses[0]]
    path.write_text(
        "\n".join(["line,url", *(f"{number},{url}" for number, url in enumerate(rows, 1))]), encoding="utf-8"
    )
    return path


def test_ten_thousand_lines_are_checked_with_progress(open_page: OpenPage, delivery: Path) -> None:
    page = open_page("/bulk", script=REMEMBER_PROGRESS)
    page.get_by_label("Or a file").set_input_files(delivery)
    page.get_by_role("button", name="Check the list").click()
    expect(page.locator("#progress")).to_be_visible()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("of 10,000 checked", timeout=WORKING_MS)
    expect(page.get_by_role("status")).to_have_text("All 10,000 checked.", timeout=WORKING_MS)
    seen = page.evaluate("window.seen")
    assert seen == sorted(seen)
    assert len(set(seen)) >= LINES / 250
    expect(page.locator("#lines tbody tr").first).to_contain_text("Not one of our codes")
    expect(page.locator("#tallies [data-kind=repeated]")).to_contain_text("1")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the report (CSV)").click()
    report = list(csv.DictReader(Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()))
    assert len(report) == LINES
    codes = [row["code"] for row in report]
    assert codes[4_000] == "FOREIGN_CODE"
    assert set(codes) == {"FOREIGN_CODE", "FIRST_SCAN"}  # whoever comes twice is nobody else


def test_a_list_is_stopped_and_what_was_checked_is_kept(open_page: OpenPage, delivery: Path) -> None:
    page = open_page("/bulk")
    page.get_by_label("Or a file").set_input_files(delivery)
    page.get_by_role("button", name="Check the list").click()
    expect(page.get_by_role("status")).to_contain_text("of 10,000 checked", timeout=WORKING_MS)
    expect(page.locator("#progress")).not_to_have_js_property("value", 0, timeout=WORKING_MS)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("status")).to_contain_text("Stopped:")
    expect(page.get_by_role("link", name="Download the report (CSV)")).to_be_visible()


def test_a_list_is_checked_without_script(open_page: OpenPage, delivery: Path) -> None:
    page = open_page("/bulk", has_script=False)
    lines = [line.split(",", 1)[1] for line in delivery.read_text(encoding="utf-8").splitlines()[1:6]]
    page.get_by_label("Codes, one a line").fill("\n".join([*lines, FOREIGN]))
    page.get_by_role("button", name="Check the list").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("6 codes checked")
    expect(page.locator("#flagged tbody tr")).to_have_count(1)
