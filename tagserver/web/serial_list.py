"""A producer's own serials as CSV: one a line, or a column named `serial` among others (RFC 4180, UTF-8)."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import TextIOWrapper
from typing import BinaryIO

from tagserver.services.errors import Refusal, ServiceError

COLUMN = "serial"


def parse_serial_list(file: BinaryIO, *, most: int) -> tuple[str, ...]:
    """The serials in their order; empty lines are left out. What a serial may hold is checked by the service.

    Raises: ServiceError SERIALS_INVALID for text that is no such table, BATCH_TOO_LARGE beyond `most`.
    """
    text = TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        rows = csv.reader(text, strict=True)
        serials: list[str] = []
        for serial in _column(rows):
            if len(serials) >= most:
                raise ServiceError(Refusal.BATCH_TOO_LARGE, f"want at most {most} serials", field="serials")
            serials.append(serial)
    except (UnicodeDecodeError, csv.Error) as error:
        raise ServiceError(Refusal.SERIALS_INVALID, "want CSV in UTF-8", field="serials") from error
    finally:
        text.detach()
    if not serials:
        raise ServiceError(Refusal.SERIALS_INVALID, "the list of serials is empty", field="serials")
    return tuple(serials)


def _column(rows: Iterator[list[str]]) -> Iterator[str]:
    """Without a header the only column; with one, the column that it calls `serial`."""
    place: int | None = None
    width = 1
    for row in rows:
        if not any(row):
            continue
        if place is None:
            names = [name.strip().lower() for name in row]
            place, width = (names.index(COLUMN), len(names)) if COLUMN in names else (0, 1)
            if COLUMN in names:
                continue
        if len(row) != width:
            raise csv.Error(f"got {len(row)} columns, want {width}")
        yield row[place].strip()
