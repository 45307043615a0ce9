"""A process that reads pictures for another one: `python -m scanner.worker`.

Hostile and slow pictures then hurt nobody but this process, which may be killed at any time. On standard input it
takes the picture's length in bytes (4 bytes, big-endian) and the picture; on standard output it answers each with
one line of JSON, `{"symbols": [...]}` or `{"error": {"code": ..., "message": ...}}`. The first line, before any
picture, says `{"ready": true}`. It ends when its input does.

A message whose length has the highest bit set is not a picture but says, in JSON, which symbols may be on the next
one: a list of `{"text", "side", "modules", "secret"}`, of which the last two are base64 of side * side bits, row by
row, the most significant first. It is not answered. With `--trust` tags are read that a pinned bundle vouches for.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from base64 import b64decode
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import cv2

from scanner.decode import Expected, Knowledge, decode
from scanner.decode.matching import unpacked
from scanner.errors import ImageError
from scanner.images import Limits, parse_image
from scanner.own_tags import Pin
from scanner.symbol import Symbol

Expectation = tuple[Expected, ...]
Reader = Callable[[bytes, Expectation], dict[str, object]]

LENGTH_BYTES = 4
EXPECTED_BIT = 1 << 31

DECODING_SECONDS = 5.0
"""For one picture; the stage at work ends its step. The pool that waits for the answer gives up after ten."""


def main(arguments: list[str] | None = None) -> int:
    """Serve until the input ends."""
    options = _options(arguments)
    source, answers = sys.stdin.buffer, _private_output()
    cv2.setNumThreads(1)  # one picture, one core: the pool has a process for each
    _limit_memory(options.memory_mb)
    _answer(answers, {"ready": True})
    limits = Limits(max_bytes=options.max_bytes, max_pixels=options.max_pixels)
    pin = Pin(options.trust)
    serve(
        source, answers, lambda data, expected: read(data, limits, pin.knowledge(expected, datetime.now(UTC)))
    )
    return 0


def serve(source: BinaryIO, answers: BinaryIO, reader: Reader) -> None:
    """Answer picture after picture until `source` ends, in the middle of one or not."""
    expected: Expectation = ()
    while len(head := source.read(LENGTH_BYTES)) == LENGTH_BYTES:
        announced = int.from_bytes(head, "big")
        length = announced & ~EXPECTED_BIT
        data = source.read(length)
        if len(data) < length:
            return
        if announced & EXPECTED_BIT:
            expected = tuple(_expected(row) for row in json.loads(data))
            continue
        _answer(answers, reader(data, expected))
        expected = ()


def _expected(row: dict[str, Any]) -> Expected:
    side = int(row["side"])
    return Expected(
        text=row["text"],
        modules=unpacked(b64decode(row["modules"]), side),
        secret=unpacked(b64decode(row["secret"]), side),
    )


def read(data: bytes, limits: Limits, knowledge: Knowledge) -> dict[str, object]:
    """The answer to one picture."""
    try:
        symbols = decode(parse_image(data, limits=limits), seconds=DECODING_SECONDS, knowledge=knowledge)
    except ImageError as error:
        return _refusal(error.code, str(error))
    except (MemoryError, cv2.error):
        return _refusal("IMAGE_TOO_MANY_PIXELS", "the picture takes too much memory to read")
    return {"symbols": [_row(symbol) for symbol in symbols]}


def _row(symbol: Symbol) -> dict[str, object]:
    row: dict[str, object] = {"text": symbol.text, "corners": symbol.corners, "stage": symbol.stage}
    return row if symbol.likeness is None else {**row, "likeness": asdict(symbol.likeness)}


def _refusal(code: str, message: str) -> dict[str, object]:
    return {"error": {"code": code, "message": message}}


def _answer(answers: BinaryIO, answer: dict[str, object]) -> None:
    answers.write(json.dumps(answer).encode("ascii") + b"\n")
    answers.flush()


def _private_output() -> BinaryIO:
    """The real standard output; whatever a decoder prints goes to standard error from now on."""
    kept = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return kept


def _limit_memory(budget_mb: int) -> None:
    """Allow `budget_mb` of address space beyond what the decoders' libraries take by being loaded."""
    statm = Path("/proc/self/statm")
    if not budget_mb or not statm.exists():
        return
    import resource

    loaded = int(statm.read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    most = loaded + budget_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m scanner.worker", description=__doc__)
    parser.add_argument("--max-bytes", type=int, required=True, help="largest picture, in bytes")
    parser.add_argument("--max-pixels", type=int, required=True, help="largest picture once unpacked")
    parser.add_argument("--memory-mb", type=int, default=0, help="memory for one picture; 0: no limit")
    parser.add_argument("--trust", type=Path, help="a pinned trust bundle, whose tags are read from less")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
