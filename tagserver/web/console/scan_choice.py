"""Which scans a page of the console is asked for, as they stand in its address, and the place where to go on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from tagcore.errors import InputError
from tagcore.gs1 import gtin_from_any, parse_gtin
from tagserver.ports import BatchNumber, ScanSpot
from tagserver.services.own_scans import ScanMark, Selection
from tagserver.web.console.draft import Draft

FIELDS = ("gtin", "batch", "from", "to", "show")
FLAGGED = "flagged"

_MARK = re.compile(r"(\d{1,15}|[1-3]\d{15})\.(\d{1,4})\.(\d{14})\.([!-z]{0,20})", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = re.compile(r"20\d{2}-\d{2}-\d{2}", re.ASCII)


def selection_of(draft: Draft) -> Selection | None:
    """What is asked for; None, and faults at their fields, when it cannot be read. Both days are included."""
    gtin = draft.parsed("gtin", gtin_from_any) if draft.text("gtin") else None
    batch = draft.number("batch")
    first, last = _day(draft, "from"), _day(draft, "to")
    if first is not None and last is not None and first > last:
        draft.note("to", "RANGE_INVALID")
    if not draft.is_good:
        return None
    return Selection(
        gtin=gtin,
        batch=None if batch is None else BatchNumber(batch),
        since=first,
        until=None if last is None else last + timedelta(days=1),
        flagged=draft.text("show") == FLAGGED,
    )


def address_of(draft: Draft) -> Mapping[str, str]:
    """The parameters that ask for the same again."""
    return {name: draft.text(name) for name in FIELDS if draft.text(name)}


def format_mark(mark: ScanMark) -> str:
    """A scan's place, as it stands in an address."""
    microseconds = (mark.spot.at - _EPOCH) // timedelta(microseconds=1)
    return f"{microseconds}.{mark.spot.turn}.{mark.gtin}.{mark.spot.serial}"


def parse_mark(text: str) -> ScanMark | None:
    """The place that `format_mark` wrote; None, the beginning, for anything else."""
    found = _MARK.fullmatch(text)
    if found is None:
        return None
    microseconds, turn, gtin, serial = found.groups()
    spot = ScanSpot(at=_EPOCH + timedelta(microseconds=int(microseconds)), turn=int(turn), serial=serial)
    try:
        return ScanMark(spot=spot, gtin=parse_gtin(gtin))
    except InputError:
        return None


def _day(draft: Draft, name: str) -> datetime | None:
    text = draft.text(name)
    if not text:
        return None
    try:
        if _DAY.fullmatch(text):
            return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
    except ValueError:
        pass
    draft.note(name, "DATE_INVALID")
    return None
