"""Where a form may lead back to: a path of this site and nothing else, so that no link of ours opens another's page."""

from __future__ import annotations

import re

from flask import Request, current_app
from werkzeug.exceptions import HTTPException

from tagserver.web.target import raw_target

MAX_LENGTH = 2_000

_LOCAL = re.compile(r"/(?![/\\])[!-\[\]-~]*", re.ASCII)
"""One slash, no second one and no backslash, which browsers take for one; no space, no control character."""


def local_path(text: str) -> str:
    """`text` if it is a path of this site, else the start page."""
    return text if len(text) <= MAX_LENGTH and _LOCAL.fullmatch(text) else "/"


def present_path(request: Request) -> str:
    """The path that shows the present page again, byte for byte; the start page where only a form leads here."""
    if request.method in {"GET", "HEAD"}:
        return local_path(raw_target(request.environ))
    try:
        current_app.url_map.bind("").match(request.path, "GET")
    except HTTPException:
        return "/"
    return local_path(request.path)
