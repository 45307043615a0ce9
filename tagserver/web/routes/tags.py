"""The tag's own address, as printed: a page for people, JSON for programs. It never changes a state."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, make_response, render_template, request

from tagserver.ports.imaging import Likeness
from tagserver.services.verify import Verification
from tagserver.web.auth import professional
from tagserver.web.negotiation import JSON, prefers_json
from tagserver.web.presenting import present, status_of
from tagserver.web.rates import Budget, spends
from tagserver.web.schemas.verification import VerificationOut
from tagserver.web.sight import new_viewer_token, remember_viewer, sight_of, viewer_token
from tagserver.web.surroundings import here
from tagserver.web.target import raw_target
from tagserver.web.verdict_page import verdict_page

blueprint = APIBlueprint("tags", __name__, tag="Verify")


@blueprint.get("/01/<rest:rest>")
@spends(Budget.VERIFICATIONS)
@blueprint.output(VerificationOut)
@blueprint.doc(
    summary="Verify a tag by its digital-link address",
    description="The address as printed, byte for byte. A page for browsers, JSON for `Accept: application/json`. "
    "Answers 503, with a verdict that says so, while the record cannot be reached.",
    responses={503: "The record cannot be reached; the body is a verification all the same"},
)
def digital_link(rest: str) -> Response:  # noqa: ARG001 (decoded; the target as sent is what counts)
    """The digital-link profile."""
    return _answer()


@blueprint.get("/<compact:number>")
@spends(Budget.VERIFICATIONS)
@blueprint.output(VerificationOut)
@blueprint.doc(
    summary="Verify a tag by its compact address",
    description="As the digital-link address; `number` is the whole tag, 151 to 260 digits.",
    responses={503: "The record cannot be reached; the body is a verification all the same"},
)
def compact(number: str) -> Response:  # noqa: ARG001 (as above)
    """The compact profile."""
    return _answer()


def _answer() -> Response:
    return as_json() if prefers_json(request) else as_page()


def as_json() -> Response:
    """For programs; no cookie is set."""
    caller = professional()
    sight = sight_of(request, here(), professional=caller)
    verification = here().services.verifying.verify_path(raw_target(request.environ), sight)
    body = present(verification, professional=caller is not None)
    return _never_kept(Response(body.model_dump_json(), status_of(verification), mimetype=JSON))


def as_page() -> Response:
    """For people; the viewer is remembered by a cookie."""
    surroundings, caller = here(), professional()
    token = viewer_token(request) or new_viewer_token(surroundings)
    sight = sight_of(request, surroundings, professional=caller, token=token)
    verification = surroundings.services.verifying.verify_path(raw_target(request.environ), sight)
    response = page_of(verification, counted=sight.counted)
    remember_viewer(response, token, secure=request.is_secure)
    return _never_kept(response)


def page_of(verification: Verification, *, counted: bool, likeness: Likeness | None = None) -> Response:
    """A verification as a page; with the `likeness` of a label that was recognised."""
    surroundings = here()
    page = verdict_page(
        surroundings.services,
        verification,
        professional=professional() is not None,
        counted=counted,
        domain=surroundings.settings.tag_host,
        likeness=likeness,
    )
    return make_response(render_template("verdict.html", page=page), status_of(verification))


def _never_kept(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers.add("Vary", "Accept")
    return response
