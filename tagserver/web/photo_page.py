"""What the page of a photograph with several codes shows: their verdicts, the worst first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from tagcore.reasons import Level
from tagserver.services.verify import Verification
from tagserver.web.presenting import shown_verdict
from tagserver.web.sentences import Sentences, grouped, sentences
from tagserver.web.verdict_page import Look, look


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoEntry:
    """One code: its verification, and either its tag's `path` here or the `text` that is no tag of ours."""

    verification: Verification
    path: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One code in words."""

    look: Look
    words: Sentences
    product: str
    serial: tuple[str, ...]
    path: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many codes look like this."""

    look: Look
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoPage:
    """Everything on the page; `left_out` codes were too many."""

    lines: tuple[Line, ...]
    tallies: tuple[Tally, ...]
    left_out: int


def photo_page(entries: Iterable[PhotoEntry], *, professional: bool, left_out: int) -> PhotoPage:
    """The page; codes of one level stay in the order in which they were read."""
    judged = [(shown_verdict(entry.verification, professional=professional), entry) for entry in entries]
    judged.sort(key=lambda pair: pair[0].level, reverse=True)
    counts: Counter[Level] = Counter(verdict.level for verdict, _ in judged)
    return PhotoPage(
        lines=tuple(
            _line(entry, look(verdict.level), sentences(verdict.headline, professional=professional))
            for verdict, entry in judged
        ),
        tallies=tuple(Tally(look=look(level), count=count) for level, count in counts.items()),
        left_out=left_out,
    )


def _line(entry: PhotoEntry, shape: Look, words: Sentences) -> Line:
    product = entry.verification.dossier.product
    return Line(
        look=shape,
        words=words,
        product=product.name if product else "",
        serial=grouped(entry.verification.serial or ""),
        path=entry.path,
        text=entry.text,
    )
