"""Verify what was read or typed: a text, numbers, or a photograph."""

from __future__ import annotations

from dataclasses import asdict

from apiflask import APIBlueprint
from flask import Response, request

from tagcore.evidence import Typed
from tagserver.ports.imaging import SeenSymbol
from tagserver.services.verify import Look, Verification
from tagserver.services.viewers import Sight
from tagserver.web.auth import professional
from tagserver.web.comparison import COMPARED, asked_comparison
from tagserver.web.limits import body_limit, images
from tagserver.web.negotiation import JSON
from tagserver.web.photograph import MAX_SYMBOLS, sent_photograph
from tagserver.web.presenting import is_outage, present, status_of
from tagserver.web.rates import Budget, spends
from tagserver.web.schemas.verification import (
    ImageVerificationOut,
    LikenessOut,
    PlaceIn,
    SymbolOut,
    VerificationIn,
    VerificationOut,
)
from tagserver.web.sight import Whereabouts, sight_of
from tagserver.web.surroundings import here

blueprint = APIBlueprint("verify", __name__, url_prefix="/v1", tag="Verify")


@blueprint.post("/verify")
@spends(Budget.VERIFICATIONS)
@blueprint.input(VerificationIn)
@blueprint.output(VerificationOut)
@blueprint.doc(
    summary="Verify a scanned text or typed numbers",
    description="`text` is what a scanner read; or `gtin` and `serial` as a person typed them, with `lot` and "
    "`expiry` if they are at hand. The scan is recorded. With a token of scope `verify` the texts are those for "
    "trained staff.",
    responses={503: "The record cannot be reached; the body is a verification all the same"},
)
def verify(json_data: VerificationIn) -> Response:
    """One verification."""
    sight = _sight(json_data.place)
    verification = _verified(json_data, sight)
    body = present(verification, professional=professional() is not None)
    return Response(body.model_dump_json(), status_of(verification), mimetype=JSON)


@blueprint.post("/verify/image")
@spends(Budget.PICTURES)
@body_limit(images)
@blueprint.output(ImageVerificationOut)
@blueprint.doc(
    summary="Verify every symbol on a photograph",
    description="JPEG, PNG, WebP or HEIC: the request's body as it is, or the part `image` of a form, beside which "
    "`country`, `latitude`, `longitude` and `accuracy_km` may say where. Foreign codes are reported too. Where the "
    "form has `gtin` and `serial`, as they stand beside a code, a code too damaged to be read is compared with that "
    "unit's label; one that is recognised has a `likeness`, and its signature is not told.",
    responses={
        404: "There is no unit of that GTIN and serial",
        413: "The picture is too large, in bytes or in pixels",
        415: "No picture of a known kind",
        422: "The picture cannot be read",
        501: "This server reads no pictures",
        503: "Too many pictures at once, or the record cannot be reached",
    },
)
def verify_image() -> Response:
    """One verification a symbol."""
    data = sent_photograph()
    where = {name: value for name, value in request.form.items() if name not in COMPARED}
    sight = _sight(PlaceIn.model_validate(where) if where else None)
    comparison = asked_comparison()
    seen = here().image_reader.read(data, comparison.expected)
    looks = [Look(what=comparison.text_of(symbol), sight=sight) for symbol in seen[:MAX_SYMBOLS]]
    chunk = here().services.verifying.verify_chunk(looks)
    found = list(zip(seen, chunk.verifications, strict=False))
    body = ImageVerificationOut(
        symbols=[_symbol(symbol, verification) for symbol, verification in found],
        left_out=max(0, len(seen) - MAX_SYMBOLS),
    )
    outage = any(is_outage(verification) for _, verification in found)
    return Response(body.model_dump_json(), 503 if outage else 200, mimetype=JSON)


def _verified(asked: VerificationIn, sight: Sight) -> Verification:
    verifying = here().services.verifying
    if asked.text is not None:
        return verifying.verify_text(asked.text, sight)
    assert asked.gtin is not None
    assert asked.serial is not None
    typed = Typed(gtin=asked.gtin, serial=asked.serial, lot=asked.lot, expiry=asked.expiry)
    return verifying.verify_typed(typed, sight)


def _sight(place: PlaceIn | None) -> Sight:
    where = None if place is None else Whereabouts(**place.model_dump())
    return sight_of(request, here(), professional=professional(), place=where)


def _symbol(symbol: SeenSymbol, verification: Verification) -> SymbolOut:
    return SymbolOut(
        text=symbol.text,
        corners=list(symbol.corners),
        stage=symbol.stage,
        likeness=LikenessOut(**asdict(symbol.likeness)) if symbol.likeness else None,
        verification=present(verification, professional=professional() is not None),
    )
