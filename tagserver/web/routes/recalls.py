"""Recalls: ordered and lifted by producers and inspectors, read by everybody."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, request

from tagcore.gs1 import Gtin
from tagserver.ports import Recall
from tagserver.services.recalls import RecallOrder
from tagserver.web.auth import required_caller
from tagserver.web.negotiation import JSON
from tagserver.web.schemas.recalls import RecallIn, RecallListOut, RecallOut
from tagserver.web.surroundings import here

RECALLS_CACHE = "public, max-age=300"
"""A recall reaches verifiers that ask within five minutes, as a revocation does."""

blueprint = APIBlueprint("recalls", __name__, url_prefix="/v1", tag="Recalls")


@blueprint.post("/recalls")
@blueprint.input(RecallIn)
@blueprint.output(RecallOut, status_code=201)
@blueprint.doc(
    summary="Order a recall or a withdrawal",
    description="Of a unit, a lot, or a whole product; in force at once. Producers recall their own products, "
    "inspectors any. Needs the scope `recalls`.",
    security="Token",
    responses={403: "Not your product, or not in your token's scopes"},
)
def order(json_data: RecallIn) -> RecallOut:
    """One row, however many units."""
    wanted = RecallOrder(
        gtin=json_data.gtin,
        lot=json_data.lot,
        serial=json_data.serial,
        kind=json_data.kind,
        reason=json_data.reason,
        instructions=json_data.instructions,
    )
    return _present(here().services.recalls.order(required_caller(), wanted))


@blueprint.get("/recalls")
@blueprint.output(RecallListOut)
@blueprint.doc(
    summary="Read all recalls in force",
    description="Of every product, newest first: what a verifier takes along that has no network later on. Not signed; "
    "it may be kept for five minutes, and comes with an `ETag`.",
)
def in_force() -> Response:
    """Public, as each recall is on its tag's page."""
    recalls = [_present(recall) for recall in here().services.recalls.in_force()]
    response = Response(RecallListOut(recalls=recalls).model_dump_json(), mimetype=JSON)
    response.headers["Cache-Control"] = RECALLS_CACHE
    # A verifier in another site's page may read it, as it may the trust bundle.
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.add_etag()
    response.make_conditional(request)
    return response


@blueprint.post("/recalls/<recall_id>/lift")
@blueprint.output(RecallOut)
@blueprint.doc(
    summary="Lift a recall",
    description="Only the organisation that ordered it may; lifting it again changes nothing. Needs the scope "
    "`recalls`.",
    security="Token",
    responses={403: "Another organisation's recall, or not in your token's scopes"},
)
def lift(recall_id: str) -> RecallOut:
    """It stays on record, with the time when it ended."""
    return _present(here().services.recalls.lift(required_caller(), recall_id))


@blueprint.get("/products/<gtin:gtin>/recalls")
@blueprint.output(RecallListOut)
@blueprint.doc(summary="Read a product's recalls")
def of_product(gtin: Gtin) -> RecallListOut:
    """All of them, lifted ones included."""
    here().services.products.find(gtin)
    return RecallListOut(recalls=[_present(recall) for recall in here().services.recalls.of(gtin)])


def _present(recall: Recall) -> RecallOut:
    return RecallOut(
        id=recall.id,
        gtin=recall.gtin,
        lot=recall.lot,
        serial=recall.serial,
        kind=recall.kind,
        reason=recall.reason,
        instructions=recall.instructions,
        at=recall.at,
        organisation=recall.by_org,
        lifted_at=recall.lifted_at,
    )
