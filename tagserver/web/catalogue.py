"""Texts in the reader's language: English stands in the code, the others in `translations/<language>/LC_MESSAGES`.

A catalogue is the `.po` file that translators edit, compiled in memory when a process first needs it: nothing that
is compiled is kept, so a checkout and a wheel hold the same. `make messages` brings the files up to date.
"""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from tagserver.web.languages import Language, reader_language

FOLDER = Path(__file__).parent / "translations"


def po_file(language: Language) -> Path:
    """Where a language's texts stand. English has none."""
    return FOLDER / language.locale_name / "LC_MESSAGES" / "messages.po"


@cache
def catalogue(language: Language) -> NullTranslations:
    """The texts of a language; once a process."""
    if language is Language.ENGLISH:
        return NullTranslations()
    with po_file(language).open("rb") as file:
        texts = read_po(file, locale=language.locale_name, domain="messages")
    compiled = BytesIO()
    write_mo(compiled, texts)
    compiled.seek(0)
    return GNUTranslations(compiled)


def mark(message: str) -> str:
    """The message itself: says that it is translated later, where it is shown."""
    return message


def gettext(message: str, /, **values: object) -> str:
    """The message in the reader's language, its `%(name)s` filled."""
    text = catalogue(reader_language()).gettext(message)
    return text % values if values else text


def ngettext(one: str, many: str, num: int, /, **values: object) -> str:
    """As `gettext`, in the form that goes with `num`."""
    text = catalogue(reader_language()).ngettext(one, many, num)
    return text % values if values else text


def plain_gettext(message: str) -> str:
    """For templates: they fill the places themselves, so that what they fill in is escaped."""
    return catalogue(reader_language()).gettext(message)


def plain_ngettext(one: str, many: str, num: int) -> str:
    """As `plain_gettext`, in the form that goes with `num`."""
    return catalogue(reader_language()).ngettext(one, many, num)
