"""Verdicts for the camera page's list: scans as they are made, or after hours without a connection.

A device sends a scan until it is answered. Its id and its text together are a ticket: the scan is recorded once, and
the verdict is that of now each time. The time on record is that of the sending; a device's own word for an earlier
one would let anybody write the past.
"""

from __future__ import annotations

from hashlib import sha256

from apiflask import APIBlueprint
from flask import Response, jsonify, request

from tagserver.services.bulk import Item
from tagserver.services.verify import Look
from tagserver.web.auth import professional
from tagserver.web.list_page import row_of
from tagserver.web.rates import Budget, spends
from tagserver.web.same_origin import check_same_origin
from tagserver.web.schemas.scans import ScanIn, ScansIn
from tagserver.web.sight import new_viewer_token, remember_viewer, sight_of, viewer_token
from tagserver.web.surroundings import here

blueprint = APIBlueprint("scan_check", __name__, enable_openapi=False)

_TICKET_BYTES = 16


@blueprint.post("/scan/check")
@spends(Budget.LISTS)
@blueprint.input(ScansIn)
def check(json_data: ScansIn) -> Response:
    """A row a scan, in words, as the page for lists shows them; 503 while the record cannot be reached."""
    check_same_origin(request)
    caller = professional()
    token = viewer_token(request) or new_viewer_token(here())
    sight = sight_of(request, here(), professional=caller, token=token)
    looks = [Look(what=scan.text, sight=sight, ticket=ticket_of(scan)) for scan in json_data.scans]
    chunk = here().services.verifying.verify_chunk(looks)
    rows = [
        row_of(Item(index=index, given=scan.text, outcome=verification), professional=caller is not None)
        for index, (scan, verification) in enumerate(zip(json_data.scans, chunk.verifications, strict=True))
    ]
    response = jsonify(
        scans=[
            {"id": scan.id, "row": row.to_json()} for scan, row in zip(json_data.scans, rows, strict=True)
        ],
        checked_at=here().clock().isoformat(timespec="seconds"),
    )
    response.status_code = 503 if chunk.is_outage else 200
    remember_viewer(response, token, secure=request.is_secure)
    return response


def ticket_of(scan: ScanIn) -> bytes:
    """The text is in it, so that nobody can keep another text's scan from being recorded."""
    return sha256(f"origintag/scan/{scan.id}/{scan.text}".encode("utf-8", "replace")).digest()[:_TICKET_BYTES]
