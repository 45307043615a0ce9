"""The app's manifest and its service worker."""

import json
import re
from io import BytesIO

from PIL import Image

from tagserver.web.assets import load_assets, static_folder
from tests.tagserver.web.cast import Stage


def shell(stage: Stage) -> dict[str, object]:
    script = stage.call(None, "GET", "/service-worker.js").text
    found = re.match(r"const SHELL = (.*);\n", script)
    assert found is not None
    document: dict[str, object] = json.loads(found[1])
    return document


def test_the_manifest_names_the_page_and_icons_of_the_sizes_that_it_says(stage: Stage) -> None:
    answer = stage.call(None, "GET", "/manifest.webmanifest")
    assert answer.mimetype == "application/manifest+json"
    manifest = json.loads(answer.text)
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("/scan", "/", "standalone")
    assert manifest["name"] == stage.settings.site_name
    for icon in manifest["icons"]:
        file = stage.call(None, "GET", icon["src"])
        assert file.status_code == 200
        assert file.mimetype == icon["type"]
        if icon["type"] == "image/png":
            with Image.open(BytesIO(file.data)) as image:
                assert f"{image.width}x{image.height}" == icon["sizes"]
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in manifest["icons"]}
    assert "maskable" in {icon["purpose"] for icon in manifest["icons"]}


def test_the_manifest_speaks_the_reader_s_language(stage: Stage) -> None:
    answer = stage.call(None, "GET", "/manifest.webmanifest", headers={"Accept-Language": "zh-CN"})
    assert json.loads(answer.text)["lang"] == "zh-Hans"
    assert "扫" in json.loads(answer.text)["short_name"]


def test_the_worker_keeps_this_release_s_files_and_no_page_but_the_camera_s(stage: Stage) -> None:
    kept = shell(stage)
    assets = load_assets(static_folder())
    assert kept["release"] == assets.release
    files = kept["files"]
    assert isinstance(files, list)
    assert all(path.startswith(f"/static/{assets.release}/") for path in files)
    for name in (
        "js/scan/page.js",
        "js/tag/judge.js",
        "js/offline/database.js",
        "css/site.css",
        "icons/app-192.png",
    ):
        assert f"/static/{assets.release}/{name}" in files
    assert not [path for path in files if "console" in path]


def test_every_module_that_the_page_loads_is_kept(stage: Stage) -> None:
    kept = shell(stage)["files"]
    assert isinstance(kept, list)
    assets = load_assets(static_folder())
    waiting, seen = ["js/scan/page.js", "js/scan/worker.js"], set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen or name not in assets.files:
            continue
        seen.add(name)
        assert f"/static/{assets.release}/{name}" in kept, name
        folder = static_folder() / name.rpartition("/")[0]
        imported = re.findall(r'from "(\.[^"]+)"', assets.files[name].body.decode())
        whole = [(folder / path).resolve() for path in imported]
        waiting.extend(path.relative_to(static_folder().resolve()).as_posix() for path in whole)
    assert len(seen) > 20


def test_the_worker_s_script_may_fetch_and_load_nothing_else(stage: Stage) -> None:
    answer = stage.call(None, "GET", "/service-worker.js")
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; connect-src 'self'"
    assert answer.headers["Cache-Control"] == "no-cache"
    again = stage.call(None, "GET", "/service-worker.js", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_the_page_names_manifest_and_root_key(stage: Stage) -> None:
    answer = stage.call(None, "GET", "/scan", accept="text/html")
    assert 'rel="manifest" href="/manifest.webmanifest"' in answer.text
    assert f'data-root-key="{stage.settings.root_key.hex()}"' in answer.text
    assert "manifest-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "worker-src 'self'" in answer.headers["Content-Security-Policy"]
