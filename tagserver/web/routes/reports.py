"""Something is wrong: a form for everybody, without log-in and without script; the producer gets what it says."""

from __future__ import annotations

from http import HTTPStatus

from apiflask import APIBlueprint
from flask import Response, make_response, redirect, render_template, request, url_for

from tagcore.gs1 import Gtin
from tagserver.ports import StoreUnavailableError
from tagserver.services.errors import Refusal, ServiceError
from tagserver.web.catalogue import gettext
from tagserver.web.rates import Budget, spends
from tagserver.web.report_form import NOT_KNOWN, REASONS, ReportForm, checked_complaint, read_form
from tagserver.web.same_origin import check_same_origin
from tagserver.web.sentences import grouped
from tagserver.web.sight import sight_of
from tagserver.web.surroundings import here

blueprint = APIBlueprint("reports", __name__, enable_openapi=False)


@blueprint.get("/report")
def form() -> Response:
    """The form. A verdict page's button brings the numbers of its unit along."""
    return _page(read_form(request.args), HTTPStatus.OK)


@blueprint.post("/report")
@spends(Budget.REPORTS)
def file() -> Response:
    """Store the report; or the form again, with what was typed and what is wrong with it."""
    check_same_origin(request)
    refused = _filed(read_form(request.form))
    if refused is not None:
        return _page(refused, HTTPStatus.UNPROCESSABLE_ENTITY)
    return make_response(redirect(url_for("reports.sent"), HTTPStatus.SEE_OTHER))


@blueprint.get("/report/sent")
def sent() -> str:
    """Thanks. An address of its own, so that reloading it sends nothing again."""
    return render_template("report_sent.html")


def _filed(form: ReportForm) -> ReportForm | None:
    """None when it is stored, else the form with a word on what is wrong."""
    complaint = checked_complaint(form)
    if isinstance(complaint, ReportForm):
        return complaint
    try:
        here().services.reports.file(complaint, sight_of(request, here(), professional=None))
    except ServiceError as error:
        if error.code is Refusal.NOT_FOUND:
            return form.refused("gtin", gettext(NOT_KNOWN))
        if error.field not in ("text", "contact"):
            raise
        return form.refused(error.field, gettext("This holds signs that are no text."))
    return None


def _page(form: ReportForm, status: HTTPStatus) -> Response:
    page = render_template(
        "report.html",
        form=form,
        reasons=REASONS,
        product=_product_name(form.gtin),
        serial=grouped(form.serial or ""),
        days=here().settings.report_retention_days,
    )
    response = make_response(page, status)
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "same-origin"  # else a browser hides the form's origin from us too
    return response


def _product_name(gtin: Gtin | None) -> str:
    """What the report is about, where that is known: nobody need look at numbers then."""
    if gtin is None:
        return ""
    try:
        return here().services.products.find(gtin).name
    except (ServiceError, StoreUnavailableError):
        return ""
