"""`tagserver issue`, `batch` and `labels`: tags from the order to the printed sheet."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkstemp
from typing import Any, BinaryIO

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tagcore.gs1 import Gtin, parse_expiry
from tagcore.manifest import format_manifest
from tagcore.tag import Profile
from tagserver.cli.opening import GTIN, Desk, opened
from tagserver.cli.serials import read_serials
from tagserver.cli.workers import IDLE_SECONDS, worker_name
from tagserver.labels.presets import ROLLS, SHEETS
from tagserver.labels.rendering import Format
from tagserver.labels.stock import Stock
from tagserver.ports import Batch, BatchNumber, BatchStatus
from tagserver.prints import DEFAULT_STOCK, adjusted, find_stock, warnings_of, write_labels
from tagserver.services.errors import Refusal, ServiceError
from tagserver.services.issue import Order
from tagserver.services.manifest import manifest_of

ENDINGS = {
    ".pdf": Format.PDF,
    ".zpl": Format.ZPL,
    ".csv": Format.CSV,
    ".svg.zip": Format.SVG,
    ".png.zip": Format.PNG,
}
"""Of files of labels; pictures come as an archive with a file a label."""


def label_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of commands that write labels."""
    for option in reversed(
        (
            click.option(
                "--out",
                type=click.Path(path_type=Path, dir_okay=False),
                help="File of labels; its ending says which kind: " + ", ".join(ENDINGS) + ".",
            ),
            click.option(
                "--stock",
                default=DEFAULT_STOCK,
                show_default=True,
                help="Label stock: " + ", ".join((*SHEETS, *ROLLS)),
            ),
            click.option(
                "--start", type=click.IntRange(1), default=1, help="First free position on the first sheet."
            ),
            click.option("--cut-marks/--no-cut-marks", default=None, help="Draw cut marks on sheets."),
            click.option("--module", "module_mm", type=click.FloatRange(0.05, 5), help="Module size in mm."),
        )
    ):
        command = option(command)
    return command


@click.command()
@click.option("--product", "gtin", type=GTIN, required=True, help="Its GTIN.")
@click.option("--lot", default="", help="Up to 20 characters; 10 or fewer make smaller symbols.")
@click.option("--expiry", help="YYMMDD; DD = 00 is the last day of the month. None without it.")
@click.option("--count", type=click.IntRange(1), help="How many tags.")
@click.option(
    "--serials",
    "serials_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The producer's own serials: a CSV file, the first column, one a line.",
)
@click.option("--profile", type=click.Choice([profile.value for profile in Profile]), default="digital-link")
@click.option("--host", help="The domain that the tags name; the producer's first without it.")
@click.option("--key", "idempotency_key", help="Repeating a command with the same key never issues twice.")
@label_options
@click.pass_context
def issue(
    context: click.Context,
    gtin: Gtin,
    lot: str,
    expiry: str | None,
    count: int | None,
    serials_file: Path | None,
    profile: str,
    host: str | None,
    idempotency_key: str | None,
    out: Path | None,
    stock: str,
    start: int,
    cut_marks: bool | None,
    module_mm: float | None,
) -> None:
    """Issue a batch of tags, and write its labels."""
    serials = None if serials_file is None else read_serials(serials_file)
    if (serials is None) == (count is None):
        raise click.UsageError("say either --count or --serials")
    form = _form(out)
    chosen = adjusted(find_stock(stock), start=start, cut_marks=cut_marks, module_mm=module_mm)
    order = Order(
        gtin=gtin,
        lot=lot,
        expiry=parse_expiry(expiry) if expiry else None,
        count=len(serials) if serials is not None else count or 0,
        profile=Profile(profile),
        host=host,
        serials=serials,
    )
    with opened(context) as desk:
        key = idempotency_key or secrets.token_hex(16)
        created = desk.services.issuing.request(desk.caller_for(gtin), order, idempotency_key=key)
        issued = _issue(desk, created.batch)
        click.echo(f"batch {issued.number}: {issued.count} tags, root {(issued.root or b'').hex()}")
        if out is not None:
            _print_labels(desk, issued, form, chosen, out)


@click.group()
def batch() -> None:
    """Batches."""


@batch.command("list")
@click.argument("org_id")
@click.pass_context
def list_batches(context: click.Context, org_id: str) -> None:
    """List the newest batches of ORG_ID."""
    with opened(context) as desk:
        for found in desk.services.issuing.of(desk.caller(org_id)):
            click.echo(
                f"{found.number}\t{found.gtin}\t{found.lot}\t{found.done}/{found.count}\t{found.status}"
            )


@batch.command("expected")
@click.argument("org_id")
@click.option("--after", type=click.IntRange(0), default=0, help="Only batches with a higher number.")
@click.pass_context
def list_expected(context: click.Context, org_id: str, after: int) -> None:
    """Print the issued batches of ORG_ID as a list for `tagserver monitor --expected`, the oldest first.

    Compare it with your own orders before a monitor gets it: whoever holds this server may have added to it.
    """
    with opened(context) as desk:
        found = desk.services.issuing.issued(desk.caller(org_id), after=BatchNumber(after))
    for one in found:
        root = one.root.hex() if one.root else ""
        click.echo(f"{root}  batch {one.number}, {one.count} tags of {one.gtin}, lot {one.lot or '-'}")


@batch.command("show")
@click.argument("number", type=int)
@click.pass_context
def show_batch(context: click.Context, number: int) -> None:
    """Show batch NUMBER and its manifest."""
    with opened(context) as desk:
        found = desk.services.issuing.find(BatchNumber(number))
    click.echo(f"batch {found.number}: {found.status}, {found.done} of {found.count} tags")
    if found.root is not None and found.issued_at is not None:
        for name, value in format_manifest(manifest_of(found, found.root, found.issued_at)).items():
            click.echo(f"  {name:8} {value}")


@click.command()
@click.argument("number", type=int)
@click.option(
    "--first", type=click.IntRange(1), default=1, show_default=True, help="First label, counted from 1."
)
@click.option("--count", type=click.IntRange(1), help="How many; all the rest without it.")
@label_options
@click.pass_context
def labels(
    context: click.Context,
    number: int,
    first: int,
    count: int | None,
    out: Path | None,
    stock: str,
    start: int,
    cut_marks: bool | None,
    module_mm: float | None,
) -> None:
    """Write the labels of batch NUMBER again. Each time is noted: a second genuine label is a forgery's best
    start.
    """
    if out is None:
        raise click.UsageError("say where to: --out FILE")
    form = _form(out)
    chosen = adjusted(find_stock(stock), start=start, cut_marks=cut_marks, module_mm=module_mm)
    with opened(context) as desk:
        found = desk.services.issuing.find(BatchNumber(number))
        _print_labels(desk, found, form, chosen, out, first=first - 1, count=count)


def _form(out: Path | None) -> Format:
    """The kind of file, told by its ending. What could not be written is refused before anything is issued."""
    if out is None:
        return Format.PDF
    if not out.absolute().parent.is_dir():
        raise click.BadParameter(f"there is no folder {out.parent}", param_hint="--out")
    for ending, form in ENDINGS.items():
        if out.name.lower().endswith(ending):
            return form
    raise click.BadParameter(
        f"got {out.name!r}, want a name that ends in {', '.join(ENDINGS)}", param_hint="--out"
    )


def _issue(desk: Desk, batch: Batch) -> Batch:
    """Issue `batch` here, or wait for the worker that has it. Raises: ServiceError BATCH_NOT_ISSUED when it failed."""
    with _bar(f"batch {batch.number}", batch.count) as progress:
        issued = desk.services.issuing.work_on(batch.number, owner=worker_name(), progress=progress)
        while issued.status in (BatchStatus.QUEUED, BatchStatus.ISSUING):
            progress(issued.done, issued.count)
            time.sleep(IDLE_SECONDS)
            issued = desk.services.issuing.work_on(batch.number, owner=worker_name(), progress=progress)
    if issued.status is BatchStatus.FAILED:
        message = f"batch {issued.number} failed: {issued.failure}"
        raise ServiceError(Refusal.BATCH_NOT_ISSUED, message)
    return issued


def _print_labels(
    desk: Desk,
    batch: Batch,
    form: Format,
    stock: Stock,
    out: Path,
    *,
    first: int = 0,
    count: int | None = None,
) -> None:
    """Write the file beside its place and move it there when it is whole."""
    caller, font = desk.caller(batch.org_id), desk.settings.label_font
    job = desk.services.printing.job(caller, batch.number, form=form.value, first=first, count=count)
    if job.times_before:
        click.echo(f"labels of this batch were written {job.times_before} times before", err=True)
    if form is not Format.CSV:  # a list of addresses has no size
        for warning in warnings_of(job, stock, font=font):
            click.echo(f"{warning.code}: {warning.message}", err=True)
    with _replacing(out) as file, _bar("labels", job.count) as progress:
        done = write_labels(job, form, stock, file, font=font, progress=progress)
    click.echo(f"{done} labels in {out}")


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """A file that takes `path`'s place when the block ends well, and is gone when it does not."""
    descriptor, name = mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def _bar(what: str, total: int) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on a terminal; nothing where there is none."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done, _: bar.update(task, completed=done)
