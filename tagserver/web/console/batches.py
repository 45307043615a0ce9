"""Batches: listed, ordered, watched while they are issued."""

from __future__ import annotations

from typing import BinaryIO, cast

from apiflask import APIBlueprint
from flask import Response, request

from tagcore.gs1 import Expiry, gtin_from_any, parse_expiry, parse_lot
from tagcore.tag import Profile
from tagserver.ports import Batch, BatchNumber, BatchStatus, IdempotencyConflictError, LeaseLostError, Scope
from tagserver.services.access import require_owner, require_scope
from tagserver.services.errors import ServiceError
from tagserver.services.issue import Order
from tagserver.services.own_scans import OwnScan, Selection
from tagserver.web.console.draft import WHOLE, Draft
from tagserver.web.console.form_key import KEY_FIELD, idempotency_key_of, new_form_key
from tagserver.web.console.standing import standing_of
from tagserver.web.console.unit_words import actions_of
from tagserver.web.console.visitor import go, guard_inner, show, who
from tagserver.web.limits import body_limit, serial_lists
from tagserver.web.serial_list import parse_serial_list
from tagserver.web.surroundings import here

blueprint = APIBlueprint("console_batches", __name__, url_prefix="/console/batches", enable_openapi=False)
blueprint.before_request(guard_inner)

PAGE = 100
"""Batches a page; the store's own default."""

LATEST_SCANS = 8


@blueprint.get("")
def batches() -> Response:
    """One's own, newest first."""
    caller, services = who(), here().services
    require_scope(caller, Scope.BATCHES)
    before = request.args.get("before", type=int)
    found = services.issuing.of(caller, before=BatchNumber(before) if before else None)
    return show(
        "batches.html",
        batches=found,
        products={product.gtin: product for product in services.products.of(caller)},
        following=found[-1].number if len(found) == PAGE else None,
    )


@blueprint.get("/new")
def new() -> Response:
    """The form, with a key of its own: sent twice, it orders once."""
    chosen = {
        "gtin": request.args.get("gtin", ""),
        "lot": request.args.get("lot", ""),
        KEY_FIELD: new_form_key(),
    }
    return _form(Draft(values={**chosen, "profile": Profile.DIGITAL_LINK.value}))


@blueprint.post("/new")
@body_limit(serial_lists)
def issue() -> Response:
    """A batch, once a form."""
    draft = Draft.of(request)
    order = _order(draft)
    if order is None or not draft.is_good:
        return _form(draft)
    try:
        with draft.told():
            key = idempotency_key_of(draft)
            try:
                created = here().services.issuing.request(who(), order, idempotency_key=key)
            except IdempotencyConflictError:
                draft.note(WHOLE, "FORM_SENT_BEFORE", status=409)
                return _form(
                    Draft(values={**draft.values, KEY_FIELD: new_form_key()}, faults=draft.faults, status=409)
                )
            batch = _issued_now(created.batch)
            return go(f"/console/batches/{batch.number}", said="issued" if created.is_new else "before")
    except ServiceError:
        draft.note("gtin", "PRODUCT_MISSING")
    return _form(draft)


@blueprint.get("/<int:number>")
def batch(number: int) -> Response:
    """Everything about one batch."""
    return batch_page(own_batch(number))


def own_batch(number: int) -> Batch:
    """Raises: AccessError; ServiceError NOT_FOUND."""
    caller, found = who(), here().services.issuing.find(BatchNumber(number))
    require_scope(caller, Scope.BATCHES)
    require_owner(caller, found.org_id, f"batch {number}")
    return found


def batch_page(found: Batch, draft: Draft | None = None) -> Response:
    """The page of a batch; `draft` is a form of it that was refused."""
    services, caller = here().services, who()
    is_issued = found.status is BatchStatus.ISSUED
    times, made = services.printing.times(caller, found.number)
    draft = draft or Draft()
    return show(
        "batch.html",
        draft.status,
        draft=draft,
        batch=found,
        product=services.products.find(found.gtin),
        is_moving=found.status in (BatchStatus.QUEUED, BatchStatus.ISSUING),
        standing=standing_of(services.units.segments(caller, found.number), found.count)
        if is_issued
        else None,
        recalls=[
            recall
            for recall in services.recalls.of(found.gtin)
            if recall.lifted_at is None and recall.lot in (None, found.lot) and recall.serial is None
        ],
        scans=_latest_scans(found) if is_issued else (),
        times=times,
        made=made,
        actions=actions_of(caller.organisation.role),
        form_key=new_form_key(),
    )


def _latest_scans(found: Batch) -> tuple[OwnScan, ...]:
    own = here().services.own_scans
    return own.page(who(), Selection(batch=found.number), limit=LATEST_SCANS).scans


def _form(draft: Draft) -> Response:
    caller, services = who(), here().services
    require_scope(caller, Scope.BATCHES)
    return show(
        "issue.html",
        draft.status,
        draft=draft,
        products=services.products.of(caller),
        host_choices=[(host, host.lower()) for host in caller.organisation.hosts],
        sync_limit=here().settings.sync_issue_limit,
        most=here().settings.max_batch_count,
    )


def _order(draft: Draft) -> Order | None:
    gtin = draft.parsed("gtin", gtin_from_any)
    lot = draft.parsed("lot", parse_lot)
    expiry = draft.parsed("expiry", _parse_day) if draft.text("expiry") else None
    serials = _serials(draft)
    count = draft.number("count", most=here().settings.max_batch_count)
    if serials is None and count is None and draft.is_good:
        draft.note("count", "COUNT_MISSING")
    if draft.text("profile") not in set(Profile):
        draft.note("profile", "CHOICE_INVALID")
    if not draft.is_good or gtin is None or lot is None:
        return None
    return Order(
        gtin=gtin,
        lot=lot,
        expiry=expiry,
        count=count if count is not None else len(serials or ()),
        profile=Profile(draft.text("profile")),
        host=draft.text("host") or None,
        serials=serials,
    )


def _serials(draft: Draft) -> tuple[str, ...] | None:
    sent = request.files.get("serials")
    if sent is None or not sent.filename:
        return None
    with draft.told(otherwise="serials"):
        return parse_serial_list(cast("BinaryIO", sent.stream), most=here().settings.max_batch_count)
    return None


def _parse_day(text: str) -> Expiry:
    """A date as browsers send it (2027-12-31), or as it is printed (271231). Raises: Gs1SyntaxError."""
    digits = text.replace("-", "")
    is_iso = len(digits) == 8 and len(text) == 10
    return parse_expiry(digits[2:] if is_iso else text)


def _issued_now(batch: Batch) -> Batch:
    """Issue a small batch while the browser waits; a large one is left to the workers, and its page shows how far
    they are.
    """
    surroundings = here()
    if batch.count > surroundings.settings.sync_issue_limit or batch.status is BatchStatus.FAILED:
        return batch
    try:
        owner = f"web-{surroundings.random_bytes(8).hex()}"
        return surroundings.services.issuing.work_on(batch.number, owner=owner)
    except LeaseLostError:
        return surroundings.services.issuing.find(batch.number)
