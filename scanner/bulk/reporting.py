"""The report: one row an item, for spreadsheets and programs; and its sums, for people."""

import csv
from collections import Counter
from dataclasses import dataclass, field
from typing import TextIO

from scanner.answer import Answer
from scanner.bulk.entry import Entry, Flaw
from scanner.report import visible
from tagcore.reasons import Level

COLUMNS = (
    "source", "index", "text", "level", "code", "title", "advice", "gtin", "lot", "serial", "expiry", "product",
    "state", "signals", "first_index", "checked_by", "note", "error", "detail",
)  # fmt: skip

DUPLICATE = "DUPLICATE_IN_BATCH"

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Spreadsheets run a cell that begins so (OWASP, CSV Injection)."""


class Report:
    """Rows, written as they come."""

    def __init__(self, file: TextIO) -> None:
        self._rows = csv.DictWriter(file, COLUMNS, restval="")
        self._rows.writeheader()

    def add(self, index: int, entry: Entry, outcome: Answer | Flaw, first_index: int | None) -> None:
        """One item; `first_index` is where its unit stands first, None for a unit that stands there once."""
        row = {"source": entry.source, "index": str(index), "text": entry.text, **entry.numbers}
        if first_index is not None:
            row |= {"signals": DUPLICATE, "first_index": str(first_index)}
        row |= _flaw(outcome) if isinstance(outcome, Flaw) else _answer(outcome)
        self._rows.writerow({column: harmless(visible(cell)) for column, cell in row.items()})


def harmless(cell: str) -> str:
    """The cell, with an apostrophe before it where a spreadsheet would compute."""
    return "'" + cell if cell.startswith(_STARTS_A_FORMULA) else cell


def _flaw(flaw: Flaw) -> dict[str, str]:
    return {"error": flaw.code, "detail": flaw.detail}


def _answer(answer: Answer) -> dict[str, str]:
    product, state = (answer.record.get(part, {}) for part in ("product", "state"))
    return {
        "level": answer.level.name.lower(),
        "code": answer.code,
        "title": answer.title,
        "advice": answer.advice,
        "product": str(product.get("name", "")),
        "state": str(state.get("state", "")),
        "checked_by": answer.by,
        "note": answer.note,
    }


@dataclass(slots=True, kw_only=True)
class Tally:
    """Sums over a run. `codes` are those of headlines."""

    items: int = 0
    repeated: int = 0
    levels: Counter[Level] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    unreadable: int = 0
    empty: int = 0

    def count(self, outcome: Answer | Flaw, first_index: int | None) -> None:
        """Take one item in."""
        self.items += 1
        self.repeated += first_index is not None
        if isinstance(outcome, Flaw):
            self.errors[outcome.code] += 1
            self.unreadable += not outcome.is_empty
            self.empty += outcome.is_empty
        else:
            self.levels[outcome.level] += 1
            self.codes[outcome.code] += 1

    def lines(self) -> tuple[str, ...]:
        """The sums in words, the worst level first."""
        levels = (
            f"{times:>8,}  {level.name.lower().replace('_', ' ')}"
            for level, times in sorted(self.levels.items(), reverse=True)
        )
        codes = (f"{times:>12,}  {code}" for code, times in self.codes.most_common())
        errors = (f"{times:>8,}  not read: {code}" for code, times in self.errors.most_common())
        repeated = (
            (f"{self.repeated:>8,}  marked {DUPLICATE}: the same unit more than once",)
            if self.repeated
            else ()
        )
        return (f"{self.items:,} items", *levels, *codes, *errors, *repeated)
