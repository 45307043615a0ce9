import re
from pathlib import Path

from bench.__main__ import bench_names
from tagcore.tag import Profile

PROJECT = Path(__file__).parents[2]

ROW = re.compile(r"^\| `([a-z0-9_]+)` \| `make bench ONLY=([a-z_]+)` \|", re.MULTILINE)
FIGURE = re.compile(r'figure=(f?)"([^"]+)"')
PLACE = re.compile(r"\{[^}]*\}")
PROFILES = tuple(profile.replace("-", "_") for profile in Profile)


def documented() -> dict[str, str]:
    """Each figure that has a row, and the bench that measures it."""
    return dict(ROW.findall((PROJECT / "docs" / "performance.md").read_text(encoding="utf-8")))


def figures_in(bench: str) -> set[str]:
    """The names of a bench's figures, read from its source; the one place in a name is a profile."""
    source = (PROJECT / "bench" / f"{bench}.py").read_text(encoding="utf-8")
    names: set[str] = set()
    for formatted, name in FIGURE.findall(source):
        names |= {PLACE.sub(profile, name) for profile in PROFILES} if formatted else {name}
    return names


def test_every_figure_of_every_bench_has_a_row_with_its_command() -> None:
    measured = {name: bench for bench in bench_names() for name in figures_in(bench)}
    assert documented() == measured
