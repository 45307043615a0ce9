"""All pages of the site, each as people meet it: what is photographed, and what the tests of all pages look at."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from playwright.sync_api import BrowserContext, Page

from demo.furnishing import PASSWORD, VIEWER, Furnished, flat_picture, several_labels
from demo.shop import BOTTLE, BOX, INFUSION_SET

WAIT_MS = 180_000

Who = Literal["anybody", "producer", "wholesaler"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One page: its address, who is there, and what is done on it before it is looked at."""

    name: str
    path: str
    who: Who = "anybody"
    act: Callable[[Page], None] | None = None

    def go(self, page: Page) -> None:
        """Open it and do what is to be done."""
        page.goto(self.path)
        if self.act is not None:
            self.act(page)


def enter(context: BrowserContext, stop: Stop, furnished: Furnished) -> None:
    """Let the browser be whom the stop wants."""
    own = {"anybody": {}, "producer": furnished.producer, "wholesaler": furnished.wholesaler}[stop.who]
    cookies = {**VIEWER, **own}
    context.add_cookies(
        [{"name": name, "value": value, "url": furnished.site} for name, value in cookies.items()]
    )


def stops(furnished: Furnished) -> Iterator[Stop]:
    """What there is to see. None of them changes what the others show."""
    yield from _for_everybody(furnished)
    yield from _at_the_door(furnished)
    yield from _of_a_producer()
    yield from _of_a_wholesaler()


def _for_everybody(furnished: Furnished) -> Iterator[Stop]:
    tags, addresses = furnished.tags, "HTTPS://ID.EXAMPLE.COM"
    serial = tags["typed"].split("/21/")[1].split("?")[0]
    lines = [
        f"{addresses}{tags[name]}" for name in ("match", "caution", "printed", "recalled", "forged", "match")
    ]
    lines.append("https://id.example.net/01/09520001000010/21/4T7QMZ9C1R5KD")
    yield Stop(name="start", path="/")
    yield Stop(name="start-wrong", path="/check?gtin=1&serial=")
    yield Stop(name="verdict", path=tags["match"])
    yield Stop(name="verdict-caution", path=tags["caution"])
    yield Stop(name="verdict-suspect", path=tags["printed"])
    yield Stop(name="verdict-stop", path=tags["recalled"])
    yield Stop(name="verdict-void", path=tags["void"])
    yield Stop(name="verdict-forged", path=tags["forged"])
    yield Stop(name="verdict-never", path=f"/check?gtin={BOTTLE}&serial=NEVER")
    yield Stop(name="verdict-typed", path=f"/check?gtin={BOTTLE}&serial={serial}")
    yield Stop(name="verdict-not-ours", path="/01/x")
    yield Stop(name="scan", path="/scan")
    yield Stop(
        name="photo",
        path="/scan",
        act=_send_photo("several.jpg", lambda: several_labels(furnished.stand, 3, 4, 5)),
    )
    yield Stop(name="photo-nothing", path="/scan", act=_send_photo("blank.png", lambda: flat_picture("grey")))
    yield Stop(name="list", path="/bulk")
    yield Stop(name="list-result", path="/bulk", act=_send_list(lines))
    yield Stop(name="report", path=f"/report?gtin={BOTTLE}&serial={serial}&verdict=FIRST_SCAN")
    yield Stop(name="report-wrong", path="/report", act=_press("form[action='/report'] button"))
    yield Stop(name="report-sent", path="/report/sent")
    yield Stop(name="batch", path="/batches/1")
    yield Stop(name="docs", path="/docs")
    yield Stop(name="proof", path="/proof")
    yield Stop(name="problem", path="/nowhere")


def _at_the_door(furnished: Furnished) -> Iterator[Stop]:
    yield Stop(name="console-log-in", path="/console/log-in")
    yield Stop(name="console-log-in-refused", path="/console/log-in", act=_log_in_wrongly)
    yield Stop(name="console-set-up", path=furnished.unused_link)
    yield Stop(name="console-set-up-over", path=f"/console/set-up/{'x' * 43}")


def _of_a_producer() -> Iterator[Stop]:
    pages = {
        "overview": "/console",
        "products": "/console/products",
        "product": f"/console/products/{BOTTLE}",
        "product-new": "/console/products/new",
        "batches": "/console/batches",
        "batch": "/console/batches/1",
        "batch-runs": "/console/batches/2",
        "batch-recalled": "/console/batches/3",
        "batch-new": "/console/batches/new",
        "labels": "/console/batches/1/labels",
        "units": "/console/units",
        "scans": "/console/scans",
        "scans-none": "/console/scans?show=flagged&to=2020-01-01",
        "recalls": "/console/recalls",
        "recall-new": f"/console/recalls/new?gtin={INFUSION_SET}&lot=S26-31",
        "reports": "/console/reports",
        "trail": "/console/trail",
        "account": "/console/account",
    }
    for name, path in pages.items():
        yield Stop(name=f"console-{name}", path=path, who="producer")
    acts: dict[str, tuple[str, Callable[[Page], None]]] = {
        "unit": ("/console/scans", _press("td a[href^='/console/units']")),
        "report": ("/console/reports", _press(".lead-cell a")),
        "product-wrong": ("/console/products/new", _fill_wrongly),
        "batch-new-wrong": ("/console/batches/new", _press("main form button")),
        "void-sure": ("/console/batches/2", _void),
        "recall-sure": (f"/console/recalls/new?gtin={BOX}&lot=G26-02", _recall),
        "lift-sure": ("/console/recalls", _press("td.act button")),
        "second-step": ("/console/account", _second_step),
    }
    for name, (path, act) in acts.items():
        yield Stop(name=f"console-{name}", path=path, who="producer", act=act)


def _of_a_wholesaler() -> Iterator[Stop]:
    yield Stop(name="console-wholesaler", path="/console", who="wholesaler")
    yield Stop(name="console-refused", path="/console/products", who="wholesaler")


def _press(selector: str) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        page.locator(selector).first.click()

    return act


def _send_photo(name: str, make: Callable[[], bytes]) -> Callable[[Page], None]:
    kind = "image/png" if name.endswith("png") else "image/jpeg"

    def act(page: Page) -> None:
        page.locator("#image").set_input_files({"name": name, "mimeType": kind, "buffer": make()})
        page.locator("#photo-form button").click()
        page.locator("#found:not([hidden]), #photo-problem").wait_for(timeout=WAIT_MS)

    return act


def _send_list(lines: list[str]) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        page.locator("#list").fill("\n".join(lines))
        page.locator("#form button").click()
        page.locator("#report").wait_for(timeout=WAIT_MS)

    return act


def _log_in_wrongly(page: Page) -> None:
    page.locator("#login").fill("lin@example.org")
    page.locator("#password").fill("not the password")
    page.locator("main form button").click()
    page.locator("[role=alert]").wait_for()


def _fill_wrongly(page: Page) -> None:
    page.locator("#gtin").fill("123")
    page.locator("#name").fill("Aged vinegar")
    page.locator("main form button").click()
    page.locator("[aria-invalid]").first.wait_for()


def _void(page: Page) -> None:
    page.locator("details:has(#action) summary").click()
    page.locator("#action").select_option("void")
    page.locator("#first").fill("31")
    page.locator("#last").fill("33")
    page.locator("form:has(#action) button").click()
    page.wait_for_url(re.compile("/events$"))


def _recall(page: Page) -> None:
    page.locator("#reason").fill("The seal may leak.")
    page.locator("main form button").click()
    page.locator("button[name=sure]").wait_for()


def _second_step(page: Page) -> None:
    page.locator("#totp_password").fill(PASSWORD)
    page.locator("form:has(#totp_password) button").click()
    page.locator(".qr").wait_for()
