"""Labels of a batch: a specimen to look at, and the labels themselves as files."""

from __future__ import annotations

from io import BytesIO
from typing import BinaryIO

from apiflask import APIBlueprint
from flask import Response, request
from pydantic import ValidationError

from tagserver.labels.presets import ROLLS, SHEETS
from tagserver.labels.rendering import Format
from tagserver.ports import BatchNumber, BatchStatus
from tagserver.prints import DEFAULT_STOCK, warnings_of
from tagserver.services.errors import Refusal, ServiceError
from tagserver.services.printing import PrintJob
from tagserver.web import label_job
from tagserver.web.console.batches import own_batch
from tagserver.web.console.draft import Draft
from tagserver.web.console.visitor import guard_inner, show, who
from tagserver.web.schemas.batches import LabelsQuery
from tagserver.web.streaming import pieces
from tagserver.web.surroundings import here

blueprint = APIBlueprint("console_labels", __name__, url_prefix="/console/batches", enable_openapi=False)
blueprint.before_request(guard_inner)

_DPI = ("203", "300", "600")


@blueprint.get("/<int:number>/labels")
def labels(number: int) -> Response:
    """Choose stock and format, look at a specimen, see how often labels were made before."""
    values = {
        name: request.args.get(name, "") for name in ("stock", "form", "first", "count", "start", "dpi")
    }
    values["cut_marks"] = request.args.get("cut_marks", "")
    return _page(number, Draft(values={**values, "stock": values["stock"] or DEFAULT_STOCK}))


@blueprint.get("/<int:number>/specimen.<any(svg,png):form>")
def specimen(number: int, form: str) -> Response:
    """One label as a picture. It is signed by nobody and proves nothing, so it is not counted."""
    own_batch(number)
    job = here().services.printing.specimen(who(), BatchNumber(number))
    kind, out = Format(form), BytesIO()
    stock = label_job.stock_of(kind, LabelsQuery(stock=request.args.get("stock") or None))
    label_job.write(kind, job, stock, out, font=here().settings.label_font)
    return Response(out.getvalue(), mimetype=label_job.SINGLES[kind])


@blueprint.post("/<int:number>/labels")
def make(number: int) -> Response:
    """The labels as a file. By POST, so that no link, no prefetch and no reload makes labels unasked."""
    draft = Draft.of(request)
    first, count = draft.number("first"), draft.number("count")
    start = draft.number("start", most=1_000)
    kind = next((form for form in Format if form == draft.text("form")), None)
    if kind is None:
        draft.note("form", "CHOICE_INVALID")
    if kind is not None and draft.is_good:
        with draft.told(fields={"first": "first", "stock": "stock"}):
            query = _query(draft, first, count, start)
            stock = label_job.stock_of(kind, query)
            job = here().services.printing.job(
                who(), BatchNumber(number), form=kind, first=query.first, count=query.count
            )

            def write(out: BinaryIO) -> None:
                label_job.write(kind, job, stock, out, font=here_font)

            here_font = here().settings.label_font
            response = Response(pieces(write), mimetype=label_job.media_type(kind, job))
            response.headers["Content-Disposition"] = f'attachment; filename="{_file_name(kind, job)}"'
            return response
    return _page(number, draft)


def _query(draft: Draft, first: int | None, count: int | None, start: int | None) -> LabelsQuery:
    try:
        return LabelsQuery(
            stock=draft.text("stock") or None,
            first=0 if first is None else first - 1,
            count=count,
            start=start or 1,
            dpi=float(draft.text("dpi")) if draft.text("dpi") in _DPI else None,
            cut_marks=True if draft.text("cut_marks") else None,
        )
    except ValidationError as error:
        raise ServiceError(Refusal.INPUT_INVALID, "stock: unknown", field="stock") from error


def _file_name(form: Format, job: PrintJob) -> str:
    """As people count: from 1."""
    name, _, suffix = label_job.file_name(form, job).rpartition(".")
    stem = name[: name.index("-labels-")]
    return f"{stem}-labels-{job.first + 1}-{job.first + job.count}.{suffix}"


def _page(number: int, draft: Draft) -> Response:
    found, services = own_batch(number), here().services
    times, made = services.printing.times(who(), found.number)
    is_ready = found.status is BatchStatus.ISSUED
    return show(
        "labels.html",
        draft.status,
        draft=draft,
        batch=found,
        product=services.products.find(found.gtin),
        is_ready=is_ready,
        sheets=SHEETS,
        rolls=ROLLS,
        forms=tuple(Format),
        dpis=_DPI,
        times=times,
        made=made,
        warnings=_warnings(number, draft) if is_ready else (),
        stock=draft.text("stock") or DEFAULT_STOCK,
    )


def _warnings(number: int, draft: Draft) -> tuple[str, ...]:
    """What the specimen on this stock is warned of; nothing when it does not fit at all, which is a fault."""
    font = here().settings.label_font
    with draft.told(fields={"stock": "stock"}, otherwise="stock"):
        stock = label_job.stock_of(Format.PDF, LabelsQuery(stock=draft.text("stock")[:60] or None))
        job = here().services.printing.specimen(who(), BatchNumber(number))
        return tuple(warning.code.value for warning in warnings_of(job, stock, font=font))
    return ()
