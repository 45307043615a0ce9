"""The demonstration's producer: its workspace, its products, its batch of 24 bottles."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

from demo.commands import OUT, PROJECT, check, run, say

FOLDER = PROJECT / "demo"
WORKSPACE = FOLDER / "workspace"
LABELS = FOLDER / "labels.pdf"
TRUST = FOLDER / "out" / "trust.json"

PRODUCER = "jade-river"
# GS1 sets prefix 952 aside for demonstrations: no product carries these numbers.
PREFIX = "9520001"
BOTTLE = "09520001000010"
BOX = "09520001000027"
INFUSION_SET = "09520001000034"
LOT = "L26-0914"
COUNT = 24


def open_shop() -> dict[str, str]:
    """The producer's workspace, made if there is none yet; the environment that its commands need."""
    secrets_file = WORKSPACE / "secrets.env"
    if not (WORKSPACE / "origintag.toml").exists():
        say("A workspace: keys, database, settings")
        WORKSPACE.mkdir(parents=True, exist_ok=True)
        create = ["tagserver", "init", _shown(WORKSPACE), "--tag-host", "ID.EXAMPLE.COM"]
        shown = ["--site-name", "Jade River Origin Check", "--secrets-file", _shown(secrets_file)]
        run([*create, *shown], {})
    environ = _read_secrets(secrets_file) | {"ORIGINTAG_HOME": str(WORKSPACE)}
    if PRODUCER not in run_quiet(["tagserver", "org", "list"], environ):
        _register(environ)
    return environ


def issue_bottles(environ: Mapping[str, str]) -> None:
    """A batch of 24 bottles with its sheet of labels; the key makes a second run find the first one's batch."""
    say(f"A batch of {COUNT} bottles, and its sheet of labels")
    order = ["--product", BOTTLE, "--lot", LOT, "--count", str(COUNT), "--key", "demo-bottles"]
    run(["tagserver", "issue", *order, "--out", _shown(LABELS), "--cut-marks"], environ)
    TRUST.parent.mkdir(exist_ok=True)
    run(["tagserver", "trust", "show", "--out", _shown(TRUST)], environ)


def log_bottles(environ: Mapping[str, str]) -> None:
    """The batch gets its place in the log. A server does it by itself, every second."""
    say("The batch becomes an entry of the public log")
    run(["tagserver", "log", "create"], environ)
    run(["tagserver", "log", "sequence"], environ)
    check("the record is as the log has it", "DIFFERS" not in run(["tagserver", "audit"], environ))


def activate_bottles(environ: Mapping[str, str]) -> None:
    """Release the batch; on a second run it is released already."""
    say("The bottles are filled: the producer releases the batch")
    if "activate" not in run_quiet(["tagserver", "trail", "--action", "range.activate"], environ):
        run(["tagserver", "event", "batch", "1", "activate"], environ)
    else:
        OUT.print("released on an earlier run")


def run_quiet(command: list[str], environ: Mapping[str, str]) -> str:
    """Run a command that only looks, without showing it."""
    with OUT.capture():
        return run(command, environ)


def _register(environ: Mapping[str, str]) -> None:
    say("A producer with a key, and its products")
    name = "Jade River Trading Co."
    create = [
        "tagserver",
        "org",
        "create",
        PRODUCER,
        "--name",
        name,
        "--role",
        "producer",
        "--prefix",
        PREFIX,
    ]
    run(create, environ)
    run(["tagserver", "key", "create", PRODUCER], environ)
    for gtin, product, size in (
        (BOTTLE, "Red Sorghum Baijiu 52 %", "500 ml"),
        (BOX, "Red Sorghum Baijiu 52 %, gift box", "1 bottle of 500 ml"),
        (INFUSION_SET, "Sterile infusion set", "1 piece"),
    ):
        about = ["--org", PRODUCER, "--name", product, "--size", size]
        run(["tagserver", "product", "create", gtin, *about], environ)


def _read_secrets(path: Path) -> dict[str, str]:
    """The variables of a file that `tagserver init` wrote for the shell."""
    words = (shlex.split(line) for line in path.read_text(encoding="utf-8").splitlines())
    return dict(word.split("=", 1) for line in words for word in line if "=" in word)


def _shown(path: Path) -> str:
    """A path as a person at the project's root would type it."""
    return str(path.relative_to(PROJECT))
