"""The page for lists: pasted, from a file, or from photographs; small ones in one go, large ones part by part.

It needs no log-in, so it tells what consumers are told, takes less at a time than `POST /v1/verify/bulk`, and is
slower. Without script one form does it all. With script a list is sent in parts, and each photograph by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from io import BytesIO

from apiflask import APIBlueprint
from flask import Response, jsonify, make_response, render_template, request
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge

from tagserver.config import Settings
from tagserver.ports.imaging import ImageRefusedError
from tagserver.services.bulk import Entries, Entry, Flaw
from tagserver.services.errors import ServiceError
from tagserver.web.auth import professional
from tagserver.web.bulk_input import Kind, all_of, entries_of, entry_of
from tagserver.web.errors import ProblemError, problem_of
from tagserver.web.limits import LIST_BYTES, body_limit, images
from tagserver.web.list_page import REPORT_COLUMNS, Row, list_page, row_of, tallies
from tagserver.web.photograph import MAX_SYMBOLS
from tagserver.web.rates import Budget, spends
from tagserver.web.same_origin import check_same_origin
from tagserver.web.sight import new_viewer_token, remember_viewer, sight_of, viewer_token
from tagserver.web.surroundings import here

MOST_AT_ONCE = 500
"""Codes of one form: a second or two of work, while its sender looks at nothing."""

MOST_IN_PART = 250
"""Codes of one part: half a second, so that the progress moves and a pause is short."""

MOST_PHOTOGRAPHS = 8
"""Of one form. Each may take ten seconds."""

blueprint = APIBlueprint("list_page", __name__, url_prefix="/bulk", enable_openapi=False)


def whole_forms(settings: Settings) -> int:
    """A form with several photographs."""
    return max(images(settings), LIST_BYTES)


@blueprint.get("")
def show() -> Response:
    """The page. Its form works without script."""
    return _page()


@blueprint.post("")
@spends(Budget.LISTS)
@body_limit(whole_forms)
def check() -> Response:
    """The form's answer."""
    check_same_origin(request)
    try:
        return _answer(_entries(), most=MOST_AT_ONCE)
    except (ProblemError, ServiceError, RequestEntityTooLarge) as error:
        problem = problem_of(error)
        return _page(problem=problem.code, status=problem.status)


@blueprint.post("/part")
@spends(Budget.LISTS)
def check_part() -> Response:
    """A part of a list, CSV with a header of its own if it has one; its rows for the page's script."""
    check_same_origin(request)
    entries = entries_of(BytesIO(request.get_data(cache=False)), Kind.CSV)
    return jsonify(rows=[row.to_json() for row in _rows(_few(entries, MOST_IN_PART))])


@blueprint.post("/photo")
@spends(Budget.PICTURES)
@body_limit(images)
def check_photo() -> Response:
    """One photograph, as the part `images`; its rows for the page's script."""
    check_same_origin(request)
    sent = [file for file in request.files.getlist("images") if file.filename]
    if len(sent) != 1:
        raise ProblemError(422, "INPUT_INVALID", "want one picture in the part 'images'", field="images")
    return jsonify(rows=[row.to_json() for row in _rows(all_of(_seen(sent[0])))])


def _page(*, problem: str = "", status: int = 200, **more: object) -> Response:
    page = render_template(
        "bulk.html",
        problem=problem,
        typed=request.form.get("list", "") if problem not in ("", "BODY_TOO_LARGE") else "",
        kinds=tallies(Counter()),
        columns=REPORT_COLUMNS,
        most_at_once=MOST_AT_ONCE,
        most_in_part=MOST_IN_PART,
        most_photographs=MOST_PHOTOGRAPHS,
        **more,
    )
    response = make_response(page, status)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _answer(entries: Entries, *, most: int) -> Response:
    token = viewer_token(request) or new_viewer_token(here())
    response = _page(page=list_page(_rows(_few(entries, most), token=token)))
    remember_viewer(response, token, secure=request.is_secure)
    return response


def _rows(entries: Entries, *, token: str | None = None) -> Iterator[Row]:
    """Raises: ServiceError INPUT_INVALID (an empty list)."""
    caller = professional()
    sight = sight_of(request, here(), professional=caller, token=token)
    for item in here().services.bulk.check(entries, sight):
        yield row_of(item, professional=caller is not None)


def _entries() -> Entries:
    """What the form holds: text before a file before photographs. Raises: ProblemError."""
    pasted, files = request.form.get("list", "").strip(), request.files.getlist("file")
    if pasted:
        return entries_of(BytesIO(pasted.encode("utf-8", "replace")), Kind.CSV)
    if files and files[0].filename:
        return entries_of(BytesIO(files[0].stream.read(LIST_BYTES)), Kind.CSV)
    photographs = [file for file in request.files.getlist("images") if file.filename]
    if len(photographs) > MOST_PHOTOGRAPHS:
        raise ProblemError(
            413, "LIST_TOO_LONG", f"want at most {MOST_PHOTOGRAPHS} photographs", field="images"
        )
    return all_of(entry for photograph in photographs for entry in _seen(photograph))


def _seen(photograph: FileStorage) -> Iterable[Entry]:
    """The codes on a photograph; one entry that says so where there is none to be read."""
    limit, name = here().settings.max_image_bytes, (photograph.filename or "")[-80:]
    try:
        seen = here().image_reader.read(photograph.stream.read(limit + 1))
    except ImageRefusedError as error:
        yield Entry(given=name, what=Flaw(code=error.code, detail=str(error)))
        return
    for text in dict.fromkeys(symbol.text for symbol in seen[:MAX_SYMBOLS]):
        yield entry_of(text)
    if not seen:
        yield Entry(
            given=name, what=Flaw(code="NOTHING_FOUND", detail="no code was found on this photograph")
        )


def _few(entries: Entries, most: int) -> Entries:
    """The same list. Raises: ProblemError LIST_TOO_LONG."""
    if sum(1 for _ in entries()) > most:
        raise ProblemError(413, "LIST_TOO_LONG", f"want at most {most} codes at once", field="list")
    return entries
