"""What a verdict page weighs, and when it can be seen on a slow telephone: Chromium against the real server.

Each visit is somebody's first, of a tag of its own: nothing is in the browser's cache. The network and the processor
are slowed down by Chromium itself (DevTools protocol), as its preset "Slow 4G" and the rate 4 do.
"""

import gzip
import shutil
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, BrowserContext, Page, Response, sync_playwright

from bench.figure import Figure
from bench.serving import addresses, free_port, program, server, workspace

VISITS = 5
WEIGHED = frozenset({"document", "stylesheet", "script"})

SLOW_4G = {
    "offline": False,
    "latency": 150 * 3.75,  # milliseconds a request; the factors are DevTools' own
    "downloadThroughput": 1_600_000 / 8 * 0.9,  # bytes a second
    "uploadThroughput": 750_000 / 8 * 0.9,
}
"""Chromium's preset, front_end/core/sdk/NetworkManager.ts."""

SLOWER_PROCESSOR = 4
PHONE = (360, 740)

FIRST_PAINT = """() => new Promise(resolve => new PerformanceObserver(list => {
    const found = list.getEntriesByName("first-contentful-paint")[0];
    if (found) resolve(found.startTime);
}).observe({type: "paint", buffered: true}))"""


def figures() -> Iterator[Figure]:
    """Kilobytes of a verdict page, and milliseconds until its first content is painted."""
    with TemporaryDirectory() as folder:
        environ = workspace(Path(folder) / "workspace", VISITS + 1)
        tags = addresses(environ, Path(folder) / "addresses.csv")
        port = free_port()
        paths = [f"http://127.0.0.1:{port}/{tag.split('/', 3)[3]}" for tag in tags]
        command = [program(), "serve", "--port", str(port)]
        with server(command, port, environ), _chromium() as browser:
            weighed = _weigh(browser, paths[0])
            paints = [_first_paint(browser, path) for path in paths[1:]]
    parts = ", ".join(f"{kind} {size / 1000:.1f}" for kind, size in weighed.items())
    yield Figure(figure="verdict_page_kb", value=sum(weighed.values()) / 1000, unit="kB", against=parts)
    yield Figure(
        figure="verdict_page_first_paint_ms",
        value=statistics.median(paints),
        unit="ms",
        against=f"median of {len(paints)} first visits, slow 4G, processor slowed down {SLOWER_PROCESSOR} times",
    )


@contextmanager
def _chromium() -> Iterator[Browser]:
    """The machine's own. Raises: RuntimeError without one."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        raise RuntimeError("Chromium is missing; to get it: apt-get install chromium")
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=found) as browser:
        yield browser


@contextmanager
def _visit(browser: Browser) -> Iterator[tuple[BrowserContext, Page]]:
    """A telephone that was never here."""
    width, height = PHONE
    with browser.new_context(viewport={"width": width, "height": height}, is_mobile=True) as context:
        yield context, context.new_page()


def _weigh(browser: Browser, address: str) -> dict[str, int]:
    """Bytes of each kind of file, compressed."""
    answers: list[Response] = []
    with _visit(browser) as (_, page):
        page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - playwright marks it
        page.goto(address, wait_until="networkidle")
        sizes = [
            (answer.request.resource_type, _compressed(answer))
            for answer in answers
            if answer.request.resource_type in WEIGHED
        ]
    if not {"document", "stylesheet"} <= {kind for kind, _ in sizes}:
        raise RuntimeError(f"got no whole page from {address}")
    return {
        kind: sum(size for one, size in sizes if one == kind) for kind in sorted({kind for kind, _ in sizes})
    }


def _compressed(answer: Response) -> int:
    """As the server sent it; a page that it leaves to the proxy to compress, by gzip's default level."""
    if answer.headers.get("content-encoding") == "gzip":
        return int(answer.headers["content-length"])
    return len(gzip.compress(answer.body(), compresslevel=6, mtime=0))


def _first_paint(browser: Browser, address: str) -> float:
    """Milliseconds from the click to the first content."""
    with _visit(browser) as (context, page):
        protocol = context.new_cdp_session(page)
        protocol.send("Network.enable")
        protocol.send("Network.emulateNetworkConditions", SLOW_4G)
        protocol.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER_PROCESSOR})
        page.goto(address, wait_until="commit", timeout=60_000)
        return float(page.evaluate(FIRST_PAINT))
