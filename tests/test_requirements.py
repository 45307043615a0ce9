"""The lock installs the same everywhere: exact versions, hashes, no address of any index."""

import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements" / "dev.txt"

PIN = re.compile(r"[a-z0-9-]+(\[[a-z0-9,-]+\])?==[0-9][0-9a-z.]*( ; [^\\]+)? \\\n")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?\n")
COMMENT = re.compile(r" *#[^:/]*:?\n")  # so no URL and no host with a port


def locked() -> list[Requirement]:
    text = LOCK.read_text()
    return [Requirement(line.removesuffix("\\")) for line in text.splitlines() if re.match(r"[a-z]", line)]


def wanted() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"].values()
    everything = chain(project["build-system"]["requires"], project["project"]["dependencies"], *extras)
    return [Requirement(text) for text in everything]


@pytest.mark.parametrize("path", sorted(LOCK.parent.glob("*")), ids=lambda path: path.name)
def test_a_lock_holds_only_pins_hashes_and_comments(path: Path) -> None:
    with path.open() as lines:
        strange = [line for line in lines if not any(kind.fullmatch(line) for kind in (PIN, HASH, COMMENT))]
    assert strange == []


@pytest.mark.parametrize("requirement", wanted(), ids=str)
def test_the_lock_satisfies_the_project(requirement: Requirement) -> None:
    pins = [pin for pin in locked() if canonicalize_name(pin.name) == canonicalize_name(requirement.name)]
    assert pins, f"{requirement.name} is not locked; run: make lock"
    for pin in pins:
        version = next(iter(pin.specifier)).version
        assert requirement.specifier.contains(version), f"run: make lock; got {version}, want {requirement}"
