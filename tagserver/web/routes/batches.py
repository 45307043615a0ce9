"""Batches: asked for once, issued in the request or by a worker, looked at by everybody."""

from __future__ import annotations

from typing import BinaryIO, cast

from apiflask import APIBlueprint
from flask import request

from tagcore.manifest import format_manifest
from tagserver.ports import Batch, BatchNumber, BatchStatus, LeaseLostError
from tagserver.services.access import Caller
from tagserver.services.errors import Refusal, ServiceError
from tagserver.services.issue import Order
from tagserver.services.manifest import manifest_of
from tagserver.web.auth import caller, required_caller
from tagserver.web.errors import ProblemError
from tagserver.web.idempotency import idempotency_key
from tagserver.web.limits import body_limit, serial_lists
from tagserver.web.routes.units import to_report
from tagserver.web.schemas.batches import BatchesQuery, BatchIn, BatchListOut, BatchOut, ManifestOut
from tagserver.web.schemas.units import RangeEventIn, RangeOutcomeOut, RunOut
from tagserver.web.serial_list import parse_serial_list
from tagserver.web.surroundings import here

PAGE = 100
"""Batches a page; the store's own default."""

blueprint = APIBlueprint("batches", __name__, url_prefix="/v1/batches", tag="Batches")


@blueprint.post("")
@body_limit(serial_lists)
@blueprint.output(BatchOut, status_code=201)
@blueprint.doc(
    summary="Issue a batch",
    description="JSON; or a form whose part `serials` is a CSV of your own serials. Needs an `Idempotency-Key` "
    "header: the same key never issues twice. Small batches are issued at once (201); for larger ones `Location` "
    "tells where to follow the progress (202). Needs the scope `batches`.",
    security="Token",
    responses={
        202: "Queued; ask again at Location",
        400: "No Idempotency-Key",
        403: "Not your product, or not in your token's scopes",
        409: "The key was used for another batch, there is no signing key, or a serial is taken",
        422: "The order is not right",
    },
)
def create() -> tuple[BatchOut, int, dict[str, str]]:
    """A batch, once a key."""
    who, services = required_caller(), here().services
    key = idempotency_key(request, required=True)
    created = services.issuing.request(who, _order(), idempotency_key=key)
    batch = _issued_now(created.batch)
    headers = {"Location": f"/v1/batches/{batch.number}"}
    if not created.is_new:
        headers["Idempotent-Replayed"] = "true"
    return _present(batch, who), 201 if batch.status is BatchStatus.ISSUED else 202, headers


@blueprint.get("")
@blueprint.input(BatchesQuery, location="query")
@blueprint.output(BatchListOut)
@blueprint.doc(summary="List your batches", description="Newest first, 100 a page.", security="Token")
def list_own(query_data: BatchesQuery) -> BatchListOut:
    """The caller's batches."""
    who = required_caller()
    before = BatchNumber(query_data.before) if query_data.before else None
    found = here().services.issuing.of(who, before=before)
    following = f"/v1/batches?before={found[-1].number}" if len(found) == PAGE else None
    return BatchListOut(batches=[_present(batch, who) for batch in found], next=following)


@blueprint.get("/<int:number>")
@blueprint.output(BatchOut)
@blueprint.doc(
    summary="Read a batch",
    description="Its status and progress; once it is issued, its Merkle root and the producer's signed manifest.",
)
def get(number: int) -> BatchOut:
    """What everybody may know of it."""
    return _present(here().services.issuing.find(BatchNumber(number)), caller())


@blueprint.post("/<int:number>/events")
@blueprint.input(RangeEventIn)
@blueprint.output(RangeOutcomeOut)
@blueprint.doc(
    summary="Report an event of a batch or a range of it",
    description="Each run of tags with one state is judged by itself; units with events of their own keep their "
    "state. With an `Idempotency-Key` header a repeated report is done once. Needs the scope `events`.",
    security="Token",
    responses={
        403: "Not your batch, or not in your token's scopes",
        409: "The state table refuses every run",
    },
)
def report(number: int, json_data: RangeEventIn) -> RangeOutcomeOut:
    """Activate a range, void the labels that were spoilt."""
    outcome = here().services.units.report_range(
        required_caller(),
        BatchNumber(number),
        to_report(json_data),
        first=json_data.first,
        last=json_data.last,
    )
    return RangeOutcomeOut(
        applied=[RunOut(first=run.first, last=run.last, state=run.state) for run in outcome.applied],
        refused=[RunOut(first=run.first, last=run.last, state=run.state) for run in outcome.refused],
    )


def _order() -> Order:
    """The order, from JSON or from a form with a list of serials. Raises: ValidationError, ServiceError."""
    if request.mimetype != "multipart/form-data":
        asked = BatchIn.model_validate(request.get_json(force=True))
        serials = asked.serials
    else:
        if "serials" not in request.files:
            raise ServiceError(Refusal.SERIALS_INVALID, "want a CSV in the part 'serials'", field="serials")
        file = cast("BinaryIO", request.files["serials"].stream)
        serials = parse_serial_list(file, most=here().settings.max_batch_count)
        fields = {name: value for name, value in request.form.items() if value}
        asked = BatchIn.model_validate({"count": len(serials), **fields})
    return Order(
        gtin=asked.gtin,
        lot=asked.lot,
        expiry=asked.expiry,
        count=asked.count if asked.count is not None else len(serials or ()),
        profile=asked.profile,
        host=asked.host,
        serials=serials,
    )


def _issued_now(batch: Batch) -> Batch:
    """Issue a small batch while the request waits; a large one is left to the workers."""
    surroundings = here()
    if batch.count <= surroundings.settings.sync_issue_limit and batch.status is not BatchStatus.FAILED:
        owner = f"web-{surroundings.random_bytes(8).hex()}"
        try:
            batch = surroundings.services.issuing.work_on(batch.number, owner=owner)
        except LeaseLostError:
            batch = surroundings.services.issuing.find(batch.number)
    if batch.status is BatchStatus.FAILED:
        raise ProblemError(500, "BATCH_FAILED", f"batch {batch.number} could not be issued: {batch.failure}")
    return batch


def _present(batch: Batch, who: Caller | None) -> BatchOut:
    is_own = who is not None and who.org_id == batch.org_id
    return BatchOut(
        number=batch.number,
        gtin=batch.gtin,
        lot=batch.lot,
        expiry=str(batch.expiry) if batch.expiry else None,
        count=batch.count,
        done=batch.done,
        status=batch.status,
        profile=batch.profile,
        host=batch.host,
        key_slot=batch.slot,
        serials=batch.serial_source,
        created_at=batch.created_at,
        issued_at=batch.issued_at,
        root=batch.root.hex() if batch.root else None,
        manifest=_manifest(batch),
        failure=batch.failure if is_own else None,
    )


def _manifest(batch: Batch) -> ManifestOut | None:
    if batch.root is None or batch.issued_at is None:
        return None
    signed = format_manifest(manifest_of(batch, batch.root, batch.issued_at))
    signature = batch.manifest_signature
    return ManifestOut(
        signed=cast("dict[str, str | int | None]", signed), signature=signature.hex() if signature else None
    )
