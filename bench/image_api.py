"""Photographs over HTTP: how long people wait while four of them send 12 megapixels at once.

`tagserver serve` as it is, with its pool of reader processes. The photographs are made here: a label of the shop at
4000 x 3000, held in the ways of `demo.photograph`, and one of a whole tray. Beside it, in the same run, the wait for a
verification of a text while those pictures are being read: slow pictures must not keep others waiting.
"""

import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from bench.figure import Figure
from demo.photograph import SHOTS, photograph
from demo.snapshot import rasterise_label
from demo.stand import Stand, served, set_up
from scanner import decode

SIZE = (4000, 3000)
SENDERS = 4
PICTURES = 48
WAY = ("straight", "tilted", "bottle", "upside_down", "far", "dim_and_shaken")
PATIENCE_SECONDS = 60
PAUSE_SECONDS = 0.05
UNLIMITED = {f"ORIGINTAG_{name}_PER_MINUTE": "0" for name in ("PICTURES", "VERIFICATIONS", "REQUESTS")}


@dataclass(slots=True)
class Waits:
    """Milliseconds, and how many pictures were read."""

    pictures: list[float] = field(default_factory=list)
    texts: list[float] = field(default_factory=list)
    read: int = 0


def figures() -> Iterator[Figure]:
    """The wait that 95 of 100 pictures stay under, and that of texts beside them."""
    with TemporaryDirectory() as folder:
        stand = set_up(Path(folder))
        stand = replace(stand, environ={**stand.environ, **UNLIMITED})
        photographs = _photographs(stand)
        (symbol,) = decode(rasterise_label(stand.labels, 0))
        with served(stand) as site:
            waits = _measured(site, photographs, symbol.text)
    yield Figure(
        figure="image_api_p95_ms",
        value=_p95(waits.pictures),
        unit="ms",
        against=f"{SENDERS} at once, 12 megapixels; {waits.read} of {PICTURES} read, half of them within "
        f"{statistics.median(waits.pictures):.0f} ms",
    )
    yield Figure(
        figure="image_api_text_p95_ms",
        value=_p95(waits.texts),
        unit="ms",
        against="verifications of texts while those pictures are read",
    )


def _measured(site: str, photographs: Sequence[bytes], text: str) -> Waits:
    waits, over = Waits(), threading.Event()
    with httpx.Client(base_url=site, timeout=PATIENCE_SECONDS) as client:
        client.post("/v1/verify/image", content=photographs[0]).raise_for_status()  # the readers start

        def send(number: int) -> None:
            started = time.perf_counter()
            answer = client.post("/v1/verify/image", content=photographs[number % len(photographs)])
            waits.pictures.append((time.perf_counter() - started) * 1000)
            waits.read += answer.status_code == 200 and bool(answer.json()["symbols"])

        def ask() -> None:
            while not over.wait(PAUSE_SECONDS):
                started = time.perf_counter()
                client.post("/v1/verify", json={"text": text}).raise_for_status()
                waits.texts.append((time.perf_counter() - started) * 1000)

        asking = threading.Thread(target=ask)
        asking.start()
        with ThreadPoolExecutor(SENDERS) as senders:
            list(senders.map(send, range(PICTURES)))
        over.set()
        asking.join()
    return waits


def _photographs(stand: Stand) -> list[bytes]:
    label = rasterise_label(stand.labels, 1)
    shots = [replace(SHOTS[way], conditions=replace(SHOTS[way].conditions, size=SIZE)) for way in WAY]
    return [photograph(label, shot, seed=seed).jpeg for seed, shot in enumerate(shots)]


def _p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]
