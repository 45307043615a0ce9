"""What the verdict page shows: the verdict at a glance, the pack to compare, what to do, and how we know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from flask import url_for

from tagcore.evidence import NotOurs, Ours, Typed
from tagcore.gs1 import Expiry
from tagcore.reasons import Code, Level
from tagserver.ports.imaging import Likeness
from tagserver.services.suite import Services
from tagserver.services.verify import Verification
from tagserver.web.presenting import picture_path, shown_verdict
from tagserver.web.proof import steps
from tagserver.web.sentences import (
    Sentences,
    country_name,
    day,
    grouped,
    likeness_words,
    minute,
    sentences,
    use_by,
)
from tagserver.web.step import Step

_UNTRUSTED = frozenset(
    {
        Code.SIGNATURE_INVALID,
        Code.KEY_UNKNOWN,
        Code.KEY_REVOKED,
        Code.UNIT_UNKNOWN,
        Code.BATCH_UNKNOWN,
        Code.BATCH_MISMATCH,
        Code.EXPIRY_MISMATCH,
    }
)
"""With these, what the code says is a claim: nothing on the pack is to be compared with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a level looks: the class of its colours, and the symbol of its shape."""

    tone: str
    symbol: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """What to hold against the pack in the hand. `is_claim`: the code says so, the record does not."""

    name: str
    size: str
    producer: str
    picture: str | None
    lot: str
    use_by: str
    serial: tuple[str, ...]
    gtin: str
    is_claim: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sightings:
    """Earlier scans by others, in words."""

    others: int
    first: str
    country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictPage:
    """Everything on the page. `also` are further reasons; `domain` is what has to stand on the label."""

    look: Look
    words: Sentences
    also: tuple[Sentences, ...]
    pack: Pack | None
    sightings: Sightings | None
    chain: tuple[Step, ...]
    domain: str
    batch_number: int | None
    checked_at: str
    report_path: str
    likeness: str


def verdict_page(
    services: Services,
    verification: Verification,
    *,
    professional: bool,
    counted: bool,
    domain: str,
    likeness: Likeness | None = None,
) -> VerdictPage:
    """The page for a verification."""
    verdict = shown_verdict(verification, professional=professional)
    batch = verification.dossier.batch
    codes = {reason.code for reason in verdict.reasons}
    is_claim = bool(codes & _UNTRUSTED)
    return VerdictPage(
        look=look(verdict.level),
        words=sentences(verdict.headline, professional=professional),
        also=tuple(sentences(reason, professional=professional) for reason in verdict.reasons[1:]),
        pack=_pack(verification, is_claim=is_claim),
        sightings=_sightings(verification),
        chain=() if Code.CANNOT_CHECK in codes else steps(services, verification, counted=counted),
        domain=(batch.host if batch else domain).lower(),
        batch_number=batch.number if batch and not is_claim else None,
        checked_at=minute(verification.at),
        report_path=_report_path(verification, verdict.headline.code),
        likeness=likeness_words(likeness) if likeness else "",
    )


def look(level: Level) -> Look:
    """Shape and colour of a level; the words come from its reasons."""
    match level:
        case Level.MATCH:
            return Look(tone="good", symbol="check")
        case Level.UNCHECKED:
            return Look(tone="none", symbol="dash")
        case Level.NOT_OURS:
            return Look(tone="none", symbol="question")
        case Level.CAUTION:
            return Look(tone="warn", symbol="triangle")
        case Level.SUSPECT:
            return Look(tone="bad", symbol="diamond")
        case Level.STOP:
            return Look(tone="bad", symbol="octagon")
        case _ as never:
            assert_never(never)


def _pack(verification: Verification, *, is_claim: bool) -> Pack | None:
    claimed = _claims(verification)
    if claimed is None:
        return None
    lot, expiry = claimed
    product, batch = verification.dossier.product, verification.dossier.batch
    if batch is not None and not is_claim:
        lot, expiry = batch.lot, batch.expiry
    return Pack(
        name=product.name if product else "",
        size=product.size if product else "",
        producer=verification.dossier.issuer,
        picture=picture_path(product) if product and not is_claim else None,
        lot=lot or "",
        use_by=use_by(expiry, verification.at.date()),
        serial=grouped(verification.serial or ""),
        gtin=verification.gtin or "",
        is_claim=is_claim or batch is None,
    )


def _claims(verification: Verification) -> tuple[str | None, Expiry | None] | None:
    match verification.reading:
        case Ours(tag=tag):
            return tag.identity.lot, tag.identity.expiry
        case Typed(lot=lot, expiry=expiry):
            return lot, expiry
        case NotOurs():
            return None


def _sightings(verification: Verification) -> Sightings | None:
    history = verification.dossier.history
    if history is None:
        return None
    return Sightings(
        others=history.other_viewers,
        first=day(history.first_at) if history.first_at else "",
        country=country_name(history.first_country) if history.first_country else "",
    )


def _report_path(verification: Verification, headline: Code) -> str:
    """The form for telling the producer, with what it needs to know already in it."""
    return url_for("reports.form", gtin=verification.gtin, serial=verification.serial, verdict=headline.value)
