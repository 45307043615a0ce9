"""What the camera page reads and what it says before pictures: clean, moving, curved, and those nobody can read."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import expect

from demo.photograph import Conditions, Pose, Shot
from tests.browser.conftest import SIZE, Filmed, OpenPage
from tests.browser.test_scan import READING_MS, scan, text_of

Labels = Callable[[int], NDArray[np.uint8]]

LIGHT = Conditions(size=SIZE)
NEAR = Shot(pose=Pose(share=0.45), conditions=LIGHT)
READ = {
    "clean": (NEAR,),
    "moving": tuple(
        Shot(
            pose=Pose(share=0.45, shift=(0.06 * step - 0.15, 0.02 * step), roll_degrees=4.0 * step),
            conditions=replace(LIGHT, motion_pixels=2.5, motion_degrees=20),
        )
        for step in range(6)
    ),
    "curved": (
        Shot(pose=Pose(share=0.5, yaw_degrees=-8, bottle_radius=1.1), conditions=replace(LIGHT, gloss=0.25)),
    ),
}
UNREAD = {
    "dark": (Shot(pose=NEAR.pose, conditions=replace(LIGHT, exposure=0.01, noise=0.06)), "It is dark here"),
    "blurred": (Shot(pose=NEAR.pose, conditions=replace(LIGHT, defocus_pixels=11)), "The picture is blurred"),
    "shaken": (
        Shot(pose=NEAR.pose, conditions=replace(LIGHT, motion_pixels=22, motion_degrees=30)),
        "The picture is blurred",
    ),
    "far": (Shot(pose=Pose(share=0.06), conditions=LIGHT), "too far away"),
    "glare": (
        Shot(pose=Pose(share=0.5, bottle_radius=1.1), conditions=replace(LIGHT, gloss=4.0)),
        "Light is reflected",
    ),
}


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("width", [360, 1280])
def test_a_label_is_read(open_page: OpenPage, film: Filmed, labels: Labels, name: str, width: int) -> None:
    page = open_page("/scan", film=film(labels(6), *READ[name]), width=width)
    scan(page)
    page.wait_for_url("**/01/**", timeout=READING_MS)
    assert page.url.endswith(text_of(labels(6)).removeprefix("HTTPS://ID.EXAMPLE.COM"))


@pytest.mark.parametrize("name", UNREAD)
def test_what_hinders_is_said(open_page: OpenPage, film: Filmed, labels: Labels, name: str) -> None:
    shot, words = UNREAD[name]
    page = open_page("/scan", film=film(labels(7), shot), width=360)
    scan(page)
    expect(page.get_by_role("status")).to_contain_text(words, timeout=READING_MS)
    assert page.url.endswith("/scan")
    expect(page.get_by_role("button", name="Send one picture to this site")).to_be_visible(timeout=READING_MS)
