"""What the page of a checked list shows: sums, and each code in words, the ones to look at first.

The same rows go out as HTML, as JSON to the page's script, and as a report in CSV.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from tagcore.errors import ForeignCodeError
from tagcore.evidence import Ours
from tagcore.reasons import Level
from tagcore.tag import canonical_case, split_host
from tagserver.services.bulk import Flaw, Item
from tagserver.services.verify import Verification
from tagserver.web.bulk_output import harmless
from tagserver.web.catalogue import gettext, mark
from tagserver.web.presenting import shown_verdict
from tagserver.web.sentences import sentences
from tagserver.web.verdict_page import Look, look

REPORT_COLUMNS = (
    "line", "input", "level", "code", "title", "text", "gtin", "lot", "serial", "product", "times_in_list", "error",
)  # fmt: skip

SHOWN_CHARACTERS = 300
"""Of a text that is no tag: enough to see what it is."""

_UNREAD = Look(tone="none", symbol="question")

_LEVELS = {
    Level.STOP: mark("do not use"),
    Level.SUSPECT: mark("suspect"),
    Level.CAUTION: mark("look closer"),
    Level.NOT_OURS: mark("not one of our codes"),
    Level.UNCHECKED: mark("could not be checked"),
    Level.MATCH: mark("match the record"),
}
"""From the worst to the best, in words that follow a number."""

_UNREAD_WORDS = mark("could not be read")
_UNREAD_RANK = Level.NOT_OURS.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One item in words. `line` counts from 1; `rank` is 0 for what is in order; `unit` is "" for none of ours."""

    line: int
    rank: int
    kind: str
    tone: str
    symbol: str
    title: str
    text: str
    given: str
    path: str
    product: str
    serial: str
    unit: str
    times: int
    report: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """For the page's script."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many items are of one kind; `words` follow the number."""

    kind: str
    look: Look
    words: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """A checked list: `flagged` rows from the worst on, and those that `match`."""

    tallies: tuple[Tally, ...]
    flagged: tuple[Row, ...]
    matching: tuple[Row, ...]
    repeated: int
    report: str


def list_page(rows: Iterable[Row]) -> ListPage:
    """The page; rows of one rank stay in the list's order."""
    rows = tuple(rows)
    counts = Counter(row.kind for row in rows)
    flagged = sorted((row for row in rows if row.rank), key=lambda row: -row.rank)
    return ListPage(
        tallies=tuple(tally for tally in tallies(counts) if tally.count),
        flagged=tuple(flagged),
        matching=tuple(row for row in rows if not row.rank),
        repeated=len({row.unit for row in rows if row.times > 1}),
        report=report(rows),
    )


def tallies(counts: Counter[str]) -> tuple[Tally, ...]:
    """One for each kind, the worst first."""
    kinds = [(level.name.lower(), look(level), words) for level, words in _LEVELS.items()]
    kinds.append(("unread", _UNREAD, _UNREAD_WORDS))
    return tuple(
        Tally(kind=kind, look=shape, words=gettext(words), count=counts[kind]) for kind, shape, words in kinds
    )


def row_of(item: Item, *, professional: bool) -> Row:
    """An item in words."""
    match item.outcome:
        case Flaw() as flaw:
            return _unread(item, flaw)
        case Verification() as verification:
            return _verified(item, verification, professional=professional)


def report(rows: Iterable[Row]) -> str:
    """CSV (RFC 4180) in the list's order, with a byte order mark: without it Excel takes UTF-8 for something else."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(REPORT_COLUMNS)
    writer.writerows(row.report for row in rows)
    return "\ufeff" + text.getvalue()


def _unread(item: Item, flaw: Flaw) -> Row:
    given = _given(item)
    title = gettext("Could not be read")
    cells = ("", flaw.code, title, flaw.detail, "", "", "", "", "", flaw.code)
    return Row(
        line=item.index + 1,
        rank=_UNREAD_RANK,
        kind="unread",
        tone=_UNREAD.tone,
        symbol=_UNREAD.symbol,
        title=title,
        text=flaw.detail,
        given=given,
        path="",
        product="",
        serial="",
        unit="",
        times=1,
        report=_cells(item, given, cells),
    )


def _verified(item: Item, verification: Verification, *, professional: bool) -> Row:
    verdict = shown_verdict(verification, professional=professional)
    shape, words = look(verdict.level), sentences(verdict.headline, professional=professional)
    product = verification.dossier.product
    name, batch = product.name if product else "", verification.dossier.batch
    gtin, serial = verification.gtin or "", verification.serial or ""
    given, times = _given(item), item.repeat.times if item.repeat else 1
    level, code = verdict.level.name.lower(), verdict.headline.code
    lot = batch.lot if batch else ""
    cells = (level, code, words.title, words.text, gtin, lot, serial, name, str(times) if serial else "", "")
    return Row(
        line=item.index + 1,
        rank=verdict.level.value,
        kind=level,
        tone=shape.tone,
        symbol=shape.symbol,
        title=words.title,
        text=words.text,
        given=given,
        path=_path(verification, given),
        product=name,
        serial=serial,
        unit=f"{gtin} {serial}" if serial else "",
        times=times,
        report=_cells(item, given, cells),
    )


def _cells(item: Item, given: str, cells: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(harmless(cell) for cell in (str(item.index + 1), given, *cells))


def _given(item: Item) -> str:
    given = item.given
    text = " ".join(str(value) for value in given.values()) if isinstance(given, dict) else str(given)
    return text[:SHOWN_CHARACTERS]


def _path(verification: Verification, given: str) -> str:
    return own_path(given) if isinstance(verification.reading, Ours) else ""


def own_path(text: str) -> str:
    """The page of a tag that was read as `text`; "" for one that was recognised, whose signature is not told."""
    try:
        _, path = split_host(canonical_case(text.strip()))
    except ForeignCodeError:
        return ""
    return path
