"""What is shown for one code, whoever judged it: this device, a server, or both."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from tagcore.reasons import Level, Reason
from tagcore.verdict import Verdict

Json: TypeAlias = Mapping[str, object]

RECORD_PARTS = ("tag", "product", "batch", "history", "state")
"""What a server tells beside its verdict (docs/api.md)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One reason, with its sentence filled in."""

    code: str
    level: Level
    text: str
    detail: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A verdict in words. `code`, `title`, `text` and `advice` are the headline's."""

    level: Level
    code: str
    title: str
    text: str
    advice: str
    findings: tuple[Finding, ...]
    by: Literal["device", "server"]
    note: str = ""
    """What hindered a fuller check; empty when nothing did."""
    record: Mapping[str, Json] = field(default_factory=dict)
    """Those of `RECORD_PARTS` that the server knows, as it gave them; empty for what the device judged alone."""


def answer_of(verdict: Verdict, *, note: str = "") -> Answer:
    """The device's own verdict in a consumer's words."""
    shown = verdict.for_consumer()
    headline = shown.headline
    return Answer(
        level=headline.level,
        code=headline.code,
        title=_fill(headline.meaning.title, headline),
        text=_fill(headline.meaning.text, headline),
        advice=_fill(headline.meaning.advice, headline),
        findings=tuple(_finding(reason) for reason in shown.reasons),
        by="device",
        note=note,
    )


def _finding(reason: Reason) -> Finding:
    text = _fill(reason.meaning.text, reason)
    return Finding(code=reason.code, level=reason.level, text=text, detail=reason.detail)


def _fill(template: str, reason: Reason) -> str:
    return template.format_map(reason.detail)
