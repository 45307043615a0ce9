"""Verifications as JSON. docs/api.md describes the answer."""

from __future__ import annotations

from datetime import datetime

from flask import url_for

from tagcore.evidence import Cause, NotOurs, Ours, Typed
from tagcore.gs1 import Gtin
from tagcore.history import History
from tagcore.reasons import Code, Reason
from tagcore.verdict import Verdict
from tagserver.ports import Batch, Product, UnitState
from tagserver.services.verify import Verification
from tagserver.web.schemas.verification import (
    BatchBriefOut,
    HeadlineOut,
    HistoryOut,
    ProductBriefOut,
    ReasonOut,
    StateOut,
    TagOut,
    VerdictOut,
    VerificationOut,
)
from tagserver.web.sentences import sentences


def present(verification: Verification, *, professional: bool) -> VerificationOut:
    """The answer: professionals get every reason in their own words, others what consumers are shown."""
    dossier = verification.dossier
    return VerificationOut(
        verdict=present_verdict(verification, professional=professional),
        tag=present_tag(verification),
        product=_product(dossier.product, dossier.issuer) if dossier.product else None,
        batch=_batch(dossier.batch, verification.at) if dossier.batch else None,
        history=_history(dossier.history) if dossier.history else None,
        state=present_state(dossier.unit) if dossier.unit else None,
        checked_at=verification.at,
    )


def shown_verdict(verification: Verification, *, professional: bool) -> Verdict:
    """The verdict as far as this reader is shown it."""
    return verification.verdict if professional else verification.verdict.for_consumer()


def is_outage(verification: Verification) -> bool:
    """Whether the check could not be completed because the record did not answer."""
    return any(
        reason.code is Code.CANNOT_CHECK and reason.detail.get("cause") == Cause.OUTAGE
        for reason in verification.verdict.reasons
    )


def status_of(verification: Verification) -> int:
    """A verdict is an answer, whatever it says; only a check that could not be completed is no success."""
    return 503 if is_outage(verification) else 200


def present_state(unit: UnitState) -> StateOut:
    """Where a unit stands; by whom and at which place is its parties' business."""
    standing = unit.standing
    return StateOut(state=standing.state, since=standing.since, country=standing.country)


def picture_path(product: Product) -> str | None:
    """The path of a product's picture, which changes with the picture."""
    return picture_path_of(product.gtin, product.image) if product.image else None


def picture_path_of(gtin: Gtin, digest: str) -> str:
    """As `picture_path`, of a picture that is known to be there."""
    return url_for("products.get_picture", gtin=gtin, v=digest[:12])


def present_verdict(verification: Verification, *, professional: bool) -> VerdictOut:
    """The verdict alone."""
    verdict = shown_verdict(verification, professional=professional)
    words = [sentences(reason, professional=professional) for reason in verdict.reasons]
    first = words[0]
    return VerdictOut(
        level=verdict.level.name.lower(),
        headline=HeadlineOut(
            code=verdict.headline.code, title=first.title, text=first.text, advice=first.advice
        ),
        reasons=[_reason(reason, each.text) for reason, each in zip(verdict.reasons, words, strict=True)],
    )


def _reason(reason: Reason, text: str) -> ReasonOut:
    return ReasonOut(code=reason.code, level=reason.level.name.lower(), detail=dict(reason.detail), text=text)


def present_tag(verification: Verification) -> TagOut | None:
    """What was read, None for what is no tag of ours."""
    match verification.reading:
        case Ours(tag=tag, profile=profile):
            identity = tag.identity
            return TagOut(
                gtin=identity.gtin,
                lot=identity.lot,
                serial=identity.serial,
                expiry=str(identity.expiry) if identity.expiry else None,
                profile=profile,
                key_slot=identity.slot,
            )
        case Typed(gtin=gtin, serial=serial, lot=lot, expiry=expiry):
            return TagOut(
                gtin=gtin,
                lot=lot,
                serial=serial,
                expiry=str(expiry) if expiry else None,
                profile=None,
                key_slot=None,
            )
        case NotOurs():
            return None


def _product(product: Product, producer: str) -> ProductBriefOut:
    return ProductBriefOut(
        gtin=product.gtin,
        name=product.name,
        description=product.description,
        size=product.size,
        producer=producer,
        picture=picture_path(product),
    )


def _batch(batch: Batch, at: datetime) -> BatchBriefOut:
    return BatchBriefOut(
        number=batch.number,
        lot=batch.lot,
        expiry=str(batch.expiry) if batch.expiry else None,
        use_by=batch.expiry.last_day(at.year) if batch.expiry else None,
        count=batch.count,
        issued_at=batch.issued_at,
        root=batch.root.hex() if batch.root else None,
    )


def _history(history: History) -> HistoryOut:
    return HistoryOut(
        first_seen=history.first_at,
        other_viewers=history.other_viewers,
        first_country=history.first_country,
        total=history.total,
    )
