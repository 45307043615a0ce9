"""The language of an answer: the reader's own choice (a cookie), else what the browser asks for, else English."""

from __future__ import annotations

from enum import StrEnum
from functools import cache

from babel import Locale
from flask import Flask, Request, Response, g, has_request_context, request

COOKIE = "lang"
COOKIE_SECONDS = 365 * 24 * 3600


class Language(StrEnum):
    """What pages can be read in, as BCP 47 names it."""

    ENGLISH = "en"
    CHINESE = "zh-Hans"

    @property
    def locale_name(self) -> str:
        """As Babel and gettext name it. English dates are written as in Britain: 2 September 2026."""
        return {Language.ENGLISH: "en_GB", Language.CHINESE: "zh_Hans"}[self]

    @property
    def own_name(self) -> str:
        """What its readers call it."""
        return {Language.ENGLISH: "English", Language.CHINESE: "中文"}[self]


_BY_PRIMARY_SUBTAG = {"en": Language.ENGLISH, "zh": Language.CHINESE, "*": Language.ENGLISH}
"""Readers of traditional characters are better served by simplified ones than by English."""


@cache
def locale_of(language: Language) -> Locale:
    """How it writes dates, numbers and countries."""
    return Locale.parse(language.locale_name)


def parse_language(text: str) -> Language | None:
    """A choice that was sent; None for what is no language of ours."""
    return next((language for language in Language if language == text), None)


def language_of(asked: Request) -> Language:
    """The language to answer a request in; RFC 9110, 12.5.4, by the primary subtag alone: `zh-CN` is Chinese."""
    chosen = parse_language(asked.cookies.get(COOKIE, ""))
    if chosen is not None:
        return chosen
    for tag, quality in asked.accept_languages:
        found = _BY_PRIMARY_SUBTAG.get(tag.replace("_", "-").partition("-")[0].lower())
        if found is not None and quality > 0:
            return found
    return Language.ENGLISH


def reader_language() -> Language:
    """The language of the present request; English outside of one."""
    if not has_request_context():
        return Language.ENGLISH
    if "language" not in g:
        g.language = language_of(request)
    found = g.language
    assert isinstance(found, Language)
    return found


def remember_language(response: Response, language: Language, *, secure: bool) -> None:
    """Set the cookie."""
    response.set_cookie(
        COOKIE, language, max_age=COOKIE_SECONDS, secure=secure, httponly=True, samesite="Lax", path="/"
    )


def install(app: Flask) -> None:
    """Say of each answer that holds texts which language it is in, and what that depends on."""
    app.after_request(_declare)


def _declare(response: Response) -> Response:
    if "language" in g:
        response.headers.setdefault("Content-Language", g.language)
        response.vary.update(("Accept-Language", "Cookie"))
    return response
