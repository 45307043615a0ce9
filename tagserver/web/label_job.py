"""A print job as an answer: stock from a query, kind and name of the file, and one label as a bare picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from tagserver.labels.geometry import SheetSpec
from tagserver.labels.outlines import FontFile
from tagserver.labels.png import label_png
from tagserver.labels.preparing import prepared
from tagserver.labels.presets import DPI_203
from tagserver.labels.rendering import MEDIA_TYPE, SUFFIX, Format
from tagserver.labels.stock import Stock, label_of
from tagserver.labels.svg import label_svg
from tagserver.prints import DEFAULT_STOCK, adjusted, contents, find_stock, write_labels
from tagserver.services.printing import PrintJob
from tagserver.web.schemas.batches import LabelsQuery

DEFAULT_ROLL = "thermal-50x30-203"
SINGLES = {Format.SVG: "image/svg+xml", Format.PNG: "image/png"}
"""Kinds of which one label is a picture; several are an archive of pictures."""


def stock_of(form: Format, query: LabelsQuery) -> Stock:
    """The sheet or roll asked for. Raises: ServiceError INPUT_INVALID, SheetError."""
    name = query.stock or (DEFAULT_ROLL if form is Format.ZPL else DEFAULT_STOCK)
    stock = adjusted(
        find_stock(name), start=query.start, cut_marks=query.cut_marks, module_mm=query.module_mm
    )
    return stock if query.dpi is None else _at(stock, query.dpi)


def is_single(form: Format, job: PrintJob) -> bool:
    """Whether the file is one picture."""
    return form in SINGLES and job.count == 1


def media_type(form: Format, job: PrintJob) -> str:
    """Of the file that `write` makes."""
    return SINGLES[form] if is_single(form, job) else MEDIA_TYPE[form]


def file_name(form: Format, job: PrintJob) -> str:
    """What the file is called when it is kept."""
    suffix = f".{form}" if is_single(form, job) else SUFFIX[form]
    return f"batch-{job.batch.number}-labels-{job.first}-{job.first + job.count - 1}{suffix}"


def write(form: Format, job: PrintJob, stock: Stock, out: BinaryIO, *, font: Path | None) -> None:
    """Write the job's labels. Raises: LabelError."""
    if is_single(form, job):
        out.write(_single(form, job, stock, font))
    else:
        write_labels(job, form, stock, out, font=font)


def _at(stock: Stock, dpi: float) -> Stock:
    """For another printer; what is called 203 dpi has 8 dots a millimetre."""
    label = replace(label_of(stock), dpi=DPI_203 if round(dpi) == round(DPI_203) else dpi)
    return replace(stock, label=label) if isinstance(stock, SheetSpec) else label


def _single(form: Format, job: PrintJob, stock: Stock, font: Path | None) -> bytes:
    spec = label_of(stock)
    file = FontFile(path=font) if font else None
    label = next(prepared(contents(job), spec, font=file))
    return label_png(label, spec) if form is Format.PNG else label_svg(label, spec).encode()
