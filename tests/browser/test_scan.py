"""The camera page in a real browser, with a film of a label before its camera."""

from collections.abc import Callable
from pathlib import Path

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page, expect

from demo.photograph import SHOTS, Conditions, Pose, Shot, photograph
from demo.shop import BOTTLE
from scanner import decode
from tests.browser.conftest import Filmed, OpenPage
from tests.scanner.drawing import draw_label, on_paper
from tests.wear import rubbed, serial_of

Labels = Callable[[int], NDArray[np.uint8]]

READING_MS = 60_000
FOREIGN = "https://id.example.net/01/09520001000010/21/4T7QMZ9C1R5KD"

DETECTOR = """
window.BarcodeDetector = class {
  static async getSupportedFormats() { return ["qr_code"]; }
  async detect(pixels) {
    const { width, height } = pixels;
    const cornerPoints = [[0.4, 0.4], [0.6, 0.4], [0.6, 0.6], [0.4, 0.6]];
    return [{ rawValue: "TEXT", cornerPoints: cornerPoints.map(([x, y]) => ({ x: x * width, y: y * height })) }];
  }
};
"""
FITTING = """() => {
  const box = (part) => part.getBoundingClientRect();
  const [image, overlay] = ["found-image", "found-overlay"].map((id) => box(document.getElementById(id)));
  const inside = ({ left, right, top, bottom }) =>
    left >= image.left && right <= image.right && top >= image.top && bottom <= image.bottom;
  return Math.abs(image.width - overlay.width) < 1 && Math.abs(image.height - overlay.height) < 1 &&
    [...document.querySelectorAll("#found-overlay polygon")].map(box).every(inside);
}"""


def scan(page: Page) -> None:
    page.get_by_role("button", name="Open the camera").click()


def text_of(label: NDArray[np.uint8]) -> str:
    (symbol,) = decode(label)
    return symbol.text


def test_a_label_before_the_camera_opens_its_page(open_page: OpenPage, film: Filmed, labels: Labels) -> None:
    page = open_page("/scan", film=film(labels(0)))
    scan(page)
    page.wait_for_url("**/01/**", timeout=READING_MS)
    assert page.url.endswith(text_of(labels(0)).removeprefix("HTTPS://ID.EXAMPLE.COM"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Matches the producer's record")


def test_the_browser_s_own_detector_is_used_where_there_is_one(
    open_page: OpenPage, film: Filmed, labels: Labels
) -> None:
    script = DETECTOR.replace("TEXT", text_of(labels(1)))
    page = open_page("/scan", film=film(labels(2)), script=script)
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    scan(page)
    page.wait_for_url("**/01/**", timeout=READING_MS)
    assert page.url.endswith(text_of(labels(1)).removeprefix("HTTPS://ID.EXAMPLE.COM"))
    assert not [url for url in fetched if url.endswith(".wasm")]


def test_a_foreign_code_is_named_and_not_opened(open_page: OpenPage, film: Filmed) -> None:
    page = open_page("/scan", film=film(draw_label(FOREIGN)))
    scan(page)
    said = page.get_by_role("region", name="Not one of our codes")
    expect(said).to_be_visible(timeout=READING_MS)
    expect(said).to_contain_text("id.example.net")
    expect(said).to_contain_text(FOREIGN)
    expect(said.get_by_role("link")).to_have_count(0)
    expect(page.get_by_role("status")).to_contain_text("not one of our codes")
    expect(page.locator("#overlay polygon.foreign")).to_have_count(1)
    assert page.url.endswith("/scan")


def test_closing_the_camera_stops_it(open_page: OpenPage, film: Filmed) -> None:
    page = open_page("/scan", film=film(draw_label(FOREIGN)))
    scan(page)
    expect(page.locator("#overlay polygon")).to_have_count(1, timeout=READING_MS)
    page.get_by_role("button", name="Close the camera").click()
    expect(page.get_by_role("button", name="Open the camera")).to_be_focused()
    expect(page.locator("#video")).to_be_hidden()
    assert page.evaluate("document.getElementById('video').srcObject") is None


def test_a_still_of_the_camera_is_judged_by_the_site(
    open_page: OpenPage, film: Filmed, labels: Labels
) -> None:
    blind = DETECTOR.replace("return [{", "return []; [{")
    page = open_page("/scan", film=film(labels(3)), script=blind)
    scan(page)
    page.get_by_role("button", name="Send one picture to this site").click(timeout=READING_MS)
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Matches the producer's record", timeout=READING_MS
    )


def test_a_denied_camera_is_told_and_leaves_the_other_ways(
    open_page: OpenPage, film: Filmed, labels: Labels
) -> None:
    page = open_page("/scan", film=film(labels(0)), camera_allowed=False)
    scan(page)
    expect(page.get_by_role("alert")).to_contain_text("The camera is not allowed")
    expect(page.get_by_role("button", name="Open the camera")).to_be_visible()
    expect(page.get_by_role("button", name="Check the photograph")).to_be_visible()


def test_a_device_without_camera_is_told_and_leaves_the_other_ways(open_page: OpenPage) -> None:
    page = open_page("/scan")
    scan(page)
    expect(page.get_by_role("alert")).to_contain_text("There is no camera here")
    page.get_by_role("link", name="Type them").click()
    expect(page.get_by_label("Serial")).to_be_visible()


def test_keys_alone_open_the_camera(open_page: OpenPage) -> None:
    page = open_page("/scan")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "open":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()


@pytest.mark.parametrize("has_script", [True, False])
def test_a_photograph_is_sent_with_or_without_script(
    open_page: OpenPage, labels: Labels, tmp_path: Path, has_script: bool
) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(photograph(labels(4), SHOTS["tilted"], seed=4).jpeg)
    page = open_page("/scan", has_script=has_script)
    assert page.get_by_role("button", name="Open the camera").is_visible() is has_script
    page.get_by_label("A photograph of the label").set_input_files(path)
    if has_script:
        expect(page.locator("#preview")).to_be_visible()
    page.get_by_role("button", name="Check the photograph").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Matches the producer's record", timeout=READING_MS
    )


@pytest.mark.parametrize("has_script", [True, False])
def test_a_damaged_label_is_recognised_by_the_numbers_beside_it(
    open_page: OpenPage, labels: Labels, tmp_path: Path, has_script: bool
) -> None:
    label, path = labels(20), tmp_path / "photo.jpg"
    path.write_bytes(photograph(rubbed(label), SHOTS["straight"], seed=23).jpeg)
    page = open_page("/scan", has_script=has_script)
    page.get_by_text("The code is damaged").click()
    page.get_by_label("Product number").fill(BOTTLE)
    page.get_by_label("Serial").fill(serial_of(label))
    page.get_by_label("A photograph of the label").set_input_files(path)
    page.get_by_role("button", name="Check the photograph").click()
    said = page.locator("#found-codes li" if has_script else "main")
    expect(said).to_contain_text("Matches the producer's record", timeout=READING_MS)
    expect(said).to_contain_text("The code is too damaged to be read.")


def test_several_labels_on_a_photograph_are_listed_with_their_verdicts(
    open_page: OpenPage, labels: Labels, tmp_path: Path
) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(photograph(on_paper(labels(5), draw_label(FOREIGN)), SHOTS["straight"], seed=5).jpeg)
    page = open_page("/scan", has_script=False)
    page.get_by_label("A photograph of the label").set_input_files(path)
    page.get_by_role("button", name="Check the photograph").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("2 codes on your photograph")
    headings = page.get_by_role("heading", level=2)
    expect(headings.first).to_have_text("Not one of our codes")
    headings.nth(1).get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Matches the producer's record")


@pytest.mark.parametrize("width", [360, 1280])
def test_every_code_of_a_tray_is_drawn_over_its_photograph(
    open_page: OpenPage, tray: NDArray[np.uint8], tmp_path: Path, width: int
) -> None:
    path = tmp_path / "tray.jpg"
    held = Shot(
        pose=Pose(share=0.84, yaw_degrees=3, pitch_degrees=-3), conditions=Conditions(size=(4000, 3000))
    )
    path.write_bytes(photograph(tray, held, seed=6).jpeg)
    page = open_page("/scan", width=width)
    page.get_by_label("A photograph of the label").set_input_files(path)
    page.get_by_role("button", name="Check the photograph").click()
    expect(page.get_by_role("heading", name="Codes on your photograph: 24")).to_be_visible(timeout=READING_MS)
    expect(page.locator("#found-codes li").filter(has_text="Matches the producer's record")).to_have_count(24)
    expect(page.locator("#found-overlay polygon.good")).to_have_count(24)
    assert page.evaluate(FITTING)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_photograph_without_a_connection_is_told_and_stays_chosen(
    open_page: OpenPage, labels: Labels, tmp_path: Path
) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(photograph(labels(4), SHOTS["straight"], seed=4).jpeg)
    page = open_page("/scan")
    page.get_by_label("A photograph of the label").set_input_files(path)
    page.context.set_offline(True)
    page.get_by_role("button", name="Check the photograph").click()
    expect(page.get_by_role("alert")).to_contain_text("could not be sent")
    page.context.set_offline(False)
    page.get_by_role("button", name="Check the photograph").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Matches the producer's record", timeout=READING_MS
    )


def test_only_the_camera_page_may_use_the_camera(site: str) -> None:
    for path, allowed in (("/scan", "camera=(self)"), ("/", "camera=()")):
        headers = httpx.get(f"{site}{path}").headers
        assert allowed in headers["Permissions-Policy"]
        assert ("wasm-unsafe-eval" in headers["Content-Security-Policy"]) is (path == "/scan")
