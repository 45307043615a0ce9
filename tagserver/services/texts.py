"""Texts that callers give: short enough for their column, and without what no text for people holds.

A database would refuse a NUL or too long a text with an error of its own, and only one of the two databases.
"""

from __future__ import annotations

import re
import unicodedata

from tagserver.services.errors import Refusal, ServiceError

MAX_LINE = 200
"""Characters of a name, a place or an idempotency key."""

MAX_TEXT = 5_000
"""Characters of a reason, a note, a description: a page of text."""

_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_LAYOUT = frozenset("\t\n\r")
_NO_TEXT = frozenset({"Cc", "Cs"})
"""Unicode's categories of control characters and of surrogates, which UTF-8 cannot write."""


def check_line(text: str, field: str, *, shortest: int = 0) -> None:
    """Raises: ServiceError INPUT_INVALID unless `text` is one line of `shortest` to MAX_LINE characters."""
    if not shortest <= len(text.strip()) or len(text) > MAX_LINE or any(map(_is_no_text, text)):
        message = f"{field}: want one line of {shortest} to {MAX_LINE} characters"
        raise ServiceError(Refusal.INPUT_INVALID, message, field=field)


def check_text(text: str, field: str) -> None:
    """Raises: ServiceError INPUT_INVALID unless `text` has at most MAX_TEXT characters, all of them text."""
    if len(text) > MAX_TEXT or any(_is_no_text(character) for character in set(text) - _LAYOUT):
        message = f"{field}: want at most {MAX_TEXT} characters of text"
        raise ServiceError(Refusal.INPUT_INVALID, message, field=field)


def check_country(country: str, field: str) -> None:
    """Raises: ServiceError INPUT_INVALID unless `country` has the form of an ISO 3166-1 alpha-2 code."""
    if not _COUNTRY.fullmatch(country):
        message = f"{field}: got {country[:8]!r}, want two capital letters such as CN"
        raise ServiceError(Refusal.INPUT_INVALID, message, field=field)


def _is_no_text(character: str) -> bool:
    return unicodedata.category(character) in _NO_TEXT
