"""Reports: what people who scanned a tag say is wrong, and what became of it."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, request

from tagserver.ports import Account, ReportStatus
from tagserver.services.errors import Refusal, ServiceError
from tagserver.web.console.draft import Draft
from tagserver.web.console.visitor import go, guard_inner, show, who
from tagserver.web.surroundings import here

blueprint = APIBlueprint("console_reports", __name__, url_prefix="/console/reports", enable_openapi=False)
blueprint.before_request(guard_inner)

PAGE = 50


@blueprint.get("")
def reports() -> Response:
    """Newest first, all or those in one status."""
    caller, services = who(), here().services
    status = next((status for status in ReportStatus if status == request.args.get("status")), None)
    found = services.reports.of(caller, status=status, limit=PAGE, after=request.args.get("after") or None)
    return show(
        "reports.html",
        reports=found,
        chosen=status,
        counts=services.reports.counts(caller),
        products={product.gtin: product for product in services.products.of(caller)},
        following=found[-1].id if len(found) == PAGE else None,
    )


@blueprint.get("/<report_id>")
def report(report_id: str) -> Response:
    """One report."""
    return _page(report_id, Draft())


@blueprint.post("/<report_id>/take")
def take(report_id: str) -> Response:
    """Somebody looks into it."""
    draft = Draft.of(request)
    with draft.told():
        here().services.reports.take(who(), report_id)
        return go(f"/console/reports/{report_id}", said="taken")
    return _page(report_id, draft)


@blueprint.post("/<report_id>/close")
def close(report_id: str) -> Response:
    """Done, with a reason."""
    draft = Draft.of(request)
    if not draft.text("reason"):
        draft.note("reason", "REASON_MISSING")
        return _page(report_id, draft)
    with draft.told():
        here().services.reports.close(who(), report_id, draft.text("reason"))
        return go("/console/reports", said="closed")
    return _page(report_id, draft)


def _page(report_id: str, draft: Draft) -> Response:
    caller, services = who(), here().services
    found = services.reports.find(caller, report_id)
    try:
        product = services.products.find(found.gtin)
    except ServiceError as error:
        if error.code is not Refusal.NOT_FOUND:
            raise
        product = None
    accounts: dict[str, Account] = {a.id: a for a in services.accounts.of_organisation(caller.org_id)}
    handler = accounts.get(found.handled_by) if found.handled_by else None
    return show("report.html", draft.status, draft=draft, report=found, product=product, handler=handler)
