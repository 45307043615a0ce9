"""Photographs the main pages in Chromium: `make screenshots [ONLY=name]`.

Phone and desk, light and dark, into build/screenshots/; the two that the README shows go to docs/images/.
"""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import httpx
import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from demo.photograph import SHOTS, Conditions, Picture, Pose, Shot, photograph
from demo.shop import BOTTLE, LOT, PRODUCER
from demo.snapshot import rasterise_label
from demo.stand import Stand, served, set_up
from scanner import decode

PROJECT = Path(__file__).resolve().parents[1]
OUT = PROJECT / "build" / "screenshots"
README_IMAGES = PROJECT / "docs" / "images"

WIDTHS = {"phone": (360, 740), "desk": (1280, 800)}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SHOWN_IN_README = {("verdict", "desk", "light"): "verdict.png", ("camera", "phone", "light"): "phone.png"}
COLOURS = 256
"""Of a README's image: pages are flat, so a palette saves most of the bytes."""

FLAGS = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A page to photograph, and what to do on it before."""

    name: str
    path: str
    opens_camera: bool = False
    photo: Path | None = None


def main() -> int:
    """Exit status 1 without Chromium."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("screenshots: Chromium is missing; to get it: apt-get install chromium", file=sys.stderr)
        return 1
    only = set(sys.argv[1:])
    OUT.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        stand = set_up(Path(folder))
        film = _film(stand)
        flags = [*FLAGS, f"--use-file-for-fake-video-capture={film}"]
        with (
            served(stand) as site,
            playwright.chromium.launch(executable_path=chromium, args=flags) as browser,
        ):
            _add_picture(stand, site)
            for view in (view for view in _views(stand) if not only or view.name in only):
                _take(browser, site, view)
                print(f"screenshots: {view.name}", flush=True)
    return 0


def _views(stand: Stand) -> Iterator[View]:
    """What there is to see; the recall comes last, for it changes every verdict after it."""
    yield View(name="start", path="/")
    yield View(name="scan", path="/scan")
    yield View(name="camera", path="/scan", opens_camera=True)
    yield View(name="verdict", path=_path(stand, 0))
    yield View(name="typed", path=f"/check?gtin={BOTTLE}&serial=NEVER")
    yield View(name="photo", path="/scan", photo=_several(stand))
    yield View(name="batch", path="/batches/1")
    yield View(name="docs", path="/docs")
    stand.run("recall", "order", BOTTLE, "--lot", LOT, "--reason", "The cap may leak.")
    yield View(name="recalled", path=_path(stand, 0))


def _take(browser: Browser, site: str, view: View) -> None:
    for device, (width, height) in WIDTHS.items():
        for scheme in SCHEMES:
            with _page(browser, site, device, width, height, scheme) as page:
                _prepare(page, view)
                shot = page.screenshot(full_page=not view.opens_camera, animations="disabled")
            (OUT / f"{view.name}-{device}-{scheme}.png").write_bytes(shot)
            name = SHOWN_IN_README.get((view.name, device, scheme))
            if name is not None:
                _store_small(shot, README_IMAGES / name)


@contextmanager
def _page(
    browser: Browser, site: str, device: str, width: int, height: int, scheme: Literal["light", "dark"]
) -> Iterator[Page]:
    context = browser.new_context(
        base_url=site,
        viewport={"width": width, "height": height},
        device_scale_factor=2 if device == "phone" else 1,
        color_scheme=scheme,
        reduced_motion="reduce",
        locale="en-GB",
        permissions=["camera"],
    )
    try:
        yield context.new_page()
    finally:
        context.close()


def _prepare(page: Page, view: View) -> None:
    page.goto(view.path)
    if view.opens_camera:
        page.route("**/01/**", lambda route: route.fulfill(status=204))  # found, yet it stays
        page.locator("#open").click()
        page.locator("#overlay polygon").wait_for(timeout=60_000)
        page.evaluate("scrollTo(0, 0)")
    if view.photo is not None:
        page.locator("#image").set_input_files(view.photo)
        page.locator("#photo-form button").click()
        page.locator(".codes").wait_for(timeout=60_000)


def _path(stand: Stand, number: int) -> str:
    (symbol,) = decode(rasterise_label(stand.labels, number))
    return symbol.text.removeprefix("HTTPS://ID.EXAMPLE.COM")


def _film(stand: Stand) -> Path:
    """A label held before the camera."""
    path = stand.home / "film.mjpeg"
    conditions = Conditions(size=(1920, 1080), light_fall=0.3, defocus_pixels=0.5)
    shot = Shot(
        pose=Pose(share=0.3, yaw_degrees=10, pitch_degrees=-8, roll_degrees=-6), conditions=conditions
    )
    path.write_bytes(photograph(rasterise_label(stand.labels, 1), shot, seed=1).jpeg * 2)
    return path


def _several(stand: Stand) -> Path:
    path = stand.home / "several.jpg"
    path.write_bytes(photograph(_stacked(stand, 3, 4, 5), SHOTS["straight"], seed=2).jpeg)
    return path


def _stacked(stand: Stand, *numbers: int) -> Picture:
    """Labels one under the other, as on the sheet."""
    drawn = [rasterise_label(stand.labels, number) for number in numbers]
    gap = np.full((40, drawn[0].shape[1]), 255, np.uint8)
    return np.vstack([part for label in drawn for part in (gap, label)][1:])


def _add_picture(stand: Stand, site: str) -> None:
    """The product's picture: a bottle with its label on it."""
    token = stand.run("token", "create", PRODUCER, "--name", "picture", "--scope", "products").split()[-1]
    shot = SHOTS["bottle"]
    conditions = replace(shot.conditions, size=(900, 1200))
    taken = photograph(rasterise_label(stand.labels, 9), replace(shot, conditions=conditions), seed=9)
    answer = httpx.put(
        f"{site}/v1/products/{BOTTLE}/picture",
        content=taken.jpeg,
        headers={"Authorization": f"Bearer {token}", "Content-Type": "image/jpeg"},
    )
    answer.raise_for_status()


def _store_small(shot: bytes, path: Path) -> None:
    """With a palette: half the bytes, and no difference to be seen."""
    with Image.open(BytesIO(shot)) as image:
        image.convert("RGB").quantize(COLOURS).save(path, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
