"""A stand that has been lived in: products with pictures, batches in every state, scans from several countries,
reports, a recall, and people who can log in. What the screenshots and the tests of all pages look at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from hashlib import sha256
from io import BytesIO
from typing import Any

import httpx
import numpy as np
from PIL import Image

from demo.photograph import SHOTS, Pose, Shot, photograph
from demo.shop import BOTTLE, BOX, INFUSION_SET, PRODUCER
from demo.snapshot import rasterise_label
from demo.stand import Stand
from scanner import decode

WHOLESALER = "river-wholesale"
PASSWORD = "seven bottles on a green wall"
COUNTRY_HEADER = "X-Country"
VIEWER = {"viewer": "5eed" * 8}
"""The cookie of one who looks at every page: many looks by one person do not make a crowd."""

BROWSER = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/141.0 Mobile Safari/537.36"

_CSRF = re.compile(r'name="csrf" value="([^"]+)"')
_LINK = re.compile(r"/console/set-up/[\w-]+")
_ADDRESS = re.compile(r"HTTPS://ID\.EXAMPLE\.COM(/[^\s,\"]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Furnished:
    """The stand and its site, paths of tags by what their pages say, and the cookies of people who are logged in."""

    stand: Stand
    site: str
    tags: dict[str, str]
    producer: dict[str, str]
    wholesaler: dict[str, str]
    unused_link: str


def furnish(stand: Stand, site: str) -> Furnished:
    """Fill the stand through its commands, its API and its pages. Raises: DemoError; httpx.HTTPError."""
    stand.run("org", "create", WHOLESALER, "--name", "River Wholesale", "--role", "distributor")
    with _api(stand, site) as api:
        _products(stand, api)
        _batches(api)
        tags = {name: path_of(stand, number) for number, name in enumerate(("match", "caution", "typed"))}
        tags |= {name: _printed(api, *where) for name, where in _LABELS.items()}
        tags["forged"] = "?".join((tags["match"].partition("?")[0], tags["caution"].partition("?")[2]))
        _scans(site, tags)
        _post(api, "/v1/recalls", gtin=BOX, lot="G26-02", reason="The seal may leak.")
    _reports(site, tags)
    return Furnished(
        stand=stand,
        site=site,
        tags=tags,
        producer=log_in(site, invited(stand, PRODUCER, "lin@example.com", "Lin Mei"), "lin@example.com"),
        wholesaler=log_in(
            site, invited(stand, WHOLESALER, "wang@example.com", "Wang Jun"), "wang@example.com"
        ),
        unused_link=invited(stand, PRODUCER, "chen@example.com", "Chen Yu"),
    )


def path_of(stand: Stand, number: int) -> str:
    """The path that a label of the printed sheet leads to."""
    (symbol,) = decode(rasterise_label(stand.labels, number))
    return symbol.text.removeprefix("HTTPS://ID.EXAMPLE.COM")


def invited(stand: Stand, org: str, login: str, name: str) -> str:
    """The path of a new person's set-up link."""
    found = _LINK.search(stand.run("user", "create", login, "--org", org, "--name", name))
    assert found is not None, "the command prints the link"
    return found[0]


def log_in(site: str, link: str, login: str) -> dict[str, str]:
    """Choose the password, log in; the cookies of the session."""
    with httpx.Client(base_url=site, headers={"User-Agent": BROWSER}, follow_redirects=True) as client:
        _send(client, link, {"password": PASSWORD, "again": PASSWORD})
        _send(client, "/console/log-in", {"login": login, "password": PASSWORD})
        return {"session": client.cookies["session"]}


def several_labels(stand: Stand, *numbers: int) -> bytes:
    """A photograph (JPEG) of labels one under the other, as on the sheet."""
    drawn = [rasterise_label(stand.labels, number) for number in numbers]
    gap = np.full((40, drawn[0].shape[1]), 255, np.uint8)
    stacked = np.vstack([part for label in drawn for part in (gap, label)][1:])
    return photograph(stacked, Shot(pose=Pose(share=0.4)), seed=2).jpeg  # all of it is in the picture


def flat_picture(colour: str) -> bytes:
    """A picture of nothing (PNG)."""
    out = BytesIO()
    Image.new("RGB", (60, 80), colour).save(out, "PNG")
    return out.getvalue()


_LABELS = {"printed": (2, 5), "void": (2, 37), "recalled": (3, 0)}
"""Batch and index of labels whose pages say so."""


def _send(client: httpx.Client, path: str, typed: dict[str, str]) -> None:
    found = _CSRF.search(client.get(path).raise_for_status().text)
    assert found is not None, "every form of the console carries its token"
    client.post(path, data={"csrf": found[1], **typed}).raise_for_status()


def _api(stand: Stand, site: str) -> httpx.Client:
    scopes = ("products", "batches", "labels", "events", "recalls")
    asked = [word for scope in scopes for word in ("--scope", scope)]
    token = stand.run("token", "create", PRODUCER, "--name", "erp", *asked).split()[-1]
    return httpx.Client(base_url=site, headers={"Authorization": f"Bearer {token}"}, timeout=60)


def _post(api: httpx.Client, path: str, **body: Any) -> None:  # noqa: ANN401 (as JSON takes them)
    key = sha256(repr(body).encode("utf-8")).hexdigest()
    api.post(path, json=body, headers={"Idempotency-Key": key}).raise_for_status()


def _products(stand: Stand, api: httpx.Client) -> None:
    for gtin, name, size in (
        (BOX, "Red Sorghum Baijiu 52 %, gift box", "500 ml"),
        (INFUSION_SET, "Sterile infusion set", "1 piece"),
    ):
        _post(api, "/v1/products", gtin=gtin, name=name, size=size)
    for gtin, shot, number in ((BOTTLE, "bottle", 9), (BOX, "tilted", 10)):
        label = rasterise_label(stand.labels, number)
        conditions = replace(SHOTS[shot].conditions, size=(900, 1200))
        taken = photograph(label, replace(SHOTS[shot], conditions=conditions), seed=number).jpeg
        headers = {"Content-Type": "image/jpeg"}
        api.put(f"/v1/products/{gtin}/picture", content=taken, headers=headers).raise_for_status()


def _batches(api: httpx.Client) -> None:
    """The second in three runs of states, the third to be recalled."""
    for gtin, lot, count in ((INFUSION_SET, "S26-31", 40), (BOX, "G26-02", 600)):
        _post(api, "/v1/batches", gtin=gtin, lot=lot, count=count)
    _post(api, "/v1/batches/2/events", action="activate", first=10, last=35)
    _post(api, "/v1/batches/2/events", action="void", first=36, last=39, note="Spoilt in printing.")
    _post(api, "/v1/batches/3/events", action="activate")


def _printed(api: httpx.Client, batch: int, index: int) -> str:
    answer = api.get(
        f"/v1/batches/{batch}/labels.csv", params={"first": index, "count": 1}
    ).raise_for_status()
    found = _ADDRESS.search(answer.text)
    assert found is not None, "the list holds addresses"
    return found[1]


def _scans(site: str, tags: dict[str, str]) -> None:
    """One more at one bottle than the default threshold for a burst."""
    crowd = [(tags["caution"], country) for country in ("CN", "CN", "VN", "SG", "DE", "CN")]
    others = [(tags["printed"], "CN"), (tags["void"], "VN"), (tags["recalled"], "")]
    for path, country in crowd + others:
        headers = {"Accept": "text/html", "User-Agent": BROWSER, COUNTRY_HEADER: country}
        httpx.get(f"{site}{path}", headers=headers).raise_for_status()


def _reports(site: str, tags: dict[str, str]) -> None:
    serial = tags["caution"].split("/21/")[1].split("?")[0]
    noticed = (
        "The cap is another colour than on the picture, and the seal was glued.\n"
        "Bought at a stand near the station."
    )
    said = {"verdict": "SEEN_ELSEWHERE", "text": noticed, "contact": "he@example.com"}
    for typed in (
        {"gtin": INFUSION_SET, "reason": "opened"},
        {"gtin": BOTTLE, "serial": serial, "reason": "looks_different", **said},
    ):
        httpx.post(f"{site}/report", data=typed, follow_redirects=True).raise_for_status()
