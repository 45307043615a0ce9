"""A whole run: read everything, check it, write the report; with a bar on a terminal, and silence elsewhere."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from scanner.bulk.entry import Entry
from scanner.bulk.gathering import Gathered, gather
from scanner.bulk.judging import Judge
from scanner.bulk.listing import entries_in_list
from scanner.bulk.pictures import entries_in_folder, pictures_in
from scanner.bulk.reporting import Report, Tally


def default_jobs() -> int:
    """One for each processor that this program may use, as far as that is known."""
    return max(1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


def check_all(source: Path, judge: Judge, out: Path, *, jobs: int, now: datetime) -> Tally:
    """Check the list or folder `source` and write the report to `out` ("-": standard output).

    Raises: ListFormatError; RefusedError; OSError, when the report cannot be written.
    """
    with _opened(out) as file, _progress() as progress, gather(_entries(source, jobs, progress)) as gathered:
        return _checked(gathered, judge, Report(file), now, progress)


def _entries(source: Path, jobs: int, progress: Progress) -> Iterator[Entry]:
    if not source.is_dir():
        yield from entries_in_list(source)
        return
    pictures = pictures_in(source)
    reading = progress.add_task("reading pictures", total=len(pictures))
    for entries in entries_in_folder(source, pictures, jobs=jobs):
        yield from entries
        progress.advance(reading)


def _checked(gathered: Gathered, judge: Judge, report: Report, now: datetime, progress: Progress) -> Tally:
    tally = Tally()
    checking = progress.add_task("checking codes", total=gathered.count)
    for index, (entry, outcome) in enumerate(judge.answers(gathered, now)):
        first_index = gathered.first_of(entry)
        report.add(index, entry, outcome, first_index)
        tally.count(outcome, first_index)
        progress.advance(checking)
    return tally


def _progress() -> Progress:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


@contextmanager
def _opened(out: Path) -> Iterator[TextIO]:
    """A file begins with a mark by which spreadsheets know UTF-8; a pipe does not."""
    if str(out) != "-":
        with out.open("w", encoding="utf-8-sig", newline="") as file:
            yield file
        return
    text = TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="", write_through=True)
    try:
        yield text
    finally:
        text.detach()
