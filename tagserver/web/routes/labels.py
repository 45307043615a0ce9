"""Labels of a batch as files. Each rendering is in the audit trail before the first label exists."""

from __future__ import annotations

from typing import BinaryIO

from apiflask import APIBlueprint, FileSchema
from flask import Response

from tagserver.labels.rendering import Format
from tagserver.ports import BatchNumber
from tagserver.web import label_job
from tagserver.web.auth import required_caller
from tagserver.web.schemas.batches import LabelsQuery
from tagserver.web.streaming import pieces
from tagserver.web.surroundings import here

blueprint = APIBlueprint("labels", __name__, url_prefix="/v1/batches", tag="Batches")


@blueprint.get("/<int:number>/labels.<any(pdf,svg,png,zpl,csv):form>")
@blueprint.input(LabelsQuery, location="query")
@blueprint.output(FileSchema(type="string", format="binary"), content_type="application/octet-stream")
@blueprint.doc(
    summary="Make labels",
    description="PDF sheets; SVG and PNG, one picture or an archive of several; ZPL for thermal printers; CSV of "
    "the addresses. Made anew each time, and each time noted. Needs the scope `labels`.",
    security="Token",
    responses={
        403: "Not your batch, or not in your token's scopes",
        409: "The batch is not issued yet",
        422: "The labels cannot be printed so: the code says why",
    },
)
def labels(number: int, form: str, query_data: LabelsQuery) -> Response:
    """A file of any length in flat memory."""
    surroundings, kind = here(), Format(form)
    stock = label_job.stock_of(kind, query_data)
    job = surroundings.services.printing.job(
        required_caller(), BatchNumber(number), form=kind, first=query_data.first, count=query_data.count
    )

    def write(out: BinaryIO) -> None:
        label_job.write(kind, job, stock, out, font=surroundings.settings.label_font)

    response = Response(pieces(write), mimetype=label_job.media_type(kind, job))
    response.headers["Content-Disposition"] = f'attachment; filename="{label_job.file_name(kind, job)}"'
    return response
