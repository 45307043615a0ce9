"""One entry for all formats: contents in, a file out, whatever the count."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import BinaryIO, assert_never
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from tagserver.labels.content import LabelContent
from tagserver.labels.geometry import LabelSpec
from tagserver.labels.outlines import FontFile
from tagserver.labels.pdf import write_sheets
from tagserver.labels.png import label_png
from tagserver.labels.preparing import Label, prepared
from tagserver.labels.stock import Stock, label_of, sheet_of
from tagserver.labels.svg import label_svg
from tagserver.labels.url_list import write_url_list
from tagserver.labels.zpl import label_zpl


class Format(StrEnum):
    """A kind of file; SVG and PNG are archives (.zip) with a file a label."""

    PDF = "pdf"
    SVG = "svg"
    PNG = "png"
    ZPL = "zpl"
    CSV = "csv"


MEDIA_TYPE = {
    Format.PDF: "application/pdf",
    Format.SVG: "application/zip",
    Format.PNG: "application/zip",
    Format.ZPL: "application/zpl",
    Format.CSV: "text/csv; charset=utf-8",
}

SUFFIX = {Format.PDF: ".pdf", Format.SVG: ".zip", Format.PNG: ".zip", Format.ZPL: ".zpl", Format.CSV: ".csv"}
"""Of the file's name."""


def render(
    form: Format,
    contents: Iterable[LabelContent],
    stock: Stock,
    out: BinaryIO,
    *,
    title: str,
    font: FontFile | None = None,
) -> int:
    """Writes all labels to `out`, which need not be seekable, and returns how many there were.

    On a sheet, PDF fills its grid; all other formats are single labels of its size. Raises: LabelError when a
    label cannot be printed; ValueError when a PDF would have no label.
    """
    match form:
        case Format.PDF:
            return write_sheets(contents, sheet_of(stock), out, title=title, font=font)
        case Format.CSV:
            return write_url_list(contents, out)
        case Format.ZPL:
            return _write_zpl(contents, label_of(stock), out, font)
        case Format.SVG:
            svgs = (
                (".svg", label_svg(label, spec).encode()) for label, spec in _prepared(contents, stock, font)
            )
            return _write_archive(svgs, out)
        case Format.PNG:
            pngs = ((".png", label_png(label, spec)) for label, spec in _prepared(contents, stock, font))
            return _write_archive(pngs, out)
        case _:
            assert_never(form)


def _prepared(
    contents: Iterable[LabelContent], stock: Stock, font: FontFile | None
) -> Iterator[tuple[Label, LabelSpec]]:
    spec = label_of(stock)
    return ((label, spec) for label in prepared(contents, spec, font=font))


def _write_zpl(
    contents: Iterable[LabelContent], spec: LabelSpec, out: BinaryIO, font: FontFile | None
) -> int:
    count = 0
    for count, label in enumerate(prepared(contents, spec, font=font), 1):  # noqa: B007 (returned)
        out.write(label_zpl(label, spec, font=font))
    return count


def _write_archive(files: Iterable[tuple[str, bytes]], out: BinaryIO) -> int:
    """Files named by their number in the job, in an archive that is equal for equal labels."""
    count = 0
    with ZipFile(out, "w") as archive:
        for count, (suffix, data) in enumerate(files, 1):
            archive.writestr(ZipInfo(f"label-{count:07d}{suffix}"), data, ZIP_DEFLATED)
    return count
