"""How large a request may be: little by default, more where a route says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, current_app, request

from tagserver.config import Settings
from tagserver.web.surroundings import here

SERIALS_BYTES = 24_000_000
"""A million own serials of 20 characters, one a line; larger lists are issued at the console."""

LIST_BYTES = 20_000_000
"""A bulk check's list: 50,000 items of 400 bytes, more than the longest tag takes."""

_FORM_OVERHEAD = 64_000
"""What a multipart form adds to the file in it."""

Limit = Callable[[Settings], int]
View = TypeVar("View", bound=Callable[..., object])

_ATTRIBUTE = "origintag_body_limit"


def images(settings: Settings) -> int:
    """One photograph."""
    return settings.max_image_bytes + _FORM_OVERHEAD


def serial_lists(settings: Settings) -> int:
    """A list of own serials."""
    return max(SERIALS_BYTES + _FORM_OVERHEAD, settings.max_body_bytes)


def bulk_lists(settings: Settings) -> int:
    """A list to verify, bare or as a file in a form."""
    return max(LIST_BYTES + _FORM_OVERHEAD, settings.max_body_bytes)


def body_limit(limit: Limit) -> Callable[[View], View]:
    """Let a view take larger bodies than the default."""

    def mark(view: View) -> View:
        setattr(view, _ATTRIBUTE, limit)
        return view

    return mark


def install(app: Flask, settings: Settings) -> None:
    """Set the default and watch for views that are marked."""
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    app.config["MAX_FORM_MEMORY_SIZE"] = settings.max_body_bytes
    app.config["MAX_FORM_PARTS"] = 20
    app.before_request(_raise_limit)


def _raise_limit() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    limit: Limit | None = getattr(view, _ATTRIBUTE, None)
    if limit is not None:
        request.max_content_length = limit(here().settings)
