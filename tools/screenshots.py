"""Photographs all pages in Chromium: `make screenshots [ONLY=name]`, a name or its beginning.

Phone and desk, light and dark, in English, and the main ones in Chinese, into build/screenshots/; those that the
README shows go to docs/images/. It judges nothing: somebody has to look.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from demo.furnishing import COUNTRY_HEADER, Furnished, furnish
from demo.photograph import Conditions, Pose, Shot, photograph
from demo.snapshot import rasterise_label
from demo.stand import Stand, served, set_up
from demo.tour import WAIT_MS, Stop, enter, stops

PROJECT = Path(__file__).resolve().parents[1]
OUT = PROJECT / "build" / "screenshots"
README_IMAGES = PROJECT / "docs" / "images"

WIDTHS = {"desk": (1280, 800), "phone": (360, 740)}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
IN_CHINESE = {
    "start", "verdict", "verdict-caution", "verdict-stop", "scan", "list", "list-result", "report",
    "console-log-in", "console-overview", "console-product", "console-batch-runs", "console-labels", "console-scans",
    "console-trail", "console-account",
}  # fmt: skip
LOCALES = {"en": "en-GB", "zh": "zh-CN"}
SHOWN_IN_README = {
    ("verdict", "desk", "light", "en"): "verdict.png",
    ("camera", "phone", "light", "en"): "phone.png",
    ("console-batch-runs", "desk", "light", "en"): "console.png",
}
COLOURS = 256
"""Of a README's image: pages are flat, so a palette saves most of the bytes."""

CAMERA = "camera"
FLAGS = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


def main() -> int:
    """Exit status 1 without Chromium or without Chinese characters."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("screenshots: Chromium is missing; to get it: apt-get install chromium", file=sys.stderr)
        return 1
    if not _has_chinese_font():
        print("screenshots: a font with Chinese is missing; apt-get install fonts-noto-cjk", file=sys.stderr)
        return 1
    OUT.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        stand = set_up(Path(folder), settings={"ORIGINTAG_COUNTRY_HEADER": COUNTRY_HEADER})
        flags = [*FLAGS, f"--use-file-for-fake-video-capture={_film(stand)}"]
        with (
            served(stand) as site,
            playwright.chromium.launch(executable_path=chromium, args=flags) as browser,
        ):
            furnished = furnish(stand, site)
            wanted = [stop for stop in _all(furnished) if stop.name.startswith(tuple(sys.argv[1:]) or "")]
            for stop in wanted:
                _take(browser, stop, furnished)
                print(f"screenshots: {stop.name}", flush=True)
    return 0


def _has_chinese_font() -> bool:
    listing = shutil.which("fc-list")
    return listing is None or bool(
        subprocess.run([listing, ":lang=zh"], capture_output=True, check=False).stdout
    )


def _all(furnished: Furnished) -> Iterator[Stop]:
    yield Stop(name=CAMERA, path="/scan", act=_open_camera)
    yield from stops(furnished)


def _take(browser: Browser, stop: Stop, furnished: Furnished) -> None:
    for language in ("en", "zh") if stop.name in IN_CHINESE else ("en",):
        for device in WIDTHS:
            for scheme in SCHEMES:
                with _page(browser, stop, furnished, device, scheme, language) as page:
                    stop.go(page)
                    shot = page.screenshot(full_page=stop.name != CAMERA, animations="disabled")
                _store(shot, stop.name, device, scheme, language)


def _store(shot: bytes, name: str, device: str, scheme: str, language: str) -> None:
    suffix = "" if language == "en" else f"-{language}"
    (OUT / f"{name}-{device}-{scheme}{suffix}.png").write_bytes(shot)
    image = SHOWN_IN_README.get((name, device, scheme, language))
    if image is not None:
        _store_small(shot, README_IMAGES / image)


@contextmanager
def _page(
    browser: Browser,
    stop: Stop,
    furnished: Furnished,
    device: str,
    scheme: Literal["light", "dark"],
    language: str,
) -> Iterator[Page]:
    width, height = WIDTHS[device]
    context = browser.new_context(
        base_url=furnished.site,
        viewport={"width": width, "height": height},
        device_scale_factor=2 if device == "phone" else 1,
        color_scheme=scheme,
        reduced_motion="reduce",
        locale=LOCALES[language],
        permissions=["camera"],
    )
    context.set_default_timeout(WAIT_MS)
    try:
        enter(context, stop, furnished)
        yield context.new_page()
    finally:
        context.close()


def _open_camera(page: Page) -> None:
    page.route("**/01/**", lambda route: route.fulfill(status=204))  # found, yet it stays
    page.locator("#open").click()
    page.locator("#overlay polygon").wait_for(timeout=60_000)
    page.evaluate("scrollTo(0, 0)")


def _film(stand: Stand) -> Path:
    """A label held before the camera."""
    path = stand.home / "film.mjpeg"
    conditions = Conditions(size=(1920, 1080), light_fall=0.3, defocus_pixels=0.5)
    shot = Shot(
        pose=Pose(share=0.3, yaw_degrees=10, pitch_degrees=-8, roll_degrees=-6), conditions=conditions
    )
    path.write_bytes(photograph(rasterise_label(stand.labels, 1), shot, seed=1).jpeg * 2)
    return path


def _store_small(shot: bytes, path: Path) -> None:
    """With a palette: half the bytes, and no difference to be seen."""
    with Image.open(BytesIO(shot)) as image:
        image.convert("RGB").quantize(COLOURS).save(path, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
