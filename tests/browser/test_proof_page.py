"""The page that checks proofs by itself: from the server, and from a copy on a disk without a network."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tagcore.errors import Step
from tagcore.trust import format_trust
from tests.browser.conftest import OpenPage
from tests.vectors.cast import BUNDLE, ROOT, key_of
from tests.vectors.proving import TRUST
from tests.vectors.unproven import DATA, unproven

FAR = datetime(2100, 1, 1, tzinfo=UTC)
FAULTS = {step: data for _, step, data in unproven()}


@pytest.fixture
def choose(tmp_path: Path) -> Callable[[Page, str, bytes], None]:
    """Chooses a file with these contents for the input of this id."""

    def choose_file(page: Page, name: str, data: bytes) -> None:
        if name == "trust":
            page.locator("summary").click()
        path = tmp_path / f"{name}.json"
        path.write_bytes(data)
        page.set_input_files(f"#{name}", path)

    return choose_file


Chooser = Callable[[Page, str, bytes], None]
PINNED = format_trust(replace(TRUST, expires=FAR), ROOT)


def ready(page: Page) -> None:
    expect(page.locator("html[data-ready=yes]")).to_be_attached()


def test_a_good_proof_holds_and_says_what_it_is_not(open_page: OpenPage, choose: Chooser) -> None:
    page = open_page("/proof")
    ready(page)
    choose(page, "trust", PINNED)
    choose(page, "proof", DATA)
    expect(page.get_by_role("heading", name="The proof holds")).to_be_visible()
    expect(page.get_by_text("A copied label has the same proof")).to_be_visible()
    expect(page.locator("[data-fill=serial]")).to_have_text("4T7QMZ9C1R5KD")
    expect(page.locator("[data-fill=witnesses]")).to_have_text("w0.example.org, w2.example.org")
    expect(page.locator("#anchors li")).to_have_count(3)
    expect(page.locator("#anchors")).to_contain_text("claimed, not checked here")
    expect(page.locator("#steps li.holds")).to_have_count(9)


@pytest.mark.parametrize("step", Step)
def test_a_bad_proof_names_the_step(step: Step, open_page: OpenPage, choose: Chooser) -> None:
    page = open_page("/proof")
    ready(page)
    choose(page, "trust", PINNED)
    choose(page, "proof", FAULTS[step])
    expect(page.get_by_role("heading", name="The proof does not hold")).to_be_visible()
    expect(page.locator("#steps li.fails")).to_have_count(1)
    expect(page.locator(f"#step-{step.value}.fails")).to_be_visible()
    expect(page.locator("#steps li.open")).to_have_count(len(Step) - 1 - list(Step).index(step))
    expect(page.locator("#shown")).to_be_hidden()


def test_the_servers_own_keys_are_pinned_and_confirm_no_strangers_proof(
    open_page: OpenPage, choose: Chooser
) -> None:
    page = open_page("/proof")
    ready(page)
    expect(page.locator("[data-fill=fingerprint]")).not_to_be_empty()
    choose(page, "proof", DATA)
    expect(page.get_by_role("heading", name="The proof does not hold")).to_be_visible()


def test_keys_that_another_root_signed_are_not_taken(open_page: OpenPage, choose: Chooser) -> None:
    page = open_page("/proof")
    ready(page)
    choose(page, "proof", DATA)
    page.locator("summary").click()
    page.fill("#root", ROOT.public_key.hex())
    page.locator("summary").click()
    stranger = key_of("clinic", 0)
    choose(page, "trust", format_trust(replace(TRUST, root_key=stranger.public_key), stranger))
    expect(page.get_by_role("alert")).to_contain_text("another root key signed it")
    expect(page.get_by_role("heading", name="No keys to check with")).to_be_visible()


def test_a_stale_list_of_keys_confirms_nothing(open_page: OpenPage, choose: Chooser) -> None:
    page = open_page("/proof")
    ready(page)
    stale = replace(TRUST, expires=BUNDLE.issued.replace(day=2))
    choose(page, "trust", format_trust(stale, ROOT))
    choose(page, "proof", DATA)
    expect(page.get_by_role("heading", name="the keys are out of date")).to_be_visible()


def test_in_chinese(open_page: OpenPage, choose: Chooser) -> None:
    page = open_page("/proof", locale="zh-CN")
    ready(page)
    choose(page, "trust", PINNED)
    choose(page, "proof", DATA)
    expect(page.get_by_role("heading", name="凭证成立")).to_be_visible()


def test_a_copy_on_a_disk_needs_no_network(
    open_page: OpenPage, browser: Browser, site: str, tmp_path: Path, choose: Chooser
) -> None:
    source = browser.new_page()
    answer = source.request.get(f"{site}/proof")
    copy = tmp_path / "check-proof.html"
    copy.write_bytes(answer.body())
    source.close()
    with browser.new_context(offline=True) as context:
        page = context.new_page()
        asked: list[str] = []
        problems: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(copy.as_uri())
        ready(page)
        choose(page, "trust", PINNED)
        choose(page, "proof", DATA)
        expect(page.get_by_role("heading", name="The proof holds")).to_be_visible()
        expect(page.get_by_text("Keep this page")).to_be_hidden()
        assert (asked, problems) == ([copy.as_uri()], [])
