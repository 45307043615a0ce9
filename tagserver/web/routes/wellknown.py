"""What machines look for at fixed addresses: the trust bundle, and whether the server is up."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, request

from tagserver.web.errors import ProblemError
from tagserver.web.schemas.service import HealthOut
from tagserver.web.surroundings import here

TRUST_CACHE = "public, max-age=300"
"""A revocation reaches verifiers that ask within five minutes; pinned bundles ask when they choose."""

blueprint = APIBlueprint("wellknown", __name__, tag="Service")


@blueprint.get("/.well-known/tag-trust.json")
@blueprint.output({}, description="The signed bundle (docs/spec/tag-format.md, section 7)")
@blueprint.doc(
    summary="Read the trust bundle",
    description="Every producer's public keys, signed by the root key that verifiers pin.",
    responses={404: "The root key has signed none yet"},
)
def trust() -> Response:
    """The bundle as it was signed, byte for byte."""
    data = here().services.trust.published()
    if data is None:
        raise ProblemError(404, "TRUST_NOT_PUBLISHED", "the root key has signed no trust bundle yet")
    response = Response(data, mimetype="application/json")
    response.headers["Cache-Control"] = TRUST_CACHE
    # Signed and public: a verifier in another site's page may read it.
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.add_etag()
    response.make_conditional(request)
    return response


@blueprint.get("/healthz")
@blueprint.output(HealthOut)
@blueprint.doc(summary="Ask whether the process lives")
def health() -> HealthOut:
    """Answers without asking anything else."""
    return HealthOut(status="ok")


@blueprint.get("/readyz")
@blueprint.output(HealthOut)
@blueprint.doc(summary="Ask whether the server can serve", responses={503: "The store does not answer"})
def ready() -> tuple[HealthOut, int]:
    """Asks the store."""
    is_ready = here().is_ready()
    return HealthOut(status="ok" if is_ready else "unavailable"), 200 if is_ready else 503
