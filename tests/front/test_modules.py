"""The pages' modules, asked by Node: they parse, and those that touch no page pass tests of their own."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.parts import require_part

PROJECT = Path(__file__).parents[2]
MODULES = sorted((PROJECT / "static" / "js").rglob("*.js"))
TESTS = sorted(Path(__file__).parent.glob("*.test.mjs"))


@pytest.fixture(scope="session")
def node() -> str:
    found = shutil.which("node")
    require_part(found is not None, "Node 18 or newer", "apt-get install nodejs")
    assert found is not None
    return found


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_every_module_parses(node: str, module: Path) -> None:
    assert run(node, "--check", str(module)).returncode == 0


@pytest.mark.parametrize("file", TESTS, ids=lambda path: path.name)
def test_the_modules_own_tests_pass(node: str, file: Path) -> None:
    done = run(node, "--test", str(file))
    assert done.returncode == 0, done.stdout


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, text=True, capture_output=True, cwd=PROJECT, timeout=60, check=False)
