"""Verify a list: a pallet's, a shelf's, a warehouse's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from itertools import chain
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from apiflask import APIBlueprint
from flask import Response, request, stream_with_context

from tagserver.ports import Scope
from tagserver.services.access import require_scope
from tagserver.services.bulk import Item, Run
from tagserver.services.verify import Once
from tagserver.web.auth import required_caller
from tagserver.web.bulk_input import entries_of, kind_of, place_of
from tagserver.web.bulk_output import answer_kind, written
from tagserver.web.idempotency import idempotency_key
from tagserver.web.limits import body_limit, bulk_lists
from tagserver.web.schemas.bulk import BulkOut
from tagserver.web.sight import Whereabouts, sight_of
from tagserver.web.surroundings import here

_IN_MEMORY = 1_000_000
"""Bytes of a list that are kept off the disk."""

_PIECE_BYTES = 64 * 1024

blueprint = APIBlueprint("bulk", __name__, url_prefix="/v1", tag="Verify")


@blueprint.post("/verify/bulk")
@body_limit(bulk_lists)
@blueprint.output(BulkOut)
@blueprint.doc(
    summary="Verify a list",
    description="Up to 50,000 items in 20 MB: JSON, one JSON object a line (`application/x-ndjson`), or CSV with a "
    "column `text` or `url`, or columns `gtin`, `serial`, `lot`, `expiry`. Answered in the order given, an item that "
    "is wrong with an error of its own, as JSON, NDJSON or CSV by `Accept`; the summary comes last, and an answer "
    "without it was cut off. With an `Idempotency-Key` header a repeated list is recorded once. Needs the scope "
    "`verify`.",
    security="Token",
    responses={
        400: "No list that can be read",
        403: "Not in your token's scopes",
        409: "The idempotency key stands for another list",
        413: "Too many items, or too many bytes",
        415: "No list of a known kind",
        503: "The record cannot be reached",
    },
)
def verify_bulk() -> Response:
    """One verdict or error an item."""
    caller = required_caller()
    require_scope(caller, Scope.VERIFY)
    kind, answer = kind_of(request.mimetype), answer_kind(request)
    key = idempotency_key(request, required=False)
    file, digest = _received()
    try:
        place = place_of(file, kind)
        where = Whereabouts(**place.model_dump()) if place else None
        sight = sight_of(request, here(), professional=caller, place=where)
        once = None if key is None else Once(org_id=caller.org_id, key=key, request_hash=digest)
        run = here().services.bulk.check(entries_of(file, kind), sight, once=once)
        items = _begun(run)
    except BaseException:
        file.close()
        raise
    pieces = stream_with_context(_closing(written(run, items, answer), file))
    response = Response(pieces, 503 if run.is_outage else 200, mimetype=answer)
    if run.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    response.headers["Vary"] = "Accept"
    response.call_on_close(file.close)
    return response


def _received() -> tuple[BinaryIO, bytes]:
    """The body, on disk if it is large, and its hash with the media type's. All of it comes before any answer."""
    file = cast("BinaryIO", SpooledTemporaryFile(max_size=_IN_MEMORY))  # noqa: SIM115 - closed with the answer
    digest = sha256(f"bulk {request.mimetype}\n".encode())
    try:
        while piece := request.stream.read(_PIECE_BYTES):
            digest.update(piece)
            file.write(piece)
    except BaseException:
        file.close()
        raise
    return file, digest.digest()


def _begun(run: Run) -> Iterable[Item]:
    """The items, the first chunk of them verified: what stops the whole list is told before the answer begins."""
    items = iter(run)
    first = next(items)
    return chain((first,), items)


def _closing(pieces: Iterator[str], file: BinaryIO) -> Iterator[str]:
    """The pieces; however they end, the list's file is closed."""
    with file:
        yield from pieces
