"""The strangers as functions: each accepts, or raises RefusedError with what the program said."""

import json
import subprocess
from pathlib import Path
from typing import Any

from tagcore.note import VerifierKey, format_verifier_key
from tests.built import require_built

TIMEOUT_SECONDS = 120


class RefusedError(Exception):
    """The program does not accept what it was shown."""


def fsck(log: Path | str, key: VerifierKey, scratch: Path) -> None:
    """Tessera's fsck over a folder, or over a log served at an address.

    Its exit status tells nothing: when a check fails it logs that, and ends with 0. So anything logged as an error
    counts as a refusal, and so does an end without a word of success. A worker that finds an error takes no more
    work, so there have to be more workers than errors, or it would wait for ever.
    """
    key_file = scratch / "key"
    key_file.write_text(format_verifier_key(key))
    place = f"file://{log}" if isinstance(log, Path) else f"{log.rstrip('/')}/"
    options = (f"--storage_url={place}", f"--public_key={key_file}", "--ui=false", "--N=16", "--logtostderr")
    done = _run("fsck", *options)
    complains = any(line.startswith(("E", "F")) for line in done.stderr.splitlines())
    if done.returncode or complains or "Successfully fsck'd" not in done.stderr:
        raise RefusedError(done.stderr)


def logcheck(*arguments: str | Path) -> dict[str, Any]:
    """Our small program over Go's sumdb; what it says it accepted."""
    done = _run("logcheck", *map(str, arguments))
    if done.returncode:
        raise RefusedError(done.stderr)
    accepted: dict[str, Any] = json.loads(done.stdout)
    return accepted


def check_log(log: Path | str, key: VerifierKey, *, old: Path | None = None) -> dict[str, Any]:
    """Every tile, entry and proof of a log, and that it grew from the checkpoint in the file `old`."""
    options = () if old is None else ("-old", old)
    return logcheck("log", *options, format_verifier_key(key), log)


def _run(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [require_built(name), *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
    )
