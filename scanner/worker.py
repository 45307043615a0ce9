"""A process that reads pictures for another one: `python -m scanner.worker`.

Hostile and slow pictures then hurt nobody but this process, which may be killed at any time. On standard input it
takes the picture's length in bytes (4 bytes, big-endian) and the picture; on standard output it answers each with
one line of JSON, `{"symbols": [...]}` or `{"error": {"code": ..., "message": ...}}`. The first line, before any
picture, says `{"ready": true}`. It ends when its input does.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import cv2

from scanner.decode import decode
from scanner.errors import ImageError
from scanner.images import Limits, parse_image

Reader = Callable[[bytes], dict[str, object]]

LENGTH_BYTES = 4

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
    serve(source, answers, lambda data: read(data, limits))
    return 0


def serve(source: BinaryIO, answers: BinaryIO, reader: Reader) -> None:
    """Answer picture after picture until `source` ends, in the middle of one or not."""
    while len(head := source.read(LENGTH_BYTES)) == LENGTH_BYTES:
        length = int.from_bytes(head, "big")
        data = source.read(length)
        if len(data) < length:
            return
        _answer(answers, reader(data))


def read(data: bytes, limits: Limits) -> dict[str, object]:
    """The answer to one picture."""
    try:
        symbols = decode(parse_image(data, limits=limits), seconds=DECODING_SECONDS)
    except ImageError as error:
        return _refusal(error.code, str(error))
    except (MemoryError, cv2.error):
        return _refusal("IMAGE_TOO_MANY_PIXELS", "the picture takes too much memory to read")
    return {
        "symbols": [
            {"text": symbol.text, "corners": symbol.corners, "stage": symbol.stage} for symbol in symbols
        ]
    }


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
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
