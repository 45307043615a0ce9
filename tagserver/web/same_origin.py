"""Forms that need no log-in: only our own pages may send them.

A browser says by itself where a form comes from: `Sec-Fetch-Site` (Fetch Metadata) on secure connections, and
`Origin` (RFC 6454) with every POST. Neither can be set by another site's page. What sends neither is no browser
that another site could make use of.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Request

from tagserver.web.errors import ProblemError
from tagserver.web.surroundings import here

_OURS = frozenset({"same-origin", "none"})


def check_same_origin(request: Request) -> None:
    """Raises: ProblemError CROSS_SITE when another site's page sent the request."""
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site is not None:
        is_ours = site in _OURS
    elif origin is not None:
        is_ours = _authority(origin) in {request.host.lower(), here().settings.tag_host.lower()}
    else:
        is_ours = True
    if not is_ours:
        raise ProblemError(
            403, "CROSS_SITE", "this form was sent by another site's page; open it here instead"
        )


def _authority(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""
