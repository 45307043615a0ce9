"""One link of the chain of what was checked about a tag."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What became of one step; also the name of its mark on the page."""

    HOLDS = "holds"
    OPEN = "open"
    FAILS = "fails"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What was found, and a word on how; `link` leads to where others can look, "" to nowhere."""

    outcome: Outcome
    text: str
    note: str = ""
    link: str = ""
    link_text: str = ""
