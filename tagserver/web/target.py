"""The request's target exactly as it was sent: tags are canonical byte for byte, and WSGI decodes paths.

`%2F` in a lot and a slash between two elements are different tags' texts, yet one and the same in PATH_INFO
(PEP 3333). waitress, uWSGI and Apache hand on the target as REQUEST_URI, gunicorn as RAW_URI.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

_RAW = ("RAW_URI", "REQUEST_URI")

_UNRESERVED = "-._"
"""With letters and digits: what a tag's path leaves unescaped (docs/spec/tag-format.md). quote() adds `~`,
which is not in GS1's character set, so such a path is refused either way.
"""


def raw_target(environ: Mapping[str, Any]) -> str:
    """Path and query as sent, beginning with a slash.

    Behind a server that keeps the target to itself it is written anew from the decoded path. A lot or serial that
    holds a slash then reads as two elements and is refused: never is one tag taken for another, because its
    signature covers the fields.
    """
    for name in _RAW:
        if sent := environ.get(name):
            return _origin_form(str(sent))
    path = quote(str(environ.get("PATH_INFO", "")).encode("latin-1"), safe=f"/{_UNRESERVED}")
    query = environ.get("QUERY_STRING")
    return f"{path}?{query}" if query else path


def _origin_form(target: str) -> str:
    """Without scheme and host, which RFC 9112, 3.2.2, allows a client to send."""
    if target.startswith("/"):
        return target
    scheme, found, rest = target.partition("://")
    if not found or scheme.lower() not in {"http", "https"}:
        return target
    _, slash, path = rest.partition("/")
    return slash + path
