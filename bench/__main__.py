"""Runs the benches, shows their figures and writes them down: `python -m bench [NAME]`."""

import argparse
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.figure import Figure
from bench.results import RESULTS, replace_results, write_results

NOT_BENCHES = {"__init__", "__main__", "figure", "qr_readers", "results", "serving", "wear"}


def bench_names() -> list[str]:
    """Return the names of all benches, which are the names of their files here."""
    modules = (path.stem for path in Path(__file__).parent.glob("*.py"))
    return sorted(name for name in modules if name not in NOT_BENCHES and not name.startswith("_"))


def readable(value: float) -> str:
    """Write `value` with four significant digits, whole from a thousand on."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def run(name: str, console: Console) -> Iterator[Figure]:
    """Run the bench called `name`, and show each figure as it comes."""
    console.print(f"[bold]{name}[/bold]")
    started = time.perf_counter()
    table = Table.grid(padding=(0, 2))
    for figure in import_module(f"bench.{name}").figures():
        table.add_row("", figure.figure, readable(figure.value), figure.unit, f"[dim]{figure.against}[/dim]")
        yield figure
    console.print(table)
    console.print(f"  [dim]{time.perf_counter() - started:.1f} s[/dim]")


def main() -> None:
    """Run one bench or all; all of them together start a new file of results."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the published figures.")
    parser.add_argument("name", nargs="?", choices=bench_names(), help="only this one")
    only: str | None = parser.parse_args().name
    console = Console(highlight=False)
    if only:
        replace_results(RESULTS, list(run(only, console)))
    else:
        write_results(RESULTS, [figure for name in bench_names() for figure in run(name, console)])
    console.print(f"written to {RESULTS.parent.name}/{RESULTS.name}")


if __name__ == "__main__":
    main()
