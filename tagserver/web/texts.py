"""Templates speak the reader's language: what they mark is translated, and dates and numbers are written its way."""

from __future__ import annotations

from flask import Flask, request

from tagserver.web.catalogue import plain_gettext, plain_ngettext
from tagserver.web.languages import Language, locale_of, reader_language
from tagserver.web.local_path import present_path
from tagserver.web.sentences import number


def install(app: Flask) -> None:
    """Bind the catalogues and the filter `number` to the templates."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined] # the extension adds it
        plain_gettext, plain_ngettext, newstyle=True
    )
    app.jinja_env.filters["number"] = number
    app.context_processor(_page)


def _page() -> dict[str, object]:
    """What the frame needs: its language, its direction, and the other languages with the way back."""
    language = reader_language()
    return {
        "language": language,
        "direction": locale_of(language).text_direction,
        "other_languages": _others(language),
        "present_path": present_path(request),
    }


def _others(language: Language) -> tuple[Language, ...]:
    """What the header offers to switch to."""
    return tuple(other for other in Language if other is not language)
