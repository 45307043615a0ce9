"""Pages for people: they work without script, and break none of the page rules."""

import re
from html.parser import HTMLParser

from tests.tagserver.web.cast import GTIN, PRODUCER, Stage

VOID = {"meta", "link", "img", "input", "br"}


class Page(HTMLParser):
    """What a page is made of; complains about what the content policy would stop."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.described: list[str] = []
        self.lang = ""
        self.bare_images = 0
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert "style" not in given, f"inline style on {tag}"
        assert not any(name.startswith("on") for name in given), f"inline script on {tag}"
        assert tag not in {"script", "style"}, f"{tag} element"
        for name in ("src", "href", "action"):
            assert not (given.get(name) or "").startswith(("http:", "https:", "//")), (
                f"{tag} leaves the origin"
            )
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "html":
            self.lang = given.get("lang") or ""
        if tag == "img" and not given.get("alt"):
            self.bare_images += 1
        if given.get("id"):
            self.ids.append(given["id"] or "")
        for name in ("aria-labelledby", "aria-describedby", "for"):
            if given.get(name):
                self.described.append(given[name] or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"{tag} closes what it did not open"


def pages(stage: Stage) -> list[str]:
    stage.register()
    batch = stage.issue()
    stage.call(
        PRODUCER,
        "POST",
        "/v1/batches",
        json={"gtin": GTIN, "count": 200},
        headers={"Idempotency-Key": "k"},
    )
    return [
        "/",
        "/docs",
        "/nowhere",
        "/check?gtin=1&serial=",
        f"/check?gtin={GTIN}&serial={stage.serials(batch)[0]}",
        f"/check?gtin={GTIN}&serial=NEVER",
        "/batches/1",
        "/batches/2",
        "/batches/99",
        "/01/x",
        *stage.paths(batch)[:1],
    ]


def test_every_page_is_well_formed_and_stays_on_this_origin(stage: Stage) -> None:
    for path in pages(stage):
        answer = stage.call(None, "GET", path, accept="text/html")
        assert answer.mimetype == "text/html", path
        page = Page(answer.text)
        assert page.open == [], path
        assert page.lang == "en"
        assert page.headings[0] == 1
        assert page.headings.count(1) == 1
        assert all(
            later - former <= 1 for former, later in zip(page.headings, page.headings[1:], strict=False)
        )
        assert page.bare_images == 0
        assert len(set(page.ids)) == len(page.ids), path
        assert set(page.described) <= set(page.ids), path


def test_the_form_keeps_what_was_typed_and_says_what_is_wrong(stage: Stage) -> None:
    answer = stage.call(None, "GET", '/check?gtin=95060&serial="><b>', accept="text/html")
    assert answer.status_code == 422
    assert 'value="95060"' in answer.text
    assert "<b>" not in answer.text
    assert answer.text.count("aria-invalid") == 1


def test_a_typed_number_leads_to_its_verdict(stage: Stage) -> None:
    stage.register()
    serial = stage.serials(stage.issue())[0]
    client = stage.client()
    answer = client.get("/check", query_string={"gtin": GTIN[1:], "serial": serial.lower()})
    assert answer.status_code == 200
    assert "Known number, code not checked" in answer.text
    assert "No signature was read" in answer.text
    assert "The number is on record: One of 5 tags" in answer.text
    assert client.get_cookie("viewer") is not None
    again = client.get("/check", query_string={"gtin": GTIN, "serial": serial})
    assert "nobody else yet" in again.text


def test_a_number_that_was_never_issued_is_only_a_claim(stage: Stage) -> None:
    stage.register()
    text = stage.call(None, "GET", f"/check?gtin={GTIN}&serial=NEVER", accept="text/html").text
    assert "this number was never issued" in text
    assert "What the code says" in text


def test_a_batch_shows_what_was_issued_and_under_which_key(stage: Stage) -> None:
    stage.register()
    batch = stage.issue(lot="")
    text = stage.call(None, "GET", "/batches/1", accept="text/html").text
    assert batch.root is not None
    assert batch.root.hex()[:8] in text
    assert "Red Sorghum Baijiu 52 %" in text
    assert "Liu Family Distillery" in text
    assert "not anchored" in text
    assert "refresh" not in text


def test_the_documentation_lists_operations_codes_and_sheets(stage: Stage) -> None:
    text = stage.call(None, "GET", "/docs", accept="text/html").text
    for word in ("/v1/verify/image", "avery-l7159", 'id="TOKEN_INVALID"', "Idempotency-Key"):
        assert word in text


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    full = digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)
    parts = [int(full[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_colours_have_the_contrast_that_wcag_wants(stage: Stage) -> None:
    with stage.call(None, "GET", "/static/css/site.css") as answer:
        css = answer.get_data(as_text=True)
    blocks = re.findall(r":root \{(.*?)\n\s*\}", css, re.DOTALL)[:2]
    assert len(blocks) == 2
    for block in blocks:
        colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6})", block))
        pairs = [(ink, paper) for ink in ("ink", "soft", "accent") for paper in ("paper", "card")]
        pairs += [(tone, f"{tone}-bg") for tone in ("good", "warn", "bad", "none")]
        pairs += [("ink", f"{tone}-bg") for tone in ("good", "warn", "bad", "none")]
        pairs += [("on-accent", "accent"), ("bad", "card")]
        for ink, paper in pairs:
            assert _contrast(colours[ink], colours[paper]) >= 4.5, (ink, paper)
        assert _contrast(colours["field"], colours["card"]) >= 3
