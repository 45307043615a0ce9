"""Many pictures decoded, a line each: what `scanner decode` prints. Nothing is verified here.

With several processes each takes one picture at a time; lines come in the order of the pictures. No picture stops the
others: what cannot be read has an error in its line.
"""

import os
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TypeAlias

from scanner.decode import decode
from scanner.errors import ImageError
from scanner.images import load_image
from scanner.report import visible

Line: TypeAlias = dict[str, object]

_SPAWN = get_context("spawn")
"""A forked process may hang: the decoders' libraries have threads."""

_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif"})


def pictures_of(sources: Iterable[Path]) -> Iterator[Path]:
    """Each file that is named, whatever its name; of a folder all pictures in it and below, in order of their paths."""
    for source in sources:
        if source.is_dir():
            inner = (path for path in source.rglob("*") if path.suffix.lower() in _SUFFIXES)
            yield from sorted(path for path in inner if path.is_file())
        else:
            yield source


def decode_all(paths: Iterable[Path], *, first: bool = False, jobs: int = 1) -> Iterator[Line]:
    """A line for each picture, in their order; `jobs` processes work at once, or with 1 this one alone."""
    task = partial(decode_file, first=first)
    if jobs == 1:
        yield from map(task, paths)
        return
    yield from _parallel(list(paths), task, jobs)


def _parallel(paths: list[Path], task: "partial[Line]", jobs: int) -> Iterator[Line]:
    """A picture that kills its process is told so; those after it are read by new processes."""
    at = 0
    while at < len(paths):
        with ProcessPoolExecutor(jobs, mp_context=_SPAWN, initializer=_one_core) as pool:
            futures = [pool.submit(task, path) for path in paths[at:]]
            try:
                for future in futures:
                    yield future.result()
                    at += 1
            except BrokenProcessPool:
                # Which of those at work it was is not known: the first is read alone, and the others again.
                yield _alone(paths[at], task)
                at += 1


def _alone(path: Path, task: "partial[Line]") -> Line:
    try:
        with ProcessPoolExecutor(1, mp_context=_SPAWN, initializer=_one_core) as pool:
            return pool.submit(task, path).result()
    except BrokenProcessPool:
        return _refused(path, "IMAGE_CRASHED", "the process that read the picture ended")


def _one_core() -> None:
    import cv2

    cv2.setNumThreads(1)
    os.environ["OMP_NUM_THREADS"] = "1"


def decode_file(path: Path, *, first: bool = False) -> Line:
    """One picture's line; `ms` is the time for decoding its pixels, without reading the file and unpacking it."""
    try:
        image = load_image(path)
    except ImageError as error:
        return _refused(path, error.code, str(error))
    except MemoryError:
        return _refused(path, "IMAGE_TOO_MANY_PIXELS", "the picture takes too much memory to read")
    begun = time.perf_counter()
    try:
        found = decode(image, first=first)
    except MemoryError:
        return _refused(path, "IMAGE_TOO_MANY_PIXELS", "the picture takes too much memory to read")
    passed = (time.perf_counter() - begun) * 1000
    symbols = [
        {
            "text": symbol.text,
            "corners": [[round(x, 2), round(y, 2)] for x, y in symbol.corners],
            "stage": symbol.stage,
            "version": symbol.version,
            "level": symbol.ec_level,
        }
        for symbol in found[: 1 if first else None]
    ]
    return {"image": str(path), "symbols": symbols, "ms": round(passed, 1)}


def readable_line(line: Line) -> str:
    """A picture's line for people: its name, and each text under it."""
    error, symbols = line.get("error"), line["symbols"]
    assert isinstance(symbols, list)
    remark = f"  {error['text']}" if isinstance(error, dict) else "" if symbols else "  no code found"
    texts = [f"  {visible(symbol['text'])}  ({symbol['stage']})" for symbol in symbols]
    return "\n".join([visible(f"{line['image']}{remark}"), *texts])


def _refused(path: Path, code: str, text: str) -> Line:
    return {"image": str(path), "symbols": [], "ms": 0.0, "error": {"code": code, "text": text}}
