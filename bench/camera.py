"""The camera page in a browser slowed down to a mid-range telephone: how many frames a second it reads.

The real page of the real server, in the machine's own Chromium; its fake camera films a label that is turned and far
enough away to need several looks, in full HD. The page is slowed down by CPU throttling (DevTools' "mid-tier mobile":
four times), which slows its worker, where frames are decoded, by 1.4 times only. So beside it stands what is left when
the whole renderer is stopped three quarters of the time, and the same page as it is.
"""

import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread

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
            free = _rate(browser, site)
            slowed = _rate(browser, site, slower=MID_RANGE)
            stopped = _rate(browser, site, stopped=True)
    yield Figure(
        figure="camera_page_fps",
        value=slowed,
        unit="frames/s",
        against=f"full HD, throttled {MID_RANGE} times; renderer stopped for three quarters of the time "
        f"{stopped:.1f} frames/s; as it is {free:.1f} frames/s",
    )


def _rate(browser: Browser, site: str, *, slower: int = 1, stopped: bool = False) -> float:
    before = _renderers()
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
        with _stopping(_renderers() - before if stopped else set()):
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


def _renderers() -> set[int]:
    """Chromium's processes that run pages: on Linux, by their command lines."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if b"--type=renderer" in path.read_bytes():
                found.add(int(path.parent.name))
    return found


@contextmanager
def _stopping(processes: set[int]) -> Iterator[None]:
    """Until the block ends they run for a quarter of the time, ten milliseconds at once."""
    over = Event()

    def alternate() -> None:
        while not over.wait(0.01):
            _signal(processes, signal.SIGSTOP)
            time.sleep(0.01 * (MID_RANGE - 1))
            _signal(processes, signal.SIGCONT)

    thread = Thread(target=alternate)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _signal(processes: set[int], number: signal.Signals) -> None:
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, number)


def _film(stand: Stand) -> Path:
    path = stand.home / "film.mjpeg"
    shot = SHOTS["tilted"]
    filmed = replace(shot, conditions=replace(shot.conditions, size=SIZE))
    label = rasterise_label(stand.labels, 1)
    path.write_bytes(b"".join(photograph(label, filmed, seed=seed).jpeg for seed in range(3)))
    return path
