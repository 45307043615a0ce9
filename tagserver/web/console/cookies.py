"""The console's two cookies: the session's token, and the one that ties a form to a browser before there is a session.

Both are HttpOnly and end with the browser. Over https their names begin with `__Host-`, so that no other host and no
plain http can set them (RFC 6265bis, 4.1.3.2). The session's is SameSite=Lax: a link in a message leads to the page
that it names, and no form of another site is sent with it.
"""

from __future__ import annotations

import re
from typing import Literal

from flask import Request, Response

SESSION = "session"
VISITOR = "form"

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
"""32 bytes in base64url, as `services.sessions` makes them and as the visitor's are made here."""


def session_token(request: Request) -> str | None:
    """The session's token, None for what cannot be one."""
    return _read(request, SESSION)


def visitor_token(request: Request) -> str | None:
    """What ties forms before the log-in to this browser."""
    return _read(request, VISITOR)


def set_session(response: Response, request: Request, token: str) -> None:
    """Keep the session until the browser ends; the server ends it sooner."""
    _write(response, request, SESSION, token, "Lax")


def set_visitor(response: Response, request: Request, token: str) -> None:
    """Keep the visitor's token."""
    _write(response, request, VISITOR, token, "Strict")


def forget_session(response: Response, request: Request) -> None:
    """The browser forgets the session's token."""
    name = _name(request, SESSION)
    response.delete_cookie(name, path="/", secure=request.is_secure, httponly=True, samesite="Lax")


def _name(request: Request, name: str) -> str:
    return f"__Host-{name}" if request.is_secure else name


def _read(request: Request, name: str) -> str | None:
    token = request.cookies.get(_name(request, name), "")
    return token if _TOKEN.fullmatch(token) else None


def _write(
    response: Response, request: Request, name: str, token: str, same_site: Literal["Lax", "Strict"]
) -> None:
    response.set_cookie(
        _name(request, name), token, path="/", secure=request.is_secure, httponly=True, samesite=same_site
    )
