"""Assets: the files that pages load, compressed once, under addresses that change when any of them does.

`/static/<release>/css/site.css`: the release is a digest of all files together. It stands before the path, so that
modules which import each other by relative paths always come from one release. Such an address is kept for a year;
one without the release, or with another one's, is asked for anew each time.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import Flask, Response, abort, request

from tagserver.web.headers import CAMERA_POLICY

KEPT = "public, max-age=31536000, immutable"
ASKED_ANEW = "no-cache"

MEDIA_TYPES: Mapping[str, str] = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
}
"""What may stand in the folder to be served; anything else in it is nobody's business."""

POLICIES: Mapping[str, str] = {"js/scan/worker.js": CAMERA_POLICY}
"""A worker runs under the policy of its own script, not under its page's."""

ZXING = "vendor/zxing-wasm/dist/reader/zxing_reader.wasm"
"""Fetched by `make setup`; without it pages fall back to what the browser itself can decode."""

_DIGEST = re.compile(r"[0-9a-f]{12}/", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file, as it is and as gzip; `digest` is in hex."""

    media_type: str
    body: bytes
    compressed: bytes
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assets:
    """All files by their paths, and the digest of them all."""

    files: Mapping[str, Asset]
    release: str

    def path(self, name: str) -> str:
        """The address of the file `name`, from the first slash on. Raises: KeyError."""
        assert name in self.files, f"no asset {name}"
        return f"/static/{self.release}/{name}"


@cache
def load_assets(folder: Path) -> Assets:
    """Read the folder; once a process."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix in MEDIA_TYPES)
    files = {path.relative_to(folder).as_posix(): _asset(path) for path in paths}
    listing = "\n".join(f"{name} {asset.digest}" for name, asset in files.items())
    return Assets(files=files, release=sha256(listing.encode()).hexdigest()[:12])


def static_folder() -> Path:
    """Beside the packages in a checkout, inside tagserver when installed."""
    installed = Path(__file__).parents[1] / "static"
    return installed if installed.is_dir() else Path(__file__).parents[2] / "static"


def install(app: Flask) -> None:
    """Serve the files, and let templates ask for their addresses: `asset('css/site.css')`."""
    assets = load_assets(static_folder())

    def static(name: str) -> Response:
        return _answer(assets, name)

    app.add_url_rule("/static/<path:name>", endpoint="static", view_func=static)
    app.jinja_env.globals.update(asset=assets.path)


def can_decode() -> bool:
    """Whether the decoder for browsers that have none was fetched."""
    return ZXING in load_assets(static_folder()).files


def _asset(path: Path) -> Asset:
    body = path.read_bytes()
    return Asset(
        media_type=MEDIA_TYPES[path.suffix],
        body=body,
        compressed=gzip.compress(body, mtime=0),
        digest=sha256(body).hexdigest(),
    )


def _answer(assets: Assets, asked: str) -> Response:
    release = asked[:12] if _DIGEST.match(asked) else ""
    name = asked.removeprefix(f"{release}/") if release else asked
    asset = assets.files.get(name)
    if asset is None:
        abort(404)
    is_compressed = request.accept_encodings["gzip"] > 0
    response = Response(asset.compressed if is_compressed else asset.body, mimetype=asset.media_type)
    if is_compressed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = KEPT if release == assets.release else ASKED_ANEW
    if name in POLICIES:
        response.headers["Content-Security-Policy"] = POLICIES[name]
    response.set_etag(asset.digest[:32] + ("-gzip" if is_compressed else ""))
    response.make_conditional(request)
    return response
