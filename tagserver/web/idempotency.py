"""The Idempotency-Key header: a request that carries one may be sent again and is done once."""

from __future__ import annotations

import re
from typing import Literal, overload

from flask import Request

from tagserver.web.errors import ProblemError

HEADER = "Idempotency-Key"

_KEY = re.compile(r"[!-~]{1,200}", re.ASCII)


@overload
def idempotency_key(request: Request, *, required: Literal[True]) -> str: ...


@overload
def idempotency_key(request: Request, *, required: Literal[False]) -> str | None: ...


def idempotency_key(request: Request, *, required: bool) -> str | None:
    """The key, 1 to 200 printable ASCII characters without spaces. Raises: ProblemError."""
    key = request.headers.get(HEADER)
    if key is None and not required:
        return None
    if key is None:
        detail = f"send {HEADER}: a name of your own for this request, so that repeating it is safe"
        raise ProblemError(400, "IDEMPOTENCY_KEY_MISSING", detail, field=HEADER)
    if not _KEY.fullmatch(key):
        detail = f"{HEADER} has 1 to 200 printable ASCII characters and no space"
        raise ProblemError(400, "IDEMPOTENCY_KEY_INVALID", detail, field=HEADER)
    return key
