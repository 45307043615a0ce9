"""The files that pages load: kept by browsers, small on the way, and nothing else of the folder."""

import gzip
import re

import pytest

from tagserver.web.assets import ASKED_ANEW, KEPT, load_assets, static_folder
from tests.tagserver.web.cast import Stage


def address(stage: Stage, name: str) -> str:
    """As a page names it."""
    page = stage.call(None, "GET", "/scan", accept="text/html").text
    found = re.search(rf'"(/static/[0-9a-f]{{12}}/{name})"', page)
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("css/site.css", "text/css"),
        ("icons/mark.svg", "image/svg+xml"),
        ("js/scan/page.js", "text/javascript"),
    ],
)
def test_what_pages_name_is_served_and_kept(stage: Stage, name: str, kind: str) -> None:
    answer = stage.call(None, "GET", address(stage, name))
    assert answer.status_code == 200
    assert answer.mimetype == kind
    assert answer.headers["Cache-Control"] == KEPT
    assert answer.data == (static_folder() / name).read_bytes()


@pytest.mark.parametrize("path", ["/static/css/site.css", "/static/0123456789ab/css/site.css"])
def test_without_the_present_release_an_asset_is_asked_for_anew(stage: Stage, path: str) -> None:
    answer = stage.call(None, "GET", path)
    assert answer.headers["Cache-Control"] == ASKED_ANEW
    tag = answer.headers["ETag"]
    assert stage.call(None, "GET", path, headers={"If-None-Match": tag}).status_code == 304


def test_assets_are_compressed_for_those_who_can_read_it(stage: Stage) -> None:
    path = address(stage, "css/site.css")
    plain = stage.call(None, "GET", path)
    small = stage.call(None, "GET", path, headers={"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in plain.headers
    assert small.headers["Content-Encoding"] == "gzip"
    assert small.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
    assert small.headers["ETag"] != plain.headers["ETag"]
    assert len(small.data) < len(plain.data) / 2
    assert gzip.decompress(small.data) == plain.data


@pytest.mark.parametrize(
    "path", ["/static/", "/static/nothing.css", "/static/../pyproject.toml", "/static/%2e%2e/README.md"]
)
def test_nothing_else_is_served(stage: Stage, path: str) -> None:
    assert stage.call(None, "GET", path).status_code == 404


def test_the_worker_alone_among_assets_may_run_webassembly(stage: Stage) -> None:
    policies = {
        name: stage.call(None, "GET", f"/static/{name}").headers["Content-Security-Policy"]
        for name in load_assets(static_folder()).files
        if name.endswith(".js")
    }
    assert [name for name, policy in policies.items() if "unsafe" in policy] == ["js/scan/worker.js"]


def test_every_import_of_a_module_is_an_asset() -> None:
    files = load_assets(static_folder()).files
    for name in files:
        if name.startswith("js/"):
            folder = static_folder() / name.rpartition("/")[0]
            for path in re.findall(r'from "(\.[^"]+)"', files[name].body.decode()):
                found = (folder / path).resolve().relative_to(static_folder().resolve()).as_posix()
                assert found in files or found.startswith("vendor/"), f"{name} imports {path}"
