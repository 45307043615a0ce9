"""Forms that only our own pages can send: each carries a keyed hash of the cookie that it is sent with.

Inside a session that is the session's token (a synchroniser token bound to it); before one, a random token of this
browser (a signed double submit). Pages have no referrer here, so browsers send `Origin: null` with forms;
`Sec-Fetch-Site` is believed in its place where it is sent.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256

from flask import Request

from tagserver.web.errors import ProblemError

FIELD = "csrf"
CODE = "FORM_REFUSED"

_OURS = frozenset({"same-origin", "none", ""})


def form_token(secret: bytes, binding: str) -> str:
    """What a form carries: 43 URL-safe characters. `binding` is the cookie's value."""
    key = hmac.digest(secret, b"origintag/csrf", sha256)
    return urlsafe_b64encode(hmac.digest(key, binding.encode("utf-8"), sha256)).decode("ascii").rstrip("=")


def check_form(request: Request, secret: bytes, binding: str | None) -> None:
    """Raises: ProblemError FORM_REFUSED unless the form came from one of our pages in this browser."""
    site = request.headers.get("Sec-Fetch-Site", "")
    sent = request.form.get(FIELD, "")
    known = binding is not None and hmac.compare_digest(
        form_token(secret, binding).encode("ascii"), sent.encode("utf-8", "replace")
    )
    if site not in _OURS or not known:
        detail = (
            "The form came from elsewhere, or lay open too long. Go back, reload the page and send it again."
        )
        raise ProblemError(403, "FORM_REFUSED", detail)
