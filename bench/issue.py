"""Issue 100,000 tags with their PDF by the real command, beside the usual way; processor time of whole processes.

Processor time leaves out waiting for the disk, which spares the peer its commit a tag.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figure import Figure

COUNT = 100_000
NAIVE_COUNT = 400

PRODUCER = "bench"
GTIN = "09520001000010"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one process took: processor seconds (user and system) and its largest resident set in bytes."""

    seconds: float
    peak_bytes: int


def figures() -> Iterator[Figure]:
    """Tags a second a core, the ratio to the peer, peak memory, and bytes kept a tag."""
    with TemporaryDirectory() as folder:
        workspace = _workspace(Path(folder) / "ours")
        before = _kept(workspace)
        pdf = Path(folder) / "labels.pdf"
        ours = _cost(["tagserver", *_order(COUNT), "--out", str(pdf)], _environ(workspace))
        kept = _kept(workspace) - before
        naive_folder = Path(folder) / "naive"
        naive_folder.mkdir()
        peer = ["-m", "bench.peers.naive_issue", str(NAIVE_COUNT), str(naive_folder)]
        naive = _cost(["python", *peer], dict(os.environ))
    rate, naive_rate = COUNT / ours.seconds, NAIVE_COUNT / naive.seconds
    size = f"{COUNT:,} tags with PDF, start of the program included"
    yield Figure(figure="issue_tags_per_second_core", value=rate, unit="tags/s", against=size)
    yield Figure(
        figure="issue_naive_tags_per_second_core",
        value=naive_rate,
        unit="tags/s",
        against=f"{NAIVE_COUNT} tags",
    )
    against = "qrcode with automatic mask, a Pillow PNG and an ORM commit a tag"
    yield Figure(figure="issue_over_naive", value=rate / naive_rate, unit="", against=against)
    yield Figure(figure="issue_peak_mb", value=ours.peak_bytes / 1e6, unit="MB", against=size)
    yield Figure(figure="issue_store_bytes_per_tag", value=kept / COUNT, unit="B", against="PDF left out")


def _workspace(home: Path) -> Path:
    secrets = {
        f"ORIGINTAG_{name}": "only for measuring" for name in ("PASSPHRASE", "ROOT_PASSPHRASE", "SECRET")
    }
    os.environ.update(secrets)
    environ = _environ(home)
    _cost(["tagserver", "init", str(home), "--tag-host", "ID.EXAMPLE.COM"], environ)
    org = ["org", "create", PRODUCER, "--name", "Bench", "--role", "producer", "--prefix", "9520001"]
    _cost(["tagserver", *org], environ)
    _cost(["tagserver", "key", "create", PRODUCER], environ)
    _cost(["tagserver", "product", "create", GTIN, "--org", PRODUCER, "--name", "Baijiu"], environ)
    _cost(["tagserver", *_order(1)], environ)
    return home


def _order(count: int) -> list[str]:
    return ["issue", "--product", GTIN, "--lot", "L26-0914", "--expiry", "271231", "--count", str(count)]


def _environ(home: Path) -> dict[str, str]:
    return {**os.environ, "ORIGINTAG_HOME": str(home)}


def _cost(command: Sequence[str], environ: Mapping[str, str]) -> Cost:
    """Run one of the virtual environment's programs; what it took, by the kernel's own account."""
    program = Path(sys.executable).parent / command[0]
    process = subprocess.Popen([str(program), *command[1:]], env=dict(environ), stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command[:2]} ended with status {process.returncode}")
    return Cost(seconds=usage.ru_utime + usage.ru_stime, peak_bytes=usage.ru_maxrss * 1024)


def _kept(workspace: Path) -> int:
    """Bytes of disk that the workspace takes."""
    return sum(path.stat().st_size for path in workspace.rglob("*") if path.is_file())
