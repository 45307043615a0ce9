"""`make demo`: issue, print, photograph, scan offline and online, then serve the site to look at."""

from __future__ import annotations

import argparse
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from demo.commands import OUT, PROJECT, DemoError, check, run, say
from demo.shop import (
    COUNT,
    FOLDER,
    LABELS,
    TRUST,
    activate_bottles,
    issue_bottles,
    log_bottles,
    open_shop,
)
from demo.snapshot import photograph_label, read_sheet

PORT = 8000
ADDRESS = f"http://127.0.0.1:{PORT}"
PHOTO = FOLDER / "out" / "photo.jpg"
PROOF = FOLDER / "out" / "bottle.proof.json"
START_SECONDS = 60


def main() -> int:
    """Run the demonstration; exit status 1 when a step fails."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--exit", action="store_true", help="check each step, stop the server, and end")
    arguments = parser.parse_args()
    try:
        demonstrate(stay=not arguments.exit)
    except DemoError as error:
        OUT.print(f"[red]✗ {error}[/red]", markup=True)
        return 1
    except KeyboardInterrupt:
        OUT.print("\nstopped")
    return 0


def demonstrate(*, stay: bool) -> None:
    """All steps. Raises: DemoError."""
    environ = open_shop()
    issue_bottles(environ)
    check(
        f"each of the {COUNT} labels reads back, as a tag of its own", len(read_sheet(LABELS, COUNT)) == COUNT
    )
    log_bottles(environ)
    say("Somebody photographs the first label")
    photograph_label(LABELS, 0, "tilted", PHOTO)
    OUT.print(f"{PHOTO.relative_to(PROJECT)}: drawn in perspective, with lamp light, blur, paper and noise")
    scan_offline()
    activate_bottles(environ)
    with serving(environ):
        url = scan_online()
        path = url.partition("://")[2].partition("/")[2]
        page = httpx.get(f"{ADDRESS}/{path}", headers={"Accept": "text/html"})
        matches = page.status_code == 200 and "Matches the producer" in page.text
        check("the page of the tag says that it matches the producer's record", matches)
        check("the page says that the lot is in the log", "In the log as entry" in page.text)
        prove(environ, url)
        batch = httpx.get(f"{ADDRESS}/batches/1", headers={"Accept": "text/html"})
        check("the page of the batch answers", batch.status_code == 200 and "L26-0914" in batch.text)
        say("Open in a browser")
        OUT.print(f"the verdict on a bottle  {ADDRESS}/{path}")
        OUT.print(f"its batch                {ADDRESS}/batches/1")
        if stay:
            OUT.print("Ctrl-C stops the server")
            while True:
                time.sleep(3600)


def prove(environ: Mapping[str, str], url: str) -> None:
    """A proof file of the bottle, checked by the scanner with pinned keys and nothing else."""
    say("A proof for somebody who will never ask this server")
    run(["tagserver", "proof", url, "--out", _shown(PROOF)], environ)
    # As much as a signature is worth: a copied label has the same proof.
    run(["scanner", "verify", "--proof", _shown(PROOF), "--trust", _shown(TRUST)], {}, expect=10)
    OUT.print(f"{_shown(PROOF)}: {PROOF.stat().st_size} bytes")


def scan_offline() -> None:
    """The photograph, judged with pinned keys alone: a signature, and no more than that."""
    say("Scanned offline, with the producers' keys alone")
    command = ["scanner", "scan", _shown(PHOTO), "--trust", _shown(TRUST)]
    run(command, {}, expect=10)
    headline = _first_symbol(command, 10)["verdict"]["headline"]
    check("offline, the signature holds and no more is claimed", headline["code"] == "SIGNATURE_ONLY")


def scan_online() -> str:
    """The photograph, judged with the producer's record and the history of scans; the tag's URL."""
    say("Scanned online, with the producer's record and history")
    command = ["scanner", "scan", _shown(PHOTO), "--trust", _shown(TRUST), "--server", ADDRESS]
    run(command, {})
    symbol = _first_symbol(command, 0)
    check("online, the bottle matches the producer's record", symbol["verdict"]["level"] == "match")
    return str(symbol["text"])


def _first_symbol(command: list[str], expect: int) -> dict[str, Any]:
    """The first symbol of a scan, as the scanner tells it to programs."""
    with OUT.capture():
        line = run([*command, "--json"], {}, expect=expect).splitlines()[0]
    symbol: dict[str, Any] = json.loads(line)["symbols"][0]
    return symbol


@contextmanager
def serving(environ: Mapping[str, str]) -> Iterator[None]:
    """The site on port 8000, until the block ends. Raises: DemoError when it does not come up."""
    say("The site")
    if _is_taken():
        raise DemoError(f"port {PORT} is taken: stop what listens there, and try again")
    command = [str(Path(sys.executable).parent / "tagserver"), "serve", "--port", str(PORT)]
    with (FOLDER / "out" / "server.log").open("w") as log:
        server = subprocess.Popen(command, env={**environ}, stdout=log, stderr=log, cwd=PROJECT)
        try:
            _wait_for(server)
            OUT.print(f"serving on {ADDRESS}")
            yield
        finally:
            server.terminate()
            server.wait(timeout=20)


def _is_taken() -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", PORT)) == 0


def _wait_for(server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if server.poll() is not None:
            raise DemoError(f"the server ended with status {server.returncode}: see demo/out/server.log")
        try:
            if httpx.get(f"{ADDRESS}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise DemoError(f"no answer from the server within {START_SECONDS} s: see demo/out/server.log")


def _shown(path: Path) -> str:
    return str(path.relative_to(PROJECT))


if __name__ == "__main__":
    sys.exit(main())
