"""Recalls: ordered after a second look, listed, lifted."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, request

from tagcore.gs1 import gtin_from_any, parse_lot, parse_serial
from tagcore.states import Role
from tagserver.ports import Recall, RecallKind, Scope
from tagserver.services.access import require_owner, require_scope
from tagserver.services.errors import Refusal, ServiceError
from tagserver.services.recalls import RecallOrder
from tagserver.web.console.draft import Draft
from tagserver.web.console.visitor import go, guard_inner, show, who
from tagserver.web.surroundings import here

blueprint = APIBlueprint("console_recalls", __name__, url_prefix="/console/recalls", enable_openapi=False)
blueprint.before_request(guard_inner)

_FIELDS = ("gtin", "lot", "serial", "kind", "reason", "instructions")


@blueprint.get("")
def recalls() -> Response:
    """Of one's own products; inspectors find a product's by its number."""
    caller, services = who(), here().services
    require_scope(caller, Scope.RECALLS)
    products = {product.gtin: product for product in services.products.of(caller)}
    draft = Draft(values={"gtin": request.args.get("gtin", "")})
    asked = draft.parsed("gtin", gtin_from_any) if draft.text("gtin") else None
    found = [recall for gtin in ([asked] if asked else products) for recall in services.recalls.of(gtin)]
    found.sort(key=lambda recall: recall.at, reverse=True)
    return show(
        "recalls.html",
        draft.status,
        draft=draft,
        recalls=found,
        products=products,
        asks=caller.organisation.role is Role.INSPECTOR,
        own=caller.org_id,
    )


@blueprint.get("/new")
def new() -> Response:
    """The form."""
    values = {name: request.args.get(name, "") for name in _FIELDS}
    return _form(Draft(values={**values, "kind": values["kind"] or RecallKind.RECALL.value}))


@blueprint.post("/new")
def order() -> Response:
    """First what will happen; then, once that was read, the recall."""
    draft = Draft.of(request)
    wanted = _order(draft)
    if wanted is None or not draft.is_good:
        return _form(draft)
    try:
        if draft.text("sure") != "yes":
            return _sure(draft, wanted)
        with draft.told():
            here().services.recalls.order(who(), wanted)
            return go("/console/recalls", said="recalled")
    except ServiceError as error:
        if error.code is not Refusal.NOT_FOUND:
            raise
        draft.note(error.field or "gtin", error.code, str(error))
    return _form(draft)


@blueprint.post("/<recall_id>/lift")
def lift(recall_id: str) -> Response:
    """First what it will mean; then the end of the recall."""
    caller, services = who(), here().services
    require_scope(caller, Scope.RECALLS)
    if request.form.get("sure") != "yes":
        found = _find(recall_id)
        return show("lift.html", recall=found, product=services.products.find(found.gtin))
    services.recalls.lift(caller, recall_id)
    return go("/console/recalls", said="lifted")


def _find(recall_id: str) -> Recall:
    caller, services = who(), here().services
    gtin = Draft.of(request).parsed("gtin", gtin_from_any)
    known = services.recalls.of(gtin) if gtin else ()
    found = next((recall for recall in known if recall.id == recall_id), None)
    if found is None:
        raise ServiceError(Refusal.NOT_FOUND, f"no recall {recall_id!r}")
    require_owner(caller, found.by_org, "the recall")
    return found


def _order(draft: Draft) -> RecallOrder | None:
    gtin = draft.parsed("gtin", gtin_from_any)
    lot = draft.parsed("lot", parse_lot)
    serial = draft.parsed("serial", parse_serial) if draft.text("serial") else None
    kind = next((kind for kind in RecallKind if kind == draft.text("kind")), None)
    if kind is None:
        draft.note("kind", "CHOICE_INVALID")
    if not draft.text("reason"):
        draft.note("reason", "REASON_MISSING")
    if gtin is None or lot is None or kind is None or not draft.is_good:
        return None
    return RecallOrder(
        gtin=gtin,
        lot=lot or None,
        serial=serial,
        kind=kind,
        reason=draft.text("reason"),
        instructions=draft.text("instructions"),
    )


def _sure(draft: Draft, wanted: RecallOrder) -> Response:
    """What the recall would reach. Raises: AccessError; ServiceError NOT_FOUND."""
    caller, services = who(), here().services
    require_scope(caller, Scope.RECALLS)
    product = services.products.find(wanted.gtin)
    if caller.organisation.role is not Role.INSPECTOR:
        require_owner(caller, product.org_id, f"product {wanted.gtin}")
    return show("recall-sure.html", draft=draft, order=wanted, product=product, fields=_FIELDS)


def _form(draft: Draft) -> Response:
    caller = who()
    require_scope(caller, Scope.RECALLS)
    own = here().services.products.of(caller)
    return show("recall.html", draft.status, draft=draft, products=own, kinds=tuple(RecallKind))
