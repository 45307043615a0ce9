"""Many labels as a list: gathered once each, with the record's verdicts, kept, and handed out as CSV."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page, expect

from demo.shop import BOTTLE
from tests.browser.conftest import Filmed, OpenPage
from tests.browser.test_scan import FOREIGN, READING_MS, scan, text_of
from tests.scanner.drawing import draw_label, on_paper

Labels = Callable[[int], NDArray[np.uint8]]

CONTROLS = """
const real = MediaStreamTrack.prototype.getCapabilities;
window.told = [];
if (!globalThis.MediaDevices) globalThis.MediaDevices = class {};  // the empty page before the first has none
MediaStreamTrack.prototype.getCapabilities = function () {
  return { ...real.call(this), torch: true, zoom: { min: 1, max: 5, step: 0.1 }, focusMode: ["continuous", "manual"] };
};
const devices = MediaDevices.prototype.enumerateDevices;
MediaDevices.prototype.enumerateDevices = async function () {
  const other = { kind: "videoinput", deviceId: "other", label: "Another camera" };
  return [...await devices.call(this), other];
};
MediaStreamTrack.prototype.applyConstraints = async function (wish) { window.told.push(wish.advanced[0]); };
"""
FELT = "window.felt = []; navigator.vibrate = (pulses) => window.felt.push(pulses);"


def many(page: Page) -> None:
    page.get_by_label("Many, as a list").check()
    scan(page)


def rows(page: Page) -> list[str]:
    return page.locator("#scans li").all_inner_texts()


@pytest.mark.parametrize("width", [360, 1280])
def test_labels_are_gathered_once_each_with_the_record_s_verdicts(
    open_page: OpenPage, film: Filmed, labels: Labels, width: int
) -> None:
    paper = on_paper(labels(8), labels(9), draw_label(FOREIGN))
    page = open_page("/scan", film=film(paper), width=width)
    many(page)
    listed = page.locator("#scans li")
    expect(listed).to_have_count(3, timeout=READING_MS)
    expect(listed.filter(has_text="Matches the producer's record")).to_have_count(2, timeout=READING_MS)
    expect(listed.filter(has_text="Not one of our codes")).to_contain_text("id.example.net")
    expect(page.locator("#scans .pending:visible")).to_have_count(0)
    expect(page.locator("#tallies")).to_contain_text("2 match the record")
    page.reload()
    expect(listed).to_have_count(3)
    expect(listed.filter(has_text="Matches the producer's record")).to_have_count(2)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the list (CSV)").click()
    with Path(download.value.path()).open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    assert {row["input"] for row in table} == {text_of(labels(8)), text_of(labels(9)), FOREIGN}
    assert sorted(row["level"] for row in table) == ["match", "match", "not_ours"]
    assert all(row["scanned_at"] and row["checked_at"] for row in table)
    page.get_by_role("button", name="Empty the list").click()
    page.get_by_role("button", name="Keep the list").click()
    expect(listed).to_have_count(3)
    page.get_by_role("button", name="Empty the list").click()
    page.get_by_role("button", name="Remove all").click()
    expect(listed).to_have_count(0)
    page.reload()
    expect(page.get_by_text("are gathered here")).to_be_visible()
    expect(listed).to_have_count(0)


def test_one_code_twice_in_one_picture_is_an_alarm(open_page: OpenPage, film: Filmed, labels: Labels) -> None:
    page = open_page("/scan", film=film(on_paper(labels(10), labels(10))), script=FELT)
    page.get_by_label("Vibration", exact=True).check()
    many(page)
    expect(page.locator("#scans li")).to_contain_text("no two packs have the same code", timeout=READING_MS)
    expect(page.locator("#overlay polygon.bad")).to_have_count(2)
    assert [250, 80, 250] in page.evaluate("felt")


def test_sound_and_vibration_are_off_until_asked_for_and_then_remembered(
    open_page: OpenPage, film: Filmed, labels: Labels
) -> None:
    page = open_page("/scan", film=film(labels(11)), script=FELT)
    expect(page.get_by_label("Sound", exact=True)).not_to_be_checked()
    many(page)
    expect(page.locator("#scans li")).to_have_count(1, timeout=READING_MS)
    assert page.evaluate("felt") == []
    page.get_by_label("Sound", exact=True).check()
    assert page.evaluate("felt") == []
    page.get_by_label("Vibration", exact=True).check()
    assert page.evaluate("felt") == [[60]]
    page.reload()
    expect(page.get_by_label("Vibration", exact=True)).to_be_checked()
    expect(page.get_by_label("Sound", exact=True)).to_be_checked()
    expect(page.get_by_label("Many, as a list")).to_be_checked()


def test_light_zoom_and_cameras_are_offered_where_there_are_any(
    open_page: OpenPage, film: Filmed, labels: Labels
) -> None:
    page = open_page("/scan", film=film(labels(11)), script=CONTROLS, width=360)
    many(page)
    light = page.get_by_role("button", name="Light")
    light.click(timeout=READING_MS)
    expect(light).to_have_attribute("aria-pressed", "true")
    page.get_by_label("Zoom", exact=True).fill("2.5")
    told = page.evaluate("told")
    assert {"focusMode": "continuous"} in told
    assert {"torch": True} in told
    assert {"zoom": 2.5} in told
    choice = page.locator("#camera")
    expect(choice.locator("option")).to_have_count(2)
    chosen = choice.locator("option").nth(1).get_attribute("value")
    choice.select_option(index=1)
    assert page.evaluate("localStorage.getItem('scan.camera')") == chosen
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_without_such_a_camera_neither_is_offered(open_page: OpenPage, film: Filmed, labels: Labels) -> None:
    page = open_page("/scan", film=film(labels(11)))
    many(page)
    expect(page.locator("#scans li")).to_have_count(1, timeout=READING_MS)
    for name in ("#torch", "#zoom-label", "#camera-label"):
        expect(page.locator(name)).to_be_hidden()


def test_the_page_speaks_chinese_in_the_list_too(open_page: OpenPage, film: Filmed, labels: Labels) -> None:
    page = open_page("/scan", film=film(labels(12)), locale="zh-CN", width=360)
    page.get_by_label("多个，列成清单").check()
    page.locator("#open").click()
    expect(page.locator("#scans li")).to_contain_text("与生产商记录一致", timeout=READING_MS)


def test_a_list_is_what_one_viewer_saw(open_page: OpenPage, film: Filmed, labels: Labels, site: str) -> None:
    page = open_page("/scan", film=film(labels(13)))
    many(page)
    expect(page.locator("#scans li")).to_contain_text("Matches", timeout=READING_MS)
    serial = text_of(labels(13)).split("/21/")[1].partition("?")[0]
    history = httpx.get(f"{site}/v1/units/{BOTTLE}/{serial}/history").json()
    assert history["totals"]["scans"] == 1
