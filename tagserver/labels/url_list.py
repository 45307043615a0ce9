"""The texts of all labels as CSV (RFC 4180), for printing houses that make the symbols themselves."""

import csv
import io
from collections.abc import Iterable
from itertools import islice
from typing import BinaryIO

from tagserver.labels.content import LabelContent

COLUMNS = ("sequence", "url", "gtin", "lot", "expiry", "serial")

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Spreadsheets run a cell that begins so (OWASP, CSV Injection)."""

_ROWS_AT_ONCE = 4096


def write_url_list(contents: Iterable[LabelContent], out: BinaryIO, *, first: int = 1) -> int:
    """Writes a header and one row a label, in UTF-8, and returns how many labels there were.

    `first` is the sequence number of the first label. Lots and serials may begin with a sign that makes
    spreadsheets compute; an apostrophe is put before those. The URL is what counts, and never changed.
    """
    out.write((",".join(COLUMNS) + "\r\n").encode())
    rows = enumerate(contents, first)
    count = 0
    while chunk := list(islice(rows, _ROWS_AT_ONCE)):
        text = io.StringIO(newline="")
        csv.writer(text).writerows(_row(sequence, content) for sequence, content in chunk)
        out.write(text.getvalue().encode())
        count += len(chunk)
    return count


def _row(sequence: int, content: LabelContent) -> tuple[int | str, ...]:
    batch = content.batch
    return sequence, content.url, *map(_harmless, (batch.gtin, batch.lot, batch.expiry, content.serial))


def _harmless(field: str) -> str:
    return "'" + field if field.startswith(_STARTS_A_FORMULA) else field
