"""Programs that `make` builds from other people's Go modules, and the vectors taken from one."""

from pathlib import Path

from tests.parts import require_part

FOLDER = Path(__file__).parents[1] / "build" / "go"


def require_built(name: str) -> Path:
    """Return where the program or file `name` is; without it the running test skips, or fails under REQUIRE_ALL=1."""
    path = FOLDER / name
    target = "thor" if name == "thor" else "strangers"
    require_part(path.is_file(), name, f"make {target}")
    return path
