"""Who asks: the bearer token of a request (RFC 6750), if it has one.

A token that is not valid is refused everywhere, on public pages too: whoever sends one wants to be somebody.
"""

from __future__ import annotations

from flask import Flask, g, request

from tagserver.ports import Scope
from tagserver.services.access import Caller
from tagserver.services.errors import AccessError, Refusal
from tagserver.web.surroundings import here

MAX_TOKEN_LENGTH = 200
"""Ours have 84 characters."""


def install(app: Flask) -> None:
    """Look at the token before any view runs."""
    app.before_request(_identify)


def caller() -> Caller | None:
    """Whoever sent the request; None for the public."""
    found = g.get("caller")
    assert found is None or isinstance(found, Caller)
    return found


def required_caller() -> Caller:
    """Raises: AccessError TOKEN_MISSING."""
    found = caller()
    if found is None:
        raise AccessError(Refusal.TOKEN_MISSING, "this needs a token: send Authorization: Bearer ...")
    return found


def professional() -> Caller | None:
    """The caller, if it is an organisation whose token is made for verifying."""
    found = caller()
    return found if found is not None and Scope.VERIFY in found.scopes else None


def _identify() -> None:
    header = request.headers.get("Authorization")
    if header is not None and request.endpoint != "static":
        g.caller = here().services.access.authenticate(_token(header))


def _token(header: str) -> str:
    scheme, _, token = header.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or len(token) > MAX_TOKEN_LENGTH:
        raise AccessError(Refusal.TOKEN_INVALID, "want Authorization: Bearer and a token")
    return token
