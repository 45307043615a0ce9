"""Files of a producer's own serials."""

from __future__ import annotations

import csv
from pathlib import Path

from tagcore.errors import Gs1SyntaxError
from tagcore.gs1 import parse_serial
from tagserver.services.errors import Refusal, ServiceError


def read_serials(path: Path) -> list[str]:
    """The first column of a CSV file; a first line `serial` is a heading, empty lines are passed over.

    Raises: ServiceError SERIALS_INVALID, which names the line of the file.
    """
    lines: dict[str, int] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file)
            for row in rows:
                serial = row[0].strip() if row else ""
                if serial and not (not lines and serial.lower() == "serial"):
                    _add(lines, serial, rows.line_num, path)
    except (UnicodeDecodeError, csv.Error) as error:
        raise _invalid(f"{path} is no CSV file in UTF-8: {error}") from error
    if not lines:
        raise _invalid(f"{path} has no serials")
    return list(lines)


def _add(lines: dict[str, int], serial: str, line: int, path: Path) -> None:
    try:
        parse_serial(serial)
    except Gs1SyntaxError as error:
        raise _invalid(f"{path}, line {line}: {error}") from error
    if serial in lines:
        raise _invalid(f"{path}, line {line}: {serial} is on line {lines[serial]} already")
    lines[serial] = line


def _invalid(message: str) -> ServiceError:
    return ServiceError(Refusal.SERIALS_INVALID, message, field="serials")
