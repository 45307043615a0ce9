"""The camera page: the browser decodes what the camera sees; a photograph can be sent instead, script or not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus

from apiflask import APIBlueprint
from flask import Response, jsonify, make_response, render_template, request
from werkzeug.exceptions import RequestEntityTooLarge

from tagcore.errors import InputError
from tagcore.evidence import NotOurs, Ours
from tagserver.ports import StoreUnavailableError
from tagserver.ports.imaging import ImageCode, ImageRefusedError, SeenSymbol
from tagserver.services.bulk import Item
from tagserver.services.errors import ServiceError
from tagserver.services.verify import Look, Verification
from tagserver.services.viewers import Sight
from tagserver.web.assets import can_decode
from tagserver.web.auth import professional
from tagserver.web.comparison import asked_comparison
from tagserver.web.errors import ProblemError, problem_of
from tagserver.web.headers import allow_camera
from tagserver.web.limits import body_limit, images
from tagserver.web.list_page import REPORT_COLUMNS, own_path, row_of, tallies
from tagserver.web.negotiation import prefers_json
from tagserver.web.offline_words import offline_verdicts
from tagserver.web.photo_page import PhotoEntry, photo_page
from tagserver.web.photograph import MAX_SYMBOLS, sent_photograph
from tagserver.web.presenting import is_outage
from tagserver.web.rates import Budget, spends
from tagserver.web.routes.tags import page_of
from tagserver.web.same_origin import check_same_origin
from tagserver.web.sentences import likeness_words
from tagserver.web.sight import new_viewer_token, remember_viewer, sight_of, viewer_token
from tagserver.web.surroundings import here

blueprint = APIBlueprint("scan", __name__, enable_openapi=False)

_SHOWN_CHARACTERS = 300
"""Of a text that is no tag: enough to see where it would lead."""


@blueprint.get("/scan")
def scan() -> Response:
    """The page. Its form works without script."""
    return _camera_page()


@blueprint.post("/scan/photo")
@spends(Budget.PICTURES)
@body_limit(images)
def photo() -> Response:
    """The verdict page of the one code on a photograph; of several, a list; the camera page again without any.

    For the page's script, which asks for JSON, every code with its corners, to be drawn over the photograph.
    """
    check_same_origin(request)
    try:
        photograph, comparison = sent_photograph(), asked_comparison()
        seen = here().image_reader.read(photograph, comparison.expected)
    except (ImageRefusedError, InputError, ProblemError, RequestEntityTooLarge, ServiceError) as error:
        if prefers_json(request):
            raise
        problem = problem_of(error)
        is_numbers = isinstance(error, InputError | ServiceError)
        return _camera_page("NUMBERS" if is_numbers else problem.code, problem.status)
    if not seen and not prefers_json(request):
        return _camera_page("UNLIKE" if comparison.name else "NOTHING_FOUND", HTTPStatus.OK)
    token = viewer_token(request) or new_viewer_token(here())
    sight = sight_of(request, here(), professional=professional(), token=token)
    found = _verified({symbol.text: comparison.text_of(symbol) for symbol in seen[:MAX_SYMBOLS]}, sight)
    left_out = max(0, len(seen) - MAX_SYMBOLS)
    if prefers_json(request):
        response = _drawn(seen[:MAX_SYMBOLS], found, left_out=left_out)
    elif len(found) == 1:
        response = page_of(next(iter(found.values())), counted=sight.counted, likeness=seen[0].likeness)
    else:
        response = _list_of(found, left_out=left_out)
    remember_viewer(response, token, secure=request.is_secure)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _camera_page(problem: str = "", status: int = HTTPStatus.OK) -> Response:
    """`problem`: the code of what kept a photograph from being read."""
    page = render_template(
        "scan.html",
        hosts=sorted(_hosts()),
        root_key=here().settings.root_key.hex(),
        can_decode=can_decode(),
        problem=problem,
        codes=ImageCode,
        columns=REPORT_COLUMNS,
        tallies=tallies(Counter()),
        verdicts=offline_verdicts(),
    )
    response = allow_camera(make_response(page, status))
    response.headers["Referrer-Policy"] = "same-origin"  # else a browser hides the form's origin from us too
    return response


def _hosts() -> frozenset[str]:
    """Hosts whose tags are ours; while the record cannot be reached, the one that this site was set up with."""
    try:
        return here().services.trust.now_in_force().hosts
    except StoreUnavailableError:
        return frozenset({here().settings.tag_host})


def _verified(texts: Mapping[str, str], sight: Sight) -> dict[str, Verification]:
    """What each text is verified as, all in one go: a tray of labels is one reading and one writing transaction."""
    chunk = here().services.verifying.verify_chunk([Look(what=what, sight=sight) for what in texts.values()])
    return dict(zip(texts, chunk.verifications, strict=True))


def _drawn(seen: Sequence[SeenSymbol], found: Mapping[str, Verification], *, left_out: int) -> Response:
    """Each symbol, the same text twice too: `corners` in pixels of the upright photograph, its row, and how it was
    recognised where it could not be read.
    """
    is_professional = professional() is not None
    codes = [
        {
            "corners": symbol.corners,
            "row": row_of(
                Item(index=index, given=symbol.text, outcome=found[symbol.text]), professional=is_professional
            ).to_json(),
            "likeness": likeness_words(symbol.likeness) if symbol.likeness else "",
        }
        for index, symbol in enumerate(seen)
    ]
    status = 503 if any(is_outage(verification) for verification in found.values()) else 200
    return make_response(jsonify(codes=codes, left_out=left_out), status)


def _list_of(found: dict[str, Verification], *, left_out: int) -> Response:
    page = photo_page(_entries(found), professional=professional() is not None, left_out=left_out)
    status = 503 if any(is_outage(verification) for verification in found.values()) else 200
    return make_response(render_template("photo.html", page=page), status)


def _entries(found: dict[str, Verification]) -> Iterator[PhotoEntry]:
    for text, verification in found.items():
        match verification.reading:
            case Ours():
                yield PhotoEntry(verification=verification, path=own_path(text), text="")
            case NotOurs():
                yield PhotoEntry(verification=verification, path="", text=text[:_SHOWN_CHARACTERS])
            case _:
                raise AssertionError("a photograph holds no typed numbers")
