"""Bring the translations up to date with the texts in the code: `make messages`, then fill in what is empty.

Texts are marked in templates (`trans`, `_`) and in Python (`gettext`, `ngettext`, `mark`); the sentences of
`tagcore.reasons` and the words that fill them are taken from there. What nobody says any more is dropped.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import BinaryIO, cast

from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from tagcore.findings import DETAIL_WORDS, LIST_MARK
from tagcore.reasons import MEANINGS, Meaning
from tagserver.web.catalogue import po_file
from tagserver.web.languages import Language

PROJECT = Path(__file__).parents[1]
WEB = PROJECT / "tagserver" / "web"
SENTENCES = ("title", "text", "advice", "professional")
WIDTH = 110

HEADER = """\
Texts of the pages in another language. Apache-2.0, as the rest of the project.
`make messages` keeps this file up to date; docs/translations.md says how to write in it.
"""

_KEYWORDS = {"gettext": None, "ngettext": (1, 2), "_": None, "mark": None}
_TEMPLATE_OPTIONS = {"trimmed": "false", "newstyle_gettext": "true", "silent": "false"}
_PLACE = re.compile(r"%\((\w+)\)s|\{(\w+)\}")

Message = str | tuple[str, str]


def places(text: str) -> set[str]:
    """What is filled in: `%(name)s` in our own texts, `{name}` in those of `tagcore`."""
    return {found[0] for found in _PLACE.finditer(text)}


def texts_in_code() -> Catalog:
    """Every text that a page can show, and where it stands."""
    assert {field.name for field in fields(Meaning)} == {"rule", "level", *SENTENCES}
    catalog = Catalog(domain="messages", fuzzy=False)
    for message, place, comments in (*_of_reasons(), *_of_files()):
        catalog.add(message, locations=[(place, 0)], auto_comments=comments)
    return catalog


def update(language: Language) -> int:
    """Write the language's file anew; how many of its texts wait for their translation."""
    file = po_file(language)
    with file.open("rb") as old:
        catalog = read_po(old, locale=language.locale_name, domain="messages")
    catalog.update(texts_in_code(), no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    catalog.header_comment = "\n".join(f"# {line}" for line in HEADER.splitlines())
    with file.open("wb") as new:
        write_po(cast("BinaryIO", new), catalog, width=WIDTH, include_lineno=False, ignore_obsolete=True)
    return sum(1 for message in catalog if message.id and not _is_complete(message.string))


def main() -> int:
    """Update all languages. 1 when a text waits for its translation."""
    missing = {language: update(language) for language in Language if language is not Language.ENGLISH}
    for language, count in missing.items():
        print(
            f"messages: {language.own_name}: {count} to translate in {po_file(language).relative_to(PROJECT)}"
        )
    return int(any(missing.values()))


def _is_complete(translation: object) -> bool:
    forms = translation if isinstance(translation, tuple | list) else (translation,)
    return all(forms)


def _of_reasons() -> Iterator[tuple[Message, str, list[str]]]:
    for meaning in MEANINGS.values():
        for name in SENTENCES:
            if text := getattr(meaning, name):
                yield text, "tagcore/reasons.py", []
    for name, words in DETAIL_WORDS.items():
        for word in sorted(words):
            yield str(word), "tagcore/findings.py", [f"Fills {{{name}}}."]
    yield LIST_MARK, "tagcore/findings.py", ["Stands between the parts of a list."]


def _of_files() -> Iterator[tuple[Message, str, list[str]]]:
    for file in sorted(WEB.rglob("*.py")):
        yield from _of_file(file, "python", {})
    for file in sorted((WEB / "templates").rglob("*.html")):
        yield from _of_file(file, "jinja2.ext:babel_extract", _TEMPLATE_OPTIONS)


def _of_file(file: Path, method: str, options: dict[str, str]) -> Iterator[tuple[Message, str, list[str]]]:
    with file.open("rb") as source:
        for _, message, comments, _ in extract(method, source, _KEYWORDS, options=options):
            yield cast("Message", message), file.relative_to(PROJECT).as_posix(), comments


if __name__ == "__main__":
    sys.exit(main())
