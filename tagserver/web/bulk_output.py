"""Answers to a list, written item by item: JSON, NDJSON or CSV, the summary last. Without it the list was cut off."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import islice

from flask import Request

from tagserver.services.bulk import Flaw, Item, Run, SignalCode, Summary
from tagserver.services.verify import Verification
from tagserver.web.bulk_input import ALIASES, Kind
from tagserver.web.presenting import present_tag, present_verdict
from tagserver.web.schemas.bulk import BulkItemOut, SignalOut, SummaryOut
from tagserver.web.schemas.problem import FieldProblem

CSV_COLUMNS = (
    "index", "input", "level", "code", "title", "text", "gtin", "lot", "serial", "expiry", "product", "state",
    "signals", "error", "detail",
)  # fmt: skip

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Spreadsheets run a cell that begins so (OWASP, CSV Injection)."""

_ITEMS_AT_ONCE = 50


def answer_kind(request: Request) -> Kind:
    """The kind that the client likes best, JSON without a preference."""
    best = request.accept_mimetypes.best_match(list(ALIASES), default=Kind.JSON.value)
    return ALIASES[best]


def written(run: Run, items: Iterable[Item], kind: Kind) -> Iterator[str]:
    """The answer in pieces. `items` are the run's."""
    write = {Kind.JSON: _json, Kind.NDJSON: _ndjson, Kind.CSV: _csv}[kind]
    return _gathered(write(run, items))


def present_item(item: Item) -> BulkItemOut:
    """One item, for trained staff."""
    outcome = item.outcome
    flaw = outcome if isinstance(outcome, Flaw) else None
    verified = outcome if isinstance(outcome, Verification) else None
    dossier = verified.dossier if verified else None
    return BulkItemOut(
        index=item.index,
        input=item.given if isinstance(item.given, dict) else str(item.given),
        verdict=present_verdict(verified, professional=True) if verified else None,
        tag=present_tag(verified) if verified else None,
        product=dossier.product.name if dossier and dossier.product else None,
        state=dossier.unit.standing.state if dossier and dossier.unit else None,
        error=FieldProblem(field=flaw.field, code=flaw.code, detail=flaw.detail) if flaw else None,
        signals=[_signal(item, code) for code in item.signals],
    )


def present_summary(summary: Summary) -> SummaryOut:
    """The sums, from the best level to the worst and from the most frequent code to the rarest."""
    return SummaryOut(
        items=summary.items,
        levels={level.name.lower(): times for level, times in sorted(summary.levels.items())},
        codes={code.value: times for code, times in summary.codes.most_common()},
        errors=dict(summary.errors.most_common()),
        signals={code.value: times for code, times in summary.signals.most_common()},
        repeated_units=summary.repeated_units,
    )


def _signal(item: Item, code: SignalCode) -> SignalOut:
    assert item.repeat is not None
    detail = {"first_index": str(item.repeat.first_index), "times": str(item.repeat.times)}
    return SignalOut(code=code, detail=detail)


def _json(run: Run, items: Iterable[Item]) -> Iterator[str]:
    before = '{"items":['
    for item in items:
        yield before + present_item(item).model_dump_json()
        before = ","
    yield f'],"summary":{present_summary(run.summary).model_dump_json()}}}'


def _ndjson(run: Run, items: Iterable[Item]) -> Iterator[str]:
    for item in items:
        yield present_item(item).model_dump_json() + "\n"
    yield f'{{"summary":{present_summary(run.summary).model_dump_json()}}}\n'


def _csv(run: Run, items: Iterable[Item]) -> Iterator[str]:
    yield _line(CSV_COLUMNS)
    for item in items:
        yield _line(_row(present_item(item)))
    last = ("summary", *[""] * (len(CSV_COLUMNS) - 2), present_summary(run.summary).model_dump_json())
    yield _line(last)


def _row(item: BulkItemOut) -> tuple[str, ...]:
    verdict, tag, error = item.verdict, item.tag, item.error
    given = item.input if isinstance(item.input, str) else item.input.get("text", "")
    headline = (
        (verdict.level, verdict.headline.code, verdict.headline.title, verdict.headline.text)
        if verdict
        else ()
    )
    numbers = (tag.gtin, tag.lot, tag.serial, tag.expiry) if tag else ()
    return (
        str(item.index), given, *_padded(headline, 4), *_padded(numbers, 4), item.product or "", item.state or "",
        " ".join(signal.code for signal in item.signals), *((error.code, error.detail) if error else ("", "")),
    )  # fmt: skip


def _padded(cells: tuple[str | None, ...], width: int) -> tuple[str, ...]:
    return (*(cell or "" for cell in cells), *[""] * (width - len(cells)))


def _line(cells: Iterable[str]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerow([harmless(cell) for cell in cells])
    return text.getvalue()


def harmless(cell: str) -> str:
    """The cell, with an apostrophe before it where a spreadsheet would compute."""
    return "'" + cell if cell.startswith(_STARTS_A_FORMULA) else cell


def _gathered(pieces: Iterator[str]) -> Iterator[str]:
    """Larger pieces, so that the server below does not send a packet an item."""
    while some := list(islice(pieces, _ITEMS_AT_ONCE)):
        yield "".join(some)
