"""What makes the camera page an app that works without a network: its manifest and its service worker."""

from __future__ import annotations

import json

from apiflask import APIBlueprint
from flask import Response, request

from tagserver.web.assets import ASKED_ANEW, load_assets, static_folder
from tagserver.web.catalogue import gettext
from tagserver.web.headers import SERVICE_WORKER_POLICY
from tagserver.web.languages import locale_of, reader_language
from tagserver.web.surroundings import here

WORKER = "js/service-worker.js"

SHELL = (
    "css/scan.css", "css/site.css", "icons/", "js/bulk/report.js", "js/offline/", "js/scan/", "js/tag/", "vendor/",
)  # fmt: skip
"""What the camera page loads, now or later: files, and folders with all that is in them."""

ICONS = (
    ("icons/mark.svg", "any", "image/svg+xml", "any"),
    ("icons/app-192.png", "192x192", "image/png", "any"),
    ("icons/app-512.png", "512x512", "image/png", "any"),
    ("icons/app-maskable-512.png", "512x512", "image/png", "maskable"),
)

PAPER, ACCENT = "#f6f5f1", "#0d5c56"

blueprint = APIBlueprint("installable", __name__, enable_openapi=False)


@blueprint.get("/manifest.webmanifest")
def manifest() -> Response:
    """Web Application Manifest (W3C)."""
    assets, language = load_assets(static_folder()), reader_language()
    document = {
        "id": "/scan",
        "name": here().settings.site_name,
        "short_name": gettext("Scan labels"),
        "description": gettext("Reads labels and checks their signatures, without a connection too."),
        "lang": str(language),
        "dir": "rtl" if locale_of(language).text_direction == "rtl" else "ltr",
        "start_url": "/scan",
        "scope": "/",
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": ACCENT,
        "icons": [
            {"src": assets.path(name), "sizes": sizes, "type": kind, "purpose": purpose}
            for name, sizes, kind, purpose in ICONS
        ],
    }
    response = Response(json.dumps(document, ensure_ascii=False), mimetype="application/manifest+json")
    response.headers["Cache-Control"] = ASKED_ANEW
    return response


@blueprint.get("/service-worker.js")
def service_worker() -> Response:
    """The worker's script, with this release and its files in front: any change of them makes it another script.

    It is at the top, not among the assets, because that is what its scope follows from.
    """
    assets = load_assets(static_folder())
    shell = {
        "release": assets.release,
        "files": [assets.path(name) for name in assets.files if name.startswith(SHELL)],
    }
    script = f"const SHELL = {json.dumps(shell)};\n".encode() + assets.files[WORKER].body
    response = Response(script, mimetype="text/javascript")
    response.headers["Cache-Control"] = ASKED_ANEW
    response.headers["Content-Security-Policy"] = SERVICE_WORKER_POLICY
    response.add_etag()
    response.make_conditional(request)
    return response
