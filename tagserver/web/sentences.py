"""Sentences for people, in their language: the templates of `tagcore.reasons`, filled with a reason's detail, and
dates, numbers and countries as its readers write them. The only place that does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache

from babel.dates import format_date, format_time
from babel.numbers import format_decimal

from tagcore.findings import DETAIL_WORDS, LIST_MARK
from tagcore.gs1 import Expiry
from tagcore.reasons import MEANINGS, Code, Reason
from tagserver.ports.imaging import Likeness
from tagserver.web.catalogue import catalogue, gettext
from tagserver.web.languages import Language, locale_of, reader_language

_PLACE = re.compile(r"\{(\w+)\}")
WHOLE_TO = 6
"""Characters that the eye takes in at once."""

_DATES = frozenset({"date"})
_COUNTRIES = frozenset({"country", "markets"})
_LISTS = frozenset({"markets", "signals"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentences:
    """A reason in words."""

    title: str
    text: str
    advice: str


def sentences(reason: Reason, *, professional: bool = False) -> Sentences:
    """The reason's sentences, for trained staff or for everybody."""
    title, text, advice = _templates(reason.code, reader_language(), professional=professional)
    return Sentences(
        title=_fill(title, reason.detail) or _fill(text, reason.detail),
        text=_fill(text, reason.detail),
        advice=_fill(advice, reason.detail),
    )


@cache
def _templates(code: Code, language: Language, *, professional: bool) -> tuple[str, str, str]:
    """Title, text and advice with their places still empty."""
    meaning, translate = MEANINGS[code], catalogue(language).gettext
    texts = meaning.title, meaning.professional if professional else meaning.text, meaning.advice
    title, text, advice = (translate(template) if template else "" for template in texts)
    return title, text, advice


def day(moment: date | datetime) -> str:
    """A day as people write it: 2 September 2026."""
    if isinstance(moment, datetime):
        moment = moment.astimezone(UTC).date()
    return format_date(moment, "long", locale=locale_of(reader_language()))


def minute(moment: datetime) -> str:
    """A day and a minute, in UTC."""
    moment = moment.astimezone(UTC)
    clock = format_time(moment, "HH:mm", tzinfo=UTC, locale=locale_of(reader_language()))
    return gettext("%(day)s, %(clock)s UTC", day=day(moment), clock=clock)


def use_by(expiry: Expiry | None, today: date) -> str:
    """The last day of use."""
    return day(expiry.last_day(today.year)) if expiry else gettext("no date")


def number(value: int) -> str:
    """A number with its thousands told apart."""
    return format_decimal(value, locale=locale_of(reader_language()))


def country_name(code: str) -> str:
    """A country's name by its ISO 3166 code; the code itself where there is none."""
    return str(locale_of(reader_language()).territories.get(code, code))


def grouped(serial: str) -> tuple[str, ...]:
    """A serial in groups that the eye can keep: 4, 4 and 5 of a generated one, else fours; a short one stays whole."""
    if len(serial) == 13:
        return serial[:4], serial[4:8], serial[8:]
    if 0 < len(serial) <= WHOLE_TO:
        return (serial,)
    return tuple(serial[start : start + 4] for start in range(0, len(serial), 4))


def _in_words(name: str, value: str) -> str:
    """A value of a reason's detail, as it stands in a sentence."""
    if name in _LISTS:
        return gettext(LIST_MARK).join(_word(name, part) for part in value.split(LIST_MARK))
    return _word(name, value)


def _word(name: str, value: str) -> str:
    if value in DETAIL_WORDS.get(name, ()):
        return gettext(value)
    if name in _COUNTRIES:
        return country_name(value)
    return _date_in_words(value) if name in _DATES else value


def _date_in_words(value: str) -> str:
    try:
        return day(date.fromisoformat(value))
    except ValueError:
        return value


def _fill(template: str, detail: Mapping[str, str]) -> str:
    """Only the template's own places are filled: a brace in a producer's words stays a brace."""
    if "{" not in template:
        return template.strip()

    def word(found: re.Match[str]) -> str:
        name = found[1]
        return _in_words(name, detail[name]) if name in detail else ""

    return _PLACE.sub(word, template).strip()


def likeness_words(likeness: Likeness) -> str:
    """How a label was recognised that could not be read."""
    return gettext(
        "The code is too damaged to be read. It was compared with the label that was made for this serial: "
        "%(seen)s %% of what no other label has can be seen, and %(agreeing)s %% of that is as it should be.",
        seen=round(100 * likeness.seen),
        agreeing=round(100 * likeness.agreeing),
    )
