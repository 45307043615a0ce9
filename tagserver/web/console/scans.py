"""Scans of one's products: when, in which country, with which verdict; to look at, and as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC
from itertools import islice
from urllib.parse import urlencode

from apiflask import APIBlueprint
from flask import Response, request

from tagcore.gs1 import Gtin
from tagcore.reasons import Level
from tagserver.ports import Product, Scope
from tagserver.services.access import require_scope
from tagserver.services.own_scans import LOOKED_THROUGH, OwnScan, ScanMark, Selection
from tagserver.web.bulk_output import harmless
from tagserver.web.console.draft import Draft
from tagserver.web.console.scan_choice import FIELDS, address_of, format_mark, parse_mark, selection_of
from tagserver.web.console.visitor import guard_inner, show, who
from tagserver.web.surroundings import here

blueprint = APIBlueprint("console_scans", __name__, url_prefix="/console/scans", enable_openapi=False)
blueprint.before_request(guard_inner)

COLUMNS = (
    "time", "product_number", "product", "lot", "batch", "serial", "level", "verdict", "country", "by", "counted",
)  # fmt: skip

_LINES_AT_ONCE = 200


@blueprint.get("")
def scans() -> Response:
    """The newest that were asked for, page by page, and on the first what they amount to."""
    require_scope(who(), Scope.PRODUCTS)
    draft = Draft.asked(request, FIELDS)
    selection = selection_of(draft)
    return _page(draft, selection, parse_mark(request.args.get("after", "")))


@blueprint.get("/scans.csv")
def download() -> Response:
    """All that were asked for, as they come from the store."""
    require_scope(who(), Scope.PRODUCTS)
    draft = Draft.asked(request, FIELDS)
    selection = selection_of(draft)
    if selection is None:
        return _page(draft, None, None)
    found = here().services.own_scans.every(who(), selection)
    response = Response(_written(found, _products()), mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="scans.csv"'
    return response


def _page(draft: Draft, selection: Selection | None, mark: ScanMark | None) -> Response:
    caller, own, products = who(), here().services.own_scans, _products()
    page = own.page(caller, selection, after=mark) if selection else None
    sums = own.sums(caller, selection) if selection and mark is None else None
    return show(
        "scans.html",
        draft.status,
        draft=draft,
        page=page,
        sums=sums,
        flagged_count=sums.flagged if sums else 0,
        products=products,
        product_choices=[(product.gtin, product.name) for product in products.values()],
        same=urlencode(address_of(draft)),
        following=format_mark(page.following) if page and page.following else None,
        looked_through=LOOKED_THROUGH,
    )


def _products() -> Mapping[Gtin, Product]:
    return {product.gtin: product for product in here().services.products.of(who())}


def _written(found: Iterable[OwnScan], products: Mapping[Gtin, Product]) -> Iterator[str]:
    """With a byte order mark: without it Excel takes UTF-8 for something else."""
    yield "\ufeff" + _lines([COLUMNS])
    rows = (_row(one, products) for one in found)
    while some := list(islice(rows, _LINES_AT_ONCE)):
        yield _lines(some)


def _row(one: OwnScan, products: Mapping[Gtin, Product]) -> tuple[str, ...]:
    scan, batch = one.scan, one.batch
    product = products.get(scan.gtin)
    return (
        f"{scan.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        scan.gtin,
        product.name if product else "",
        batch.lot if batch else "",
        str(batch.number) if batch else "",
        scan.serial,
        Level(scan.level).name.lower(),
        scan.headline,
        (scan.place.country if scan.place else None) or "",
        scan.org_id or "",
        "yes" if scan.counted else "no",
    )


def _lines(rows: Iterable[Iterable[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue()
