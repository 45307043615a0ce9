"""Installed from the wheel with the extra `scanner`, the scanner has all that it needs, and nothing of the server's."""

from __future__ import annotations

import re
import subprocess
import sys
import venv
from importlib.metadata import Distribution, distribution
from pathlib import Path
from zipfile import ZipFile

import cv2
import pytest
from packaging.requirements import Requirement

from tests.scanner.drawing import draw_qr

PROJECT = Path(__file__).parents[2]
SERVERS = ("flask", "sqlalchemy", "apiflask", "waitress", "psycopg", "alembic")


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with the wheel in it, and the packages that its extra asks for, no other."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=PROJECT, check=True, capture_output=True, timeout=300)
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "venv", with_pip=False)
    (site,) = (folder / "venv").glob("lib/python*/site-packages")
    with ZipFile(wheel) as archive:
        archive.extractall(site)
        (metadata,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        asked = [
            line.removeprefix("Requires-Dist: ")
            for line in archive.read(metadata).decode("utf-8").splitlines()
            if line.startswith("Requires-Dist: ")
        ]
    for name in closure(asked, "scanner"):
        borrow(distribution(name), site)
    return folder / "venv" / "bin" / "python"


def closure(asked: list[str], extra: str) -> set[str]:
    """The names of all packages that are needed, each as often as it is asked for by another."""
    needed: set[str] = set()
    waiting = [(Requirement(line), frozenset({extra, ""})) for line in asked]
    while waiting:
        requirement, extras = waiting.pop()
        marker = requirement.marker
        if marker is not None and not any(marker.evaluate({"extra": one}) for one in extras):
            continue
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        if name in needed:
            continue
        needed.add(name)
        inner = frozenset({*requirement.extras, ""})
        waiting += [(Requirement(line), inner) for line in distribution(name).requires or ()]
    return needed


def borrow(package: Distribution, site: Path) -> None:
    """Let the environment have this installed package: pip would put the same files there."""
    for top in {file.parts[0] for file in package.files or () if file.parts[0] not in ("..", "__pycache__")}:
        if not (site / top).exists():
            (site / top).symlink_to(Path(str(package.locate_file(top))))


def test_it_reads_a_picture(python: Path, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "code.png"), draw_qr("GOOD"))
    scanner = [str(python), "-c", "from scanner.cli import main; main()", "decode", "code.png"]
    done = subprocess.run(scanner, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "GOOD" in done.stdout


@pytest.mark.parametrize("name", SERVERS)
def test_nothing_of_the_server_s_is_there(python: Path, tmp_path: Path, name: str) -> None:
    done = subprocess.run(
        [python, "-c", f"import {name}"], cwd=tmp_path, capture_output=True, check=False, timeout=60
    )
    assert b"ModuleNotFoundError" in done.stderr
