"""The page on which anybody checks a proof file, here or from a copy that was kept."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, make_response, render_template

from tagserver.web.proof_page import inlined, pinned
from tagserver.web.surroundings import here

blueprint = APIBlueprint("proof_page", __name__, enable_openapi=False)


@blueprint.get("/proof")
def proof() -> Response:
    """The whole page in one file, with the keys that this server's trust bundle names."""
    parts = inlined()
    page = render_template("proof.html", parts=parts, pinned=pinned(here().services.trust.published()))
    response = make_response(page)
    response.headers["Content-Security-Policy"] = f"{parts.policy}; frame-ancestors 'none'"
    return response
