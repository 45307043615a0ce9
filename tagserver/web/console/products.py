"""Products: listed, registered, changed, and their pictures."""

from __future__ import annotations

import re
from dataclasses import replace

from apiflask import APIBlueprint
from flask import Response, request

from tagcore.gs1 import Gtin, gtin_from_any
from tagserver.ports import Product, Scope
from tagserver.services.access import require_owner, require_scope
from tagserver.web.console.draft import Draft
from tagserver.web.console.visitor import go, guard_inner, show, who
from tagserver.web.limits import body_limit, images
from tagserver.web.pictures import product_picture
from tagserver.web.surroundings import here

blueprint = APIBlueprint("console_products", __name__, url_prefix="/console/products", enable_openapi=False)
blueprint.before_request(guard_inner)

_BETWEEN = re.compile(r"[\s,;]+")


@blueprint.get("")
def products() -> Response:
    """All of one's own."""
    caller = who()
    require_scope(caller, Scope.PRODUCTS)
    return show("products.html", products=here().services.products.of(caller))


@blueprint.get("/new")
def new() -> Response:
    """The empty form."""
    caller = who()
    require_scope(caller, Scope.PRODUCTS)
    return show("product.html", draft=Draft(), product=None, organisation=caller.organisation)


@blueprint.post("/new")
@body_limit(images)
def register() -> Response:
    """A new product, with its picture if one was sent."""
    caller, draft = who(), Draft.of(request)
    gtin = draft.parsed("gtin", gtin_from_any)
    if gtin is not None:
        product = Product(gtin=gtin, org_id=caller.org_id, name="", created_at=here().clock())
        with draft.told(fields={"prefixes": "gtin"}, otherwise="gtin"):
            here().services.products.register(caller, _filled(product, draft))
        if draft.is_good:
            _set_picture(draft, gtin)
            return go(f"/console/products/{gtin}", said="picture" if draft.faults else "registered")
    return show("product.html", draft.status, draft=draft, product=None, organisation=caller.organisation)


@blueprint.get("/<gtin:gtin>")
def product(gtin: Gtin) -> Response:
    """One product: what it says, its recalls and its batches."""
    found = _own(gtin)
    return show(
        "product.html", draft=_draft_of(found), product=found, recalls=here().services.recalls.of(gtin)
    )


@blueprint.post("/<gtin:gtin>")
@body_limit(images)
def change(gtin: Gtin) -> Response:
    """What may be changed of it."""
    draft, found = Draft.of(request), _own(gtin)
    with draft.told(otherwise="name"):
        here().services.products.change(who(), _filled(found, draft))
    if draft.is_good:
        _set_picture(draft, gtin)
    if draft.is_good:
        return go(f"/console/products/{gtin}", said="saved")
    return show(
        "product.html", draft.status, draft=draft, product=found, recalls=here().services.recalls.of(gtin)
    )


def _own(gtin: Gtin) -> Product:
    caller, found = who(), here().services.products.find(gtin)
    require_scope(caller, Scope.PRODUCTS)
    require_owner(caller, found.org_id, f"product {gtin}")
    return found


def _filled(product: Product, draft: Draft) -> Product:
    return replace(
        product,
        name=draft.text("name"),
        size=draft.text("size"),
        description=draft.text("description"),
        instructions=draft.text("instructions"),
        markets=tuple(dict.fromkeys(code.upper() for code in _BETWEEN.split(draft.text("markets")) if code)),
    )


def _draft_of(product: Product) -> Draft:
    return Draft(
        values={
            "gtin": product.gtin,
            "name": product.name,
            "size": product.size,
            "description": product.description,
            "instructions": product.instructions,
            "markets": ", ".join(product.markets),
        }
    )


def _set_picture(draft: Draft, gtin: Gtin) -> None:
    """The picture of the form, if one was chosen: made small and written anew."""
    sent = request.files.get("picture")
    data = sent.stream.read() if sent else b""
    if data:
        with draft.told(otherwise="picture"):
            picture = product_picture(data, max_pixels=here().settings.max_image_pixels)
            here().services.products.set_picture(who(), gtin, picture)
