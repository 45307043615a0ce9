"""Pages in Chinese in a real browser: as the browser asks for it, and by the switch."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import expect

from scanner import decode
from tests.browser.conftest import Filmed, OpenPage

pytestmark = pytest.mark.timeout(900)
"""Real parts at work, on machines that may be busy."""

Labels = Callable[[int], NDArray[np.uint8]]

READING_MS = 30_000


def path_of(label: NDArray[np.uint8]) -> str:
    (symbol,) = decode(label)
    return symbol.text.removeprefix("HTTPS://ID.EXAMPLE.COM")


@pytest.mark.parametrize("has_script", [True, False])
def test_a_reader_of_chinese_checks_and_reports_a_pack(
    open_page: OpenPage, labels: Labels, has_script: bool
) -> None:
    page = open_page(path_of(labels(7)), locale="zh-CN", has_script=has_script)
    expect(page.get_by_role("heading", level=1)).to_have_text("与生产商记录一致")
    expect(page.get_by_role("heading", name="现在该怎么做")).to_be_visible()
    page.get_by_role("link", name="反映问题").click()
    page.get_by_role("radio").first.check()
    page.locator("form[action='/report'] button").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("谢谢")
    assert page.url.endswith("/report/sent")


def test_the_switch_changes_this_page_and_the_next(open_page: OpenPage, labels: Labels) -> None:
    page = open_page(path_of(labels(7)), locale="en-GB")
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("与生产商记录一致")
    assert page.url.endswith(path_of(labels(7)))
    page.goto("/bulk")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check a list")


def test_the_camera_page_speaks_chinese(open_page: OpenPage, film: Filmed, labels: Labels) -> None:
    page = open_page("/scan", film=film(labels(8)), locale="zh-CN")
    expect(page.get_by_role("heading", level=1)).to_have_text("扫描标签")
    page.locator("#open").click()
    page.wait_for_url("**/01/**", timeout=READING_MS)
    expect(page.get_by_role("heading", level=1)).to_have_text("与生产商记录一致")


def test_a_list_is_checked_in_chinese(open_page: OpenPage, labels: Labels) -> None:
    page = open_page("/bulk", locale="zh-CN")
    page.locator("#list").fill(f"HTTPS://ID.EXAMPLE.COM{path_of(labels(7))}\nhttps://id.example.net/x")
    page.locator("#form button").click()
    expect(page.get_by_role("status")).to_contain_text("2", timeout=READING_MS)
    expect(page.locator("#report")).to_be_visible(timeout=READING_MS)
    expect(page.locator("#lines tbody tr").first).to_contain_text("不是本系统的防伪码")
