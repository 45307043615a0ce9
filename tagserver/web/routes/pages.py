"""Pages for people that are not a tag's own: the start, a check by hand, a batch, and the API's description."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, make_response, render_template, request
from pydantic import ValidationError

from tagcore.evidence import Typed
from tagserver.ports import BatchNumber
from tagserver.web.auth import professional
from tagserver.web.batch_page import batch_page
from tagserver.web.catalogue import gettext, mark
from tagserver.web.openapi import documentation
from tagserver.web.rates import Budget, spends
from tagserver.web.routes.tags import page_of
from tagserver.web.schemas.verification import VerificationIn
from tagserver.web.sight import new_viewer_token, remember_viewer, sight_of, viewer_token
from tagserver.web.surroundings import here

blueprint = APIBlueprint("pages", __name__, enable_openapi=False)

_HINTS = {
    "gtin": mark(
        "The product number has 8, 12, 13 or 14 digits; the last one did not fit the others, or one is missing."
    ),
    "serial": mark("The serial has 1 to 20 characters and no spaces: type it as it stands after (21)."),
}


@blueprint.get("/")
def start() -> str:
    """What this is, and a form for numbers read by eye."""
    return render_template("start.html", typed={}, wrong={})


@blueprint.get("/check")
@spends(Budget.VERIFICATIONS)
def check() -> Response | tuple[str, int]:
    """The verdict on a number that was typed; the form again when it cannot be one."""
    typed = {name: request.args.get(name, "").strip()[:40] for name in ("gtin", "serial")}
    try:
        asked = VerificationIn.model_validate(typed)
    except ValidationError as error:
        names = {str(row["loc"][0]) for row in error.errors() if row["loc"]}
        wrong = {name: gettext(hint) for name, hint in _HINTS.items() if name in names}
        return render_template("start.html", typed=typed, wrong=wrong), 422
    assert asked.gtin is not None
    assert asked.serial is not None
    surroundings = here()
    token = viewer_token(request) or new_viewer_token(surroundings)
    sight = sight_of(request, surroundings, professional=professional(), token=token)
    verification = surroundings.services.verifying.verify_typed(
        Typed(gtin=asked.gtin, serial=asked.serial), sight
    )
    response = page_of(verification, counted=sight.counted)
    remember_viewer(response, token, secure=request.is_secure)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@blueprint.get("/batches/<int:number>")
def batch(number: int) -> Response:
    """A batch, for everybody."""
    page = batch_page(here().services, BatchNumber(number), now=here().clock())
    return make_response(render_template("batch.html", page=page))


@blueprint.get("/docs")
def docs() -> str:
    """The API, from the same OpenAPI document that programs get."""
    return render_template("docs.html", docs=documentation())
