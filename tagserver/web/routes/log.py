"""The log's files as C2SP tlog-tiles has them: strangers read, check and follow them."""

from __future__ import annotations

import re
from http import HTTPStatus

from apiflask import APIBlueprint
from flask import Response, request

from tagserver.monitor.anchoring import format_anchors
from tagserver.web.errors import ProblemError
from tagserver.web.surroundings import here

KEPT = "public, max-age=31536000, immutable"
SOON_OLD = "public, max-age=2"

_INDEX = r"(?:x[0-9]{3}/)*[0-9]{3}(?:\.p/[1-9][0-9]{0,2})?"
_TILE = re.compile(rf"tile/(?:entries|0|[1-9][0-9]?)/{_INDEX}", re.ASCII)
"""What may be asked for: nothing else is read, so no path leads out of the folder."""

blueprint = APIBlueprint("log", __name__, url_prefix="/log", tag="Log")


@blueprint.get("/checkpoint")
@blueprint.output({}, content_type="text/plain", description="A C2SP checkpoint with its cosignatures")
@blueprint.doc(
    summary="Read the log's newest checkpoint",
    description="Origin, size and root, signed by the log and by its witnesses.",
    responses={404: "Nothing is published yet"},
)
def checkpoint() -> Response:
    """Text that is signed; it is asked for anew after seconds."""
    data = here().services.logs.file("checkpoint")
    if data is None:
        raise ProblemError(404, "LOG_NOT_PUBLISHED", "this server has published no log yet")
    response = Response(data, content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = SOON_OLD
    response.add_etag()
    response.make_conditional(request)
    return _for_everybody(response)


@blueprint.get("/anchors")
@blueprint.output(
    {}, content_type="application/json", description="Receipts, each with the size and root it is of"
)
@blueprint.doc(
    summary="Read where the log is anchored",
    description="The newest receipt of each place. They say where to look; what is found there is what counts.",
)
def anchors() -> Response:
    """From this server's records, for monitors."""
    listed = format_anchors(here().services.anchoring.listed())
    response = Response(listed, content_type="application/json")
    response.headers["Cache-Control"] = SOON_OLD
    return _for_everybody(response)


@blueprint.get("/<path:path>")
@blueprint.output({}, content_type="application/octet-stream", description="Hashes, or entries")
@blueprint.doc(
    summary="Read a tile or an entry bundle",
    description="`tile/LEVEL/INDEX` or `tile/entries/INDEX`, with `.p/WIDTH` while it is not full. It never changes.",
)
def tile(path: str) -> Response:
    """Kept for a year."""
    data = here().services.logs.file(path) if _TILE.fullmatch(path) else None
    if data is None:
        raise ProblemError(HTTPStatus.NOT_FOUND, "NOT_FOUND", "the log has no such file")
    response = Response(data, content_type="application/octet-stream")
    response.headers["Cache-Control"] = KEPT
    return _for_everybody(response)


def _for_everybody(response: Response) -> Response:
    """Public and signed: a verifier in another site's page may read it."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
