"""Which npm is used: the machine's, the wheel's, or none."""

import json
from pathlib import Path

import pytest

from tools import npm

ROOT = Path(__file__).parents[2]


def put(folder: Path, name: str, prints: str) -> str:
    program = folder / name
    program.write_text(f"#!/bin/sh\necho '{prints}'\n")
    program.chmod(0o755)
    return str(program)


@pytest.mark.parametrize(
    ("version", "major"), [("v18.20.4", 18), ("v24.0.0-nightly", 24), ("nonsense", 0), ("", 0)]
)
def test_node_tells_its_version(tmp_path: Path, version: str, major: int) -> None:
    assert npm.node_version(put(tmp_path, "node", version)) == major


@pytest.mark.parametrize(
    ("node", "has_npm", "is_used"),
    [("v20.1.0", True, True), ("v16.0.0", True, False), ("v20.1.0", False, False)],
)
def test_the_machine_s_npm_is_used_beside_a_node_that_is_new_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, node: str, has_npm: bool, is_used: bool
) -> None:
    put(tmp_path, "node", node)
    if has_npm:
        put(tmp_path, "npm", "11.0.0")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert (npm.machine_npm() is not None) is is_used


def test_without_any_npm_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(npm, "machine_npm", lambda: None)
    monkeypatch.setattr(npm, "wheel_npm", lambda: None)
    assert npm.main() == 1
    assert "apt-get install nodejs npm" in capsys.readouterr().err


def test_the_front_end_s_lock_holds_hashes_and_no_download_address() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert len(packages) > 2
    for name, package in packages.items():
        assert "resolved" not in package, f"{name}: .npmrc has omit-lockfile-registry-resolved"
        assert not name or package["integrity"].startswith("sha512-"), name
