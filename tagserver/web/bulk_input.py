"""Lists to verify, read item by item in flat memory: JSON, NDJSON (one item a line) and CSV (RFC 4180), all UTF-8.

An item that is wrong becomes an entry with its flaw; only a list that is no list at all is refused as a whole. What is
read comes from a file, not from the network: a client that sends all before it reads would else wait for this server,
which waits for it.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from enum import StrEnum
from io import TextIOWrapper
from itertools import chain
from typing import BinaryIO, NoReturn, TextIO

from pydantic import ValidationError

from tagcore.evidence import Typed
from tagserver.services.bulk import Entries, Entry, Flaw
from tagserver.services.errors import Refusal
from tagserver.services.viewers import coarse_place
from tagserver.web.errors import ProblemError, problem_of
from tagserver.web.json_list import JsonListError, json_items, json_place
from tagserver.web.schemas.verification import PlaceIn, VerificationIn

MAX_ITEM_CHARS = 64_000
"""8,000 characters of text, each written as an escape, and room for the rest."""

_ECHO_CHARS = 200
"""Of an item that is none."""

_TEXT_COLUMNS = ("text", "url")
_TYPED_COLUMNS = ("gtin", "serial", "lot", "expiry")
_DELIMITERS = ",;\t"


class Kind(StrEnum):
    """How a list is written, by media type."""

    JSON = "application/json"
    NDJSON = "application/x-ndjson"
    CSV = "text/csv"


ALIASES: Mapping[str, Kind] = {
    "application/ndjson": Kind.NDJSON,
    "application/jsonl": Kind.NDJSON,
    **{kind.value: kind for kind in Kind},
}


def kind_of(mimetype: str) -> Kind:
    """Raises: ProblemError MEDIA_TYPE_UNSUPPORTED."""
    if mimetype not in ALIASES:
        raise ProblemError(415, "MEDIA_TYPE_UNSUPPORTED", f"want a list as one of: {', '.join(Kind)}")
    return ALIASES[mimetype]


def entries_of(file: BinaryIO, kind: Kind) -> Entries:
    """The list in `file`, from its beginning each time. Not for two readers at once.

    Iterating raises: ProblemError BAD_REQUEST (no such list), INPUT_INVALID (a table without the columns).
    """
    read: Callable[[TextIO], Iterator[Entry]] = {Kind.JSON: _json, Kind.NDJSON: _ndjson, Kind.CSV: _csv}[kind]

    def entries() -> Iterator[Entry]:
        with _text(file) as text:
            yield from read(text)

    return entries


def place_of(file: BinaryIO, kind: Kind) -> PlaceIn | None:
    """Where the list as a whole was made, which only JSON can say. Raises: ProblemError, ValidationError."""
    if kind is not Kind.JSON:
        return None
    with _text(file) as text, _refusing():
        found = json_place(text, longest=MAX_ITEM_CHARS)
    return None if found is None else PlaceIn.model_validate(found)


def lines_of(text: str) -> Entries:
    """Texts that a person pasted, one a line; empty lines are left out."""
    return lambda: (entry_of(line.strip()) for line in text.splitlines() if line.strip())


def entry_of(value: object, raw: str | None = None) -> Entry:
    """One item. `raw` is how it was written."""
    asked = {"text": value} if isinstance(value, str) else value
    try:
        item = VerificationIn.model_validate(asked)
    except ValidationError as error:
        problem = problem_of(error)
        first = problem.fields[0] if problem.fields else None
        field = first.field if first else None
        return _flawed(raw if raw is not None else str(value), problem.code, problem.detail, field)
    place = item.place
    where = coarse_place(place.country, place.latitude, place.longitude, place.accuracy_km) if place else None
    return Entry(given=asked, what=_what(item), place=where)


def _what(item: VerificationIn) -> str | Typed:
    if item.text is not None:
        return item.text
    assert item.gtin is not None
    assert item.serial is not None
    return Typed(gtin=item.gtin, serial=item.serial, lot=item.lot, expiry=item.expiry)


def _flawed(raw: str, code: str, detail: str, field: str | None = None) -> Entry:
    """What was sent may not even be text in UTF-8: it is shown as far as it is."""
    echo = raw[:_ECHO_CHARS].encode("utf-8", "replace").decode("utf-8")
    return Entry(given=echo, what=Flaw(code=code, detail=detail, field=field))


def _invalid(raw: str, detail: str) -> Entry:
    return _flawed(raw, Refusal.INPUT_INVALID, detail)


def _json(text: TextIO) -> Iterator[Entry]:
    with _refusing():
        for value, raw in json_items(text, longest=MAX_ITEM_CHARS):
            yield entry_of(value, raw)


def _ndjson(text: TextIO) -> Iterator[Entry]:
    for line in _lines(text):
        if len(line) > MAX_ITEM_CHARS:
            yield _invalid(line, f"the line has more than {MAX_ITEM_CHARS} characters")
        elif line.strip():
            yield _line(line.strip())


def _line(line: str) -> Entry:
    try:
        value = json.loads(line, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return _invalid(line, "the line is not JSON")
    return entry_of(value, line)


def _lines(text: TextIO) -> Iterator[str]:
    """Each line with its end; of one that is too long, one character more than may be."""
    while line := text.readline(MAX_ITEM_CHARS + 1):
        yield line
        while len(line) > MAX_ITEM_CHARS and not line.endswith("\n"):
            line = text.readline(MAX_ITEM_CHARS + 1)
            if len(line) <= MAX_ITEM_CHARS:
                break


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _csv(text: TextIO) -> Iterator[Entry]:
    columns: tuple[str, ...] | None = None
    for row in _rows(text):
        if isinstance(row, Entry):
            yield row
        elif any(cell.strip() for cell in row):
            if columns is None:
                columns = _columns(row)
                if columns is None:
                    columns = (_TEXT_COLUMNS[0],)
                else:
                    continue
            yield _row(columns, row)


def _rows(text: TextIO) -> Iterator[list[str] | Entry]:
    """Rows, and an entry for each stretch of the file that is no row."""
    lines = _lines(text)
    head = next(lines, "")
    rows = csv.reader(chain((head,), lines), delimiter=max(_DELIMITERS, key=head.count))
    while True:
        try:
            yield next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield _invalid("", f"no row of CSV: {error}")


def _columns(header: list[str]) -> tuple[str, ...] | None:
    """The columns' names; None for a list without a header, which has one column. Raises: ProblemError."""
    names = tuple(name.strip().lower() for name in header)
    if any(name in names for name in _TEXT_COLUMNS) or {"gtin", "serial"} <= set(names):
        return names
    if len(names) == 1:
        return None
    detail = "want a column text or url, or columns gtin and serial; lot and expiry may be there"
    raise ProblemError(422, "INPUT_INVALID", detail, field="header")


def _row(columns: tuple[str, ...], row: list[str]) -> Entry:
    """Columns with other names are left out. A row with a text needs no numbers."""
    cells = {name: cell.strip() for name, cell in zip(columns, row, strict=False) if cell.strip()}
    texts = [cells[name] for name in _TEXT_COLUMNS if name in cells]
    item = {"text": texts[0]} if texts else {name: cells[name] for name in _TYPED_COLUMNS if name in cells}
    return entry_of(item, ",".join(row))


@contextmanager
def _text(file: BinaryIO) -> Iterator[TextIO]:
    """The file from its beginning. Bytes that are no UTF-8 spoil the item that they stand in, and no other."""
    file.seek(0)
    text = TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline=None)
    try:
        yield text
    finally:
        with suppress(ValueError):  # the file was closed meanwhile: nobody reads any more
            text.detach()


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except JsonListError as error:
        raise ProblemError(400, "BAD_REQUEST", str(error)) from None


def all_of(entries: Iterable[Entry]) -> Entries:
    """A list that is in memory, as what is read from several photographs."""
    kept = tuple(entries)
    return lambda: kept
