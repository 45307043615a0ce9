"""Real photographs read by the scanner and, in the same run, by other readers; what each stage adds and costs.

The photographs are those of a qr-photos data set, which is not part of this project: QR_PHOTOS names its folder.
Without them there are no figures. Every second photograph of a category is
shown by itself as well; failures of both halves were looked at while the reader was made, so neither is wholly new to
it. One core, decoding only. The other readers are those of `bench.qr_readers`.
"""

import json
import os
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, median
from typing import Any, TypeAlias

import cv2
import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table

from bench.figure import Figure
from bench.qr_readers import Reader, Reads, peers, timed
from scanner.decode import STAGES, Scene, Stage, Symbol, decode
from scanner.images import GrayImage, load_image

PHOTOGRAPHS = Path(os.environ.get("QR_PHOTOS", "qr-photos"))
Labels: TypeAlias = dict[str, dict[str, Any]]


@dataclass(slots=True)
class Tally:
    """What a reader read, by category, and how long it took."""

    total: Counter[str] = field(default_factory=Counter)
    hit: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[str, str]] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)

    @property
    def camera(self) -> list[str]:
        return sorted(c for c in self.total if self.total[c] and not c.startswith("phone"))

    def macro(self) -> float:
        return 100 * fmean(self.hit[c] / self.total[c] for c in self.camera)

    def micro(self) -> float:
        return 100 * sum(self.hit[c] for c in self.camera) / sum(self.total[c] for c in self.camera)


def labels() -> Labels:
    """The labels with all corners of the upright picture: where EXIF turns it, the set's own are as it is stored."""
    found: Labels = json.loads((PHOTOGRAPHS / "labels.json").read_text(encoding="utf-8"))
    for name, label in found.items():
        with Image.open(PHOTOGRAPHS / name) as picture:
            if picture.getexif().get(0x0112) == 6:
                for code in label["codes"]:
                    code["corners"] = [[picture.height - 1 - y, x] for x, y in code["corners"]]
    return found


def held_out(found: Labels) -> set[str]:
    """Every second photograph of each category."""
    by_category: dict[str, list[str]] = defaultdict(list)
    for name in sorted(found):
        by_category[found[name]["category"]].append(name)
    return {name for names in by_category.values() for name in names[1::2]}


def measure(read: Reader, found: Labels, names: list[str]) -> dict[str, Tally]:
    """The tallies of all photographs and of those held out."""
    tallies, out = {"all": Tally(), "held": Tally()}, held_out(found)
    for name in names:
        reads, seconds = read(load_image(PHOTOGRAPHS / name))
        passed = 1000 * seconds
        for key in ("all", "held") if name in out else ("all",):
            _count(tallies[key], name, found[name], reads, passed)
    return tallies


def _count(tally: Tally, name: str, label: dict[str, Any], reads: Reads, passed: float) -> None:
    codes, read = label["codes"], set()
    tally.milliseconds.append(passed)
    tally.total[label["category"]] += len(codes)
    for text, corners in reads:
        here = [k for k, code in enumerate(codes) if code["corners"] is None or _on(code["corners"], corners)]
        right = [k for k in here if codes[k]["text"] is None or _visible(codes[k]["text"]) == _visible(text)]
        if right:
            read.add(next((k for k in right if k not in read), right[0]))
        elif text:
            tally.wrong.append((name, text))
    tally.hit[label["category"]] += len(read)


def _visible(text: str) -> str:
    return re.sub(r"[^\x21-\x7e]", "", text) or f"len{len(text.strip())}"


def _on(label: list[list[float]], corners: list[tuple[float, float]]) -> bool:
    a, b = np.array(label, np.float32), np.array(corners, np.float32)
    middle_a, middle_b = a.mean(axis=0), b.mean(axis=0)
    near = np.hypot(*(middle_a - middle_b)) < 0.35 * np.hypot(*(a[0] - a[2]))
    inside = cv2.pointPolygonTest(a, tuple(map(float, middle_b)), False) >= 0
    return bool(near or inside or cv2.pointPolygonTest(b, tuple(map(float, middle_a)), False) >= 0)


def _ours(image: GrayImage, *, first: bool = False, stages: Sequence[Stage] = STAGES) -> Reads:
    return [(symbol.text, list(symbol.corners)) for symbol in decode(image, first=first, stages=stages)]


def _timed(stage: Stage, spent: Counter[str], counts: Counter[str]) -> Stage:
    class Timed:
        name = stage.name

        def read(self, scene: Scene) -> Iterator[Symbol]:
            begun, before = time.process_time(), len(scene.found)
            yield from list(stage.read(scene))
            spent[stage.name] += round(1e6 * (time.process_time() - begun))
            counts[stage.name] += len(scene.found) - before

    return Timed()


def figures() -> Iterator[Figure]:
    """Show the tables, and give the figures; none where the photographs are not at hand."""
    console = Console(highlight=False)
    if not (PHOTOGRAPHS / "labels.json").exists():
        console.print("  the qr-photos data set is not there: nothing is measured")
        return
    cv2.setNumThreads(1)
    found = labels()
    names = sorted(found)[:: int(os.environ.get("QR_PHOTOS_EVERY", "1"))]
    spent: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    clocked = tuple(_timed(stage, spent, counts) for stage in STAGES)

    with peers(console.print) as others:
        readers = {"this scanner": timed(lambda image: _ours(image, stages=clocked)), **others}
        everything = {name: measure(reader, found, names) for name, reader in readers.items()}
    first = measure(timed(lambda image: _ours(image, first=True)), found, names)["all"]
    console.print(_reader_table(everything))
    console.print(_stage_table(spent, counts, len(names)))
    for name, text in everything["this scanner"]["all"].wrong:
        console.print(f"  not as labelled: {name}: {text[:60]!r}")
    yield from _figures(everything, first)


def _figures(everything: dict[str, dict[str, Tally]], first: Tally) -> Iterator[Figure]:
    mine = everything["this scanner"]["all"]

    def beside(value: Callable[[Tally], float]) -> str:
        return ", ".join(
            f"{name} {value(t['all']):.1f}" for name, t in everything.items() if t["all"] is not mine
        )

    held = everything["this scanner"]["held"]
    yield Figure(figure="photos_macro", value=mine.macro(), unit="%", against=beside(Tally.macro))
    yield Figure(figure="photos_macro_held_out", value=held.macro(), unit="%", against="")
    yield Figure(figure="photos_micro", value=mine.micro(), unit="%", against=beside(Tally.micro))
    yield Figure(
        figure="photos_wrong", value=len(mine.wrong), unit="reads", against=beside(lambda t: len(t.wrong))
    )
    yield Figure(
        figure="photos_first_median_ms",
        value=median(first.milliseconds),
        unit="ms",
        against=f"mean {fmean(first.milliseconds):.0f} ms",
    )
    yield Figure(
        figure="photos_all_mean_ms",
        value=fmean(mine.milliseconds),
        unit="ms",
        against=beside(lambda t: fmean(t.milliseconds)),
    )


def _reader_table(everything: dict[str, dict[str, Tally]]) -> Table:
    table = Table("category", *everything)
    mine = everything["this scanner"]["all"]
    for category in sorted(c for c in mine.total if mine.total[c]):
        table.add_row(
            category, *(f"{t['all'].hit[category]}/{t['all'].total[category]}" for t in everything.values())
        )
    for title, key in (("macro, all", "all"), ("macro, held out", "held")):
        table.add_row(title, *(f"{t[key].macro():.1f} %" for t in everything.values()))
    table.add_row("micro, all", *(f"{t['all'].micro():.1f} %" for t in everything.values()))
    table.add_row("ms, mean", *(f"{fmean(t['all'].milliseconds):.0f}" for t in everything.values()))
    table.add_row("not as labelled", *(str(len(t["all"].wrong)) for t in everything.values()))
    return table


def _stage_table(spent: Counter[str], counts: Counter[str], pictures: int) -> Table:
    table = Table("stage", "codes added", "ms a picture, over all")
    for stage in STAGES:
        table.add_row(stage.name, str(counts[stage.name]), f"{spent[stage.name] / 1000 / pictures:.1f}")
    return table
