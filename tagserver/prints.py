"""A print job as a file: where the services' tags meet the labels' writers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from tagserver.labels.content import BatchText, LabelContent, normal_name
from tagserver.labels.geometry import A4, LETTER, SheetSpec, grid
from tagserver.labels.layout import LayoutWarning
from tagserver.labels.outlines import FontFile
from tagserver.labels.preparing import prepared
from tagserver.labels.presets import ROLLS, SHEETS, thermal
from tagserver.labels.rendering import Format, render
from tagserver.labels.stock import Stock, label_of
from tagserver.services.errors import Refusal, ServiceError
from tagserver.services.printing import PrintJob

Progress = Callable[[int, int], None]
"""Called with (labels done, labels in all)."""

DEFAULT_STOCK = "avery-l7159"

_GRID = re.compile(r"(a4|letter)-([1-9][0-9]?)x([1-9][0-9]?)")
_ROLL = re.compile(r"thermal-([1-9][0-9]{0,2})x([1-9][0-9]{0,2})-([1-9][0-9]{1,3})")
_PAGES = {"a4": A4, "letter": LETTER}


def find_stock(name: str) -> Stock:
    """A preset by its name; or `a4-3x8`, `letter-4x10` (columns x rows of plain paper), `thermal-50x25-203`
    (millimetres, dots an inch) of any size.

    Raises: ServiceError INPUT_INVALID, which lists the presets; SheetError for a grid without room.
    """
    if preset := SHEETS.get(name) or ROLLS.get(name):
        return preset
    if found := _GRID.fullmatch(name):
        return grid(_PAGES[found[1]], columns=int(found[2]), rows=int(found[3]))
    if found := _ROLL.fullmatch(name):
        return thermal(float(found[1]), float(found[2]), float(found[3]))
    known = ", ".join((*SHEETS, *ROLLS))
    raise ServiceError(Refusal.INPUT_INVALID, f"no label stock {name!r}; there are {known}", field="stock")


def adjusted(
    stock: Stock, *, start: int = 1, cut_marks: bool | None = None, module_mm: float | None = None
) -> Stock:
    """The stock with a first free position, cut marks and a module size of one's own. Raises: SheetError."""
    if module_mm is not None:
        label = replace(label_of(stock), module_mm=module_mm)
        stock = replace(stock, label=label) if isinstance(stock, SheetSpec) else label
    if isinstance(stock, SheetSpec):
        marks = stock.cut_marks if cut_marks is None else cut_marks
        stock = replace(stock, start=start, cut_marks=marks)
    return stock


def warnings_of(job: PrintJob, stock: Stock, *, font: Path | None = None) -> tuple[LayoutWarning, ...]:
    """What to warn of before the job is printed, judged by its first label. Raises: LabelError."""
    first = replace(job, count=1)
    label = next(prepared(contents(first), label_of(stock), font=_font(font)))
    return label.layout.warnings


def write_labels(
    job: PrintJob,
    form: Format,
    stock: Stock,
    out: BinaryIO,
    *,
    font: Path | None = None,
    progress: Progress | None = None,
) -> int:
    """Write the job's labels to `out`, which need not be seekable; how many. Raises: LabelError."""
    title = f"{job.product.name}, lot {job.batch.lot or 'none'}, batch {job.batch.number}"
    return render(form, contents(job, progress), stock, out, title=title, font=_font(font))


def _font(path: Path | None) -> FontFile | None:
    return FontFile(path=path) if path else None


def contents(job: PrintJob, progress: Progress | None = None) -> Iterator[LabelContent]:
    """What each label says, in order; derived while it is read."""
    batch = job.batch
    text = BatchText(
        product_name=normal_name(job.product.name),
        gtin=batch.gtin,
        lot=batch.lot,
        expiry=str(batch.expiry) if batch.expiry else "",
        domain=batch.host.lower(),
    )
    for done, (tag, url) in enumerate(job.tags(), start=1):
        yield LabelContent(batch=text, serial=tag.identity.serial, url=url)
        if progress is not None:
            progress(done, job.count)
