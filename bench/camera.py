"""The camera page in a browser slowed down to a mid-range telephone: how many frames a second it reads.

The real page of the real server, in the machine's own Chromium; its fake camera films a label that is turned and far
enough away to need several looks, in full HD. The renderer's page and its worker are slowed down by CPU throttling
(DevTools' "mid-tier mobile": four times). Peer in the same run: the same page without throttling.
"""

import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from bench.figure import Figure
from demo.photograph import SHOTS, photograph
from demo.snapshot import rasterise_label
from demo.stand import Stand, served, set_up

MID_RANGE = 4
"""Times slower: the preset of Chromium's DevTools."""

SIZE = (1920, 1080)
WARM_UP_MS = 4_000
START_SECONDS = 120
MEASURE_SECONDS = 10.0
FRAMES = "Number(document.getElementById('video').dataset.frames ?? 0)"


def figures() -> Iterator[Figure]:
    """Frames a second, slowed down and not."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise RuntimeError("needs Chromium; to get it: apt-get install chromium")
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        stand = set_up(Path(folder))
        flags = [
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            f"--use-file-for-fake-video-capture={_film(stand)}",
        ]
        with (
            served(stand) as site,
            playwright.chromium.launch(executable_path=chromium, args=flags) as browser,
        ):
            free = _rate(browser, site, slower=1)
            slowed = _rate(browser, site, slower=MID_RANGE)
    yield Figure(
        figure="camera_page_fps",
        value=slowed,
        unit="frames/s",
        against=f"full HD, processor {MID_RANGE} times slower; as it is {free:.1f} frames/s",
    )


def _rate(browser: Browser, site: str, *, slower: int) -> float:
    context = browser.new_context(
        base_url=site, viewport={"width": 360, "height": 740}, permissions=["camera"]
    )
    try:
        page = context.new_page()
        page.goto("/scan")
        page.locator("#mode-many").check()
        page.locator("#open").click()
        _wait_for_frames(page)
        _slow_down(context.new_cdp_session(page), slower)
        page.wait_for_timeout(WARM_UP_MS)
        return _frames_a_second(page)
    finally:
        context.close()


def _wait_for_frames(page: Page) -> None:
    """Asked from outside: the page's policy lets nothing be evaluated in it."""
    until = time.monotonic() + START_SECONDS
    while not page.evaluate(FRAMES):
        if time.monotonic() > until:
            raise RuntimeError("the camera page reads no frames")
        page.wait_for_timeout(200)


def _frames_a_second(page: Page) -> float:
    """By the page's own count and this process's clock."""
    started, before = time.perf_counter(), page.evaluate(FRAMES)
    page.wait_for_timeout(MEASURE_SECONDS * 1000)
    after, ended = page.evaluate(FRAMES), time.perf_counter()
    return float(after - before) / (ended - started)


def _slow_down(session: CDPSession, slower: int) -> None:
    session.send("Emulation.setCPUThrottlingRate", {"rate": slower})


def _film(stand: Stand) -> Path:
    path = stand.home / "film.mjpeg"
    shot = SHOTS["tilted"]
    filmed = replace(shot, conditions=replace(shot.conditions, size=SIZE))
    label = rasterise_label(stand.labels, 1)
    path.write_bytes(b"".join(photograph(label, filmed, seed=seed).jpeg for seed in range(3)))
    return path
