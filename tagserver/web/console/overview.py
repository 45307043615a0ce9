"""The first page: what waits, what was done last."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response

from tagserver.ports import BatchStatus, ReportStatus, Scope
from tagserver.services.own_scans import Selection
from tagserver.web.console.visitor import guard_inner, show, who
from tagserver.web.surroundings import here

blueprint = APIBlueprint("console_overview", __name__, url_prefix="/console", enable_openapi=False)
blueprint.before_request(guard_inner)

LINES = 6
"""Of each list."""


@blueprint.get("")
def overview() -> Response:
    """As much of it as the caller's scopes reach."""
    caller, services = who(), here().services
    makes = Scope.PRODUCTS in caller.scopes
    batches = services.issuing.of(caller) if makes else ()
    counts = services.reports.counts(caller) if Scope.REPORTS in caller.scopes else {}
    return show(
        "overview.html",
        makes=makes,
        scopes=caller.scopes,
        has_key=not makes or bool(services.keys.of(caller.org_id)),
        products={product.gtin: product for product in services.products.of(caller)} if makes else {},
        batches=batches[:LINES],
        moving=[batch for batch in batches if batch.status in (BatchStatus.QUEUED, BatchStatus.ISSUING)],
        tags=sum(batch.count for batch in batches if batch.status is BatchStatus.ISSUED),
        reports_open=counts.get(ReportStatus.NEW, 0) + counts.get(ReportStatus.ACTIVE, 0),
        scans=services.own_scans.page(caller, Selection(), limit=LINES).scans if makes else (),
    )
