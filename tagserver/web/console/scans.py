"""Scans of one's products: when, in which country, with which verdict."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, request

from tagcore.gs1 import gtin_from_any
from tagserver.ports import BatchNumber, ScanRecord, Scope
from tagserver.services.access import require_scope
from tagserver.web.console.batches import own_batch
from tagserver.web.console.draft import Draft
from tagserver.web.console.visitor import guard_inner, show, who
from tagserver.web.surroundings import here

blueprint = APIBlueprint("console_scans", __name__, url_prefix="/console/scans", enable_openapi=False)
blueprint.before_request(guard_inner)

SHOWN = 200


@blueprint.get("")
def scans() -> Response:
    """The newest, of all products, of one, or of one batch."""
    caller, services = who(), here().services
    require_scope(caller, Scope.PRODUCTS)
    draft = Draft(values={name: request.args.get(name, "") for name in ("gtin", "batch")})
    gtin = draft.parsed("gtin", gtin_from_any) if draft.text("gtin") else None
    number = draft.number("batch")
    if not draft.is_good:
        found: tuple[ScanRecord, ...] = ()
    elif number is not None:
        gtin = own_batch(number).gtin
        found = services.pasts.of_batch(caller, BatchNumber(number), limit=SHOWN)
    else:
        found = services.pasts.latest(caller, gtin, limit=SHOWN)
    products = {product.gtin: product for product in services.products.of(caller)}
    return show(
        "scans.html",
        draft.status,
        draft=draft,
        scans=found,
        products=products,
        gtin=gtin,
        number=number,
        shown=SHOWN,
    )
