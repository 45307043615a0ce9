"""How the console's templates write times, countries, verdicts and last days of use: densely, in the reader's words."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Flask

from tagcore.gs1 import Expiry
from tagcore.reasons import MEANINGS, Code, Level
from tagserver.web.catalogue import gettext
from tagserver.web.sentences import country_name, use_by
from tagserver.web.surroundings import here
from tagserver.web.verdict_page import Look, look


def stamp(moment: datetime) -> str:
    """A minute in UTC, in the one way that sorts and that everybody reads alike (ISO 8601): 2026-09-02 09:30."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}"


def verdict_words(headline: str) -> str:
    """The title of a verdict that was given; its code when a later program gave it."""
    meaning = MEANINGS.get(Code(headline)) if headline in set(Code) else None
    return gettext(meaning.title or meaning.professional) if meaning else headline


def level_look(level: int) -> Look:
    """Colours and symbol of a verdict that was given."""
    return look(Level(level))


def last_day(expiry: Expiry | None) -> str:
    """The last day of use."""
    return use_by(expiry, here().clock().date())


def install(app: Flask) -> None:
    """Bind them to the templates."""
    app.jinja_env.filters.update(
        stamp=stamp,
        verdict_words=verdict_words,
        level_look=level_look,
        last_day=last_day,
        country=country_name,
    )
