"""Lists of texts: CSV (RFC 4180), NDJSON, or plain text with one a line; UTF-8, with or without a mark in front."""

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from io import TextIOBase
from itertools import chain
from pathlib import Path

from scanner.bulk.entry import NUMBERS, Entry, entry_of, flawed
from scanner.errors import ScannerError

MAX_LINE_CHARS = 64_000
"""8,000 characters of text, each written as an escape, and room for the rest."""

_TEXT_COLUMNS = ("text", "url")
_DELIMITERS = ",;\t"


class ListFormatError(ScannerError):
    """The file is no list that is read here."""

    code = "LIST_FORMAT_UNSUPPORTED"


def entries_in_list(path: Path) -> Iterator[Entry]:
    """The items of a file `.csv`, `.ndjson`, `.jsonl` or `.txt`, in order; flat memory.

    Raises: ListFormatError for another kind of file, one that cannot be opened, or a table without the columns.
    """
    read = _READERS.get(path.suffix.lower())
    if read is None:
        raise ListFormatError(f"{path.name}: want a folder of pictures, or a list: {', '.join(_READERS)}")
    try:
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline=None) as file:
            yield from read(path.name, file)
    except OSError as error:
        raise ListFormatError(f"{path.name} cannot be read: {error.strerror}") from error


def _lines(file: TextIOBase) -> Iterator[str]:
    """Each line with its end; of one that is too long, one character more than may be."""
    while line := file.readline(MAX_LINE_CHARS + 1):
        yield line
        while len(line) > MAX_LINE_CHARS and not line.endswith("\n"):
            line = file.readline(MAX_LINE_CHARS + 1)


def _plain(name: str, file: TextIOBase) -> Iterator[Entry]:
    for number, line in enumerate(_lines(file), 1):
        if line.strip():
            yield entry_of(f"{name}:{number}", {"text": line.strip()})


def _ndjson(name: str, file: TextIOBase) -> Iterator[Entry]:
    for number, line in enumerate(_lines(file), 1):
        if line.strip():
            yield _json_entry(f"{name}:{number}", line)


def _json_entry(source: str, line: str) -> Entry:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return flawed(source, "the line is not JSON")
    item = {"text": value} if isinstance(value, str) else value
    if not isinstance(item, dict) or not all(isinstance(member, str) for member in item.values()):
        return flawed(source, "want a text, or an object of texts")
    return entry_of(source, item)


def _csv(name: str, file: TextIOBase) -> Iterator[Entry]:
    lines = _lines(file)
    head = next(lines, "")
    rows = csv.reader(chain((head,), lines), delimiter=max(_DELIMITERS, key=head.count))
    columns: tuple[str, ...] | None = None
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield flawed(f"{name}:{rows.line_num}", f"no row of CSV: {error}")
            continue
        if not any(cell.strip() for cell in row):
            continue
        if columns is None:
            columns = _columns(name, row)
            if columns:
                continue
            columns = (_TEXT_COLUMNS[0],)
        yield entry_of(f"{name}:{rows.line_num}", _item(columns, row))


def _columns(name: str, header: list[str]) -> tuple[str, ...]:
    """The columns' names; none for a list without a header, which has one column."""
    names = tuple(cell.strip().lower() for cell in header)
    if any(column in names for column in _TEXT_COLUMNS) or {"gtin", "serial"} <= set(names):
        return names
    if len(names) == 1:
        return ()
    raise ListFormatError(f"{name}: want a column text or url, or columns gtin and serial")


def _item(columns: tuple[str, ...], row: list[str]) -> Mapping[str, str]:
    cells = {column: cell.strip() for column, cell in zip(columns, row, strict=False) if cell.strip()}
    for column in _TEXT_COLUMNS:
        if column in cells:
            return {"text": cells[column]}
    return {column: cells[column] for column in NUMBERS if column in cells}


_READERS: Mapping[str, Callable[[str, TextIOBase], Iterator[Entry]]] = {
    ".csv": _csv,
    ".ndjson": _ndjson,
    ".jsonl": _ndjson,
    ".txt": _plain,
}
