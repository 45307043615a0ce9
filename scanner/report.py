"""What the command line shows: for people by default, or one JSON object a line.

Whatever a code says may be hostile to the terminal: text for people has its control characters made visible.
"""

import json
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from rich.console import Console
from rich.text import Text

from scanner.answer import RECORD_PARTS, Answer
from scanner.symbol import Symbol
from tagcore.reasons import Level

_SIGNS: Mapping[Level, tuple[str, str, str]] = {
    Level.MATCH: ("✔", "MATCH", "bold green"),
    Level.UNCHECKED: ("?", "NOT CHECKED", "bold blue"),
    Level.NOT_OURS: ("∅", "NOT OURS", "bold magenta"),
    Level.CAUTION: ("!", "CAUTION", "bold yellow"),
    Level.SUSPECT: ("‼", "SUSPECT", "bold red"),
    Level.STOP: ("✖", "DO NOT USE", "bold white on red"),
}
"""Sign, words and colour of each level: never colour alone."""

Row: TypeAlias = dict[str, object]


def show_source(console: Console, name: str, remark: str = "") -> None:
    """The line above what was found in one picture."""
    console.print(Text.assemble((visible(name), "bold"), f"  {visible(remark)}" if remark else ""))


def show_answer(console: Console, text: str, answer: Answer, symbol: Symbol | None = None) -> None:
    """One code's verdict, with every reason and the advice."""
    sign, words, style = _SIGNS[answer.level]
    console.print(Text.assemble("  ", (f"{sign} {words}", style), f"  {visible(answer.title)}"))
    console.print(Text(f"    {visible(_shortened(text))}", style="dim"))
    if symbol is not None:
        version = (
            f", version {symbol.version}-{symbol.ec_level}" if symbol.version and symbol.ec_level else ""
        )
        console.print(Text(f"    read by {symbol.stage}{version}", style="dim"))
    for finding in answer.findings:
        console.print(Text(f"    {finding.code}: {visible(finding.text)}"))
    for line in _record_lines(answer):
        console.print(Text(f"    {visible(line)}"))
    console.print(Text(f"    What to do: {visible(answer.advice)}"))
    checked = "with the server" if answer.by == "server" else "on this device"
    console.print(
        Text(f"    Checked {checked}{f': {visible(answer.note)}' if answer.note else ''}", style="dim")
    )


def _record_lines(answer: Answer) -> Iterator[str]:
    """What to compare on the pack, and who saw it before."""
    product, tag, history = (answer.record.get(part, {}) for part in ("product", "tag", "history"))
    if product:
        parts = (str(product[key]) for key in ("name", "size", "producer") if product.get(key))
        yield f"Product: {', '.join(parts)}"
    if tag:
        parts = (f"{key} {tag[key]}" for key in ("gtin", "lot", "serial", "expiry") if tag.get(key))
        yield f"On the pack: {', '.join(parts)}"
    if history:
        seen = f", the first on {history['first_seen']}" if history.get("first_seen") else ""
        yield f"History: {history.get('other_viewers', 0)} other viewers{seen}"


def row_of_answer(text: str, answer: Answer, symbol: Symbol | None = None) -> Row:
    """One code as JSON; `verdict` and the parts of the record have the form of the server's own answer."""
    row: Row = {"text": text}
    if symbol is not None:
        row |= {"corners": symbol.corners, "stage": symbol.stage}
        row |= {"version": symbol.version, "ec_level": symbol.ec_level}
    headline = {"code": answer.code, "title": answer.title, "text": answer.text, "advice": answer.advice}
    reasons = [
        {"code": f.code, "level": f.level.name.lower(), "detail": dict(f.detail), "text": f.text}
        for f in answer.findings
    ]
    row["verdict"] = {"level": answer.level.name.lower(), "headline": headline, "reasons": reasons}
    row |= {"checked_by": answer.by, "note": answer.note}
    return row | {part: answer.record.get(part) for part in RECORD_PARTS}


def format_row(row: Row) -> str:
    """One line of ASCII: any terminal and any pipe takes it."""
    return json.dumps(row, ensure_ascii=True)


def visible(text: str) -> str:
    """`text` with what is not printable (control characters, direction marks, lone surrogates) written as escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def _shortened(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:80]}…{text[-30:]}"
