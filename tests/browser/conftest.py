"""A real browser before the shop's site. Whatever a test does, no page may leave the origin or complain."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from demo.photograph import Conditions, Pose, Shot, photograph
from demo.snapshot import rasterise_label
from demo.stand import Stand
from tests.browser.watching import Watch
from tests.parts import require_part
from tests.scanner.drawing import on_paper
from tests.shop import CAMERA, TRAY

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"

PATIENCE_MS = 60_000
"""What a page may take on a machine that is busy with other tests; no test asserts how long it takes."""

expect.set_options(timeout=PATIENCE_MS)

FRAMES = 3
SIZE = (1280, 720)


class OpenPage(Protocol):
    """Opens `path`, or the whole address of a page of another stand.

    `film` is what the camera sees, `camera_allowed` whether the visitor lets pages use it; `script` runs before
    each page, which itself has none without `has_script`; `width` is the window's.
    """

    def __call__(
        self,
        path: str,
        *,
        film: Path | None = None,
        camera_allowed: bool = True,
        script: str = "",
        has_script: bool = True,
        locale: str = "en-GB",
        width: int = 1280,
    ) -> Page: ...


class Filmed(Protocol):
    """Films a drawn label, held as `shots` say, one after the other; without any, as people hold it."""

    def __call__(self, label: NDArray[np.uint8], *shots: Shot) -> Path: ...


@pytest.fixture(scope="session")
def chromium() -> str:
    """The machine's own Chromium."""
    found = _chromium()
    require_part(found is not None, "Chromium", "apt-get install chromium")
    assert found is not None
    return found


def _chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def playwright(chromium: str) -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    """Without any camera."""
    with playwright.chromium.launch(executable_path=chromium) as launched:
        yield launched


@pytest.fixture
def open_page(browser: Browser, site: str) -> Iterator[OpenPage]:
    """Opens pages, each as somebody new, and asks in the end whether they kept the rules."""
    with ExitStack() as closing:
        watches: list[Watch] = []

        def open_(
            path: str,
            *,
            film: Path | None = None,
            camera_allowed: bool = True,
            script: str = "",
            has_script: bool = True,
            locale: str = "en-GB",
            width: int = 1280,
        ) -> Page:
            used = closing.enter_context(_with_camera(browser, film)) if film else browser
            context = closing.enter_context(
                used.new_context(
                    base_url=site,
                    java_script_enabled=has_script,
                    locale=locale,
                    viewport={"width": width, "height": 800},
                )
            )
            context.set_default_timeout(PATIENCE_MS)
            context.grant_permissions(["camera"] if camera_allowed else [])
            context.add_init_script(script or "0")
            watches.append(Watch(context, site if path.startswith("/") else path.rpartition("/")[0]))
            page = context.new_page()
            page.goto(path)
            return page

        yield open_
        for watch in watches:
            watch.check()


def _with_camera(browser: Browser, film: Path) -> Browser:
    """A browser of its own: what the camera sees is settled when it starts."""
    flags = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}"]
    return browser.browser_type.launch(executable_path=_chromium(), args=flags)


@pytest.fixture
def film(tmp_path: Path) -> Filmed:
    """Films a drawn label held before the camera (Motion JPEG: one picture after the other)."""

    def filmed(label: NDArray[np.uint8], *shots: Shot) -> Path:
        path = tmp_path / "label.mjpeg"
        held = Shot(
            pose=Pose(share=_share(label), yaw_degrees=9, roll_degrees=-7), conditions=Conditions(size=SIZE)
        )
        taken = shots or (held,) * FRAMES
        path.write_bytes(b"".join(photograph(label, shot, seed=seed).jpeg for seed, shot in enumerate(taken)))
        return path

    return filmed


def _share(label: NDArray[np.uint8]) -> float:
    """As near as people hold it: all of it is in the picture."""
    height, width = label.shape
    return 0.7 * min(1.0, float(SIZE[1] / height * width / SIZE[0]))


@pytest.fixture(scope="session")
def labels(shop: Stand) -> Callable[[int], NDArray[np.uint8]]:
    """Labels that are held before the camera one by one, as they are printed."""
    return lambda number: rasterise_label(shop.labels, CAMERA[number])


@pytest.fixture(scope="session")
def tray(shop: Stand) -> NDArray[np.uint8]:
    """A box of 24 bottles, all of whose labels are seen at once."""
    drawn = [rasterise_label(shop.labels, number) for number in TRAY]
    return np.vstack([on_paper(*drawn[first : first + 4]) for first in range(0, len(drawn), 4)])


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core."""
    require_part(AXE.is_file(), "axe-core", "make setup")
    return AXE.read_text(encoding="utf-8")
