"""The file of results: one line a figure, the newest value of each."""

from collections.abc import Iterable
from pathlib import Path

from bench.figure import Figure

RESULTS = Path(__file__).with_name("results.jsonl")


def read_results(path: Path) -> list[Figure]:
    """Return the figures in `path`, none if it is not there yet."""
    if not path.exists():
        return []
    return [Figure.from_line(line) for line in path.read_text().splitlines()]


def write_results(path: Path, figures: Iterable[Figure]) -> None:
    """Make `path` hold just `figures`."""
    path.write_text("".join(figure.to_line() + "\n" for figure in figures))


def replace_results(path: Path, figures: Iterable[Figure]) -> None:
    """Put `figures` in place of those of the same names in `path`; the others stay."""
    newest = {old.figure: old for old in read_results(path)} | {new.figure: new for new in figures}
    write_results(path, newest.values())
