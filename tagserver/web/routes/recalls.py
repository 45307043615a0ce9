"""Recalls: ordered and lifted by producers and inspectors, read by everybody."""

from __future__ import annotations

from apiflask import APIBlueprint

from tagcore.gs1 import Gtin
from tagserver.ports import Recall
from tagserver.services.recalls import RecallOrder
from tagserver.web.auth import required_caller
from tagserver.web.schemas.recalls import RecallIn, RecallListOut, RecallOut
from tagserver.web.surroundings import here

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
