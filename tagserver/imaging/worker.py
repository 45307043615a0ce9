"""One process that reads pictures, seen from its parent: started, asked, and killed when it takes too long.

The protocol is that of `scanner.worker`: the two packages meet only here, over a pipe. The process gets none
of this one's environment but what a program needs to start, so no secret is within reach of a hostile
picture.
"""

from __future__ import annotations

import json
import os
import subprocess
from base64 import b64encode
from collections.abc import Mapping, Sequence
from contextlib import suppress
from threading import Event, Timer
from typing import IO, Any

from tagserver.ports.imaging import (
    Corners,
    ExpectedSymbol,
    ImageCode,
    ImageRefusedError,
    Likeness,
    SeenSymbol,
)

START_SECONDS = 60.0
"""The decoders are large libraries; a busy machine with a cold disk takes long to load them."""

MAX_ANSWER_BYTES = 8 * 1024 * 1024
"""A picture holds at most some hundred symbols of some thousand characters."""

EXPECTED_BIT = 1 << 31
"""Of a message's length: it says what to expect, and is no picture."""

_KEPT = ("LANG", "LC_ALL", "PATH", "PYTHONPATH", "SYSTEMROOT", "TMPDIR", "VIRTUAL_ENV")


class WorkerEndedError(Exception):
    """The process ended, by itself or because its time was over (`timed_out`)."""

    def __init__(self, *, timed_out: bool) -> None:
        super().__init__("the process took too long" if timed_out else "the process ended")
        self.timed_out = timed_out


class Worker:
    """A running process. Not for two threads at once."""

    def __init__(self, command: Sequence[str], *, environment: Mapping[str, str] | None = None) -> None:
        """Starts it and waits until it is ready. Raises: ImageRefusedError READER_MISSING."""
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the command is configuration, not input
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**_bare_environment(), **(environment or {})},
            )
        except OSError as error:
            raise _missing() from error
        try:
            first = self._exchange(b"", START_SECONDS)
        except WorkerEndedError as error:
            raise _missing() from error
        if first.get("ready") is not True:
            self.kill()
            raise _missing()

    @property
    def is_alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def read(
        self, data: bytes, expected: Sequence[ExpectedSymbol] = (), *, seconds: float
    ) -> tuple[SeenSymbol, ...]:
        """The symbols on a picture. Raises: ImageRefusedError; WorkerEndedError, and then the process is
        gone.
        """
        answer = self._exchange(_expectation(expected) + len(data).to_bytes(4, "big") + data, seconds)
        if "symbols" not in answer:
            raise _refusal(answer)
        return tuple(_symbol(row) for row in answer["symbols"])

    def close(self) -> None:
        """Ask it to end, by ending its input; kill it if it does not."""
        with suppress(OSError):
            self._input.close()
        try:
            self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._output.close()

    def kill(self) -> None:
        """End it at once; harmless when it has ended already."""
        self._process.kill()
        self._process.wait()
        with suppress(OSError):
            self._input.close()
        self._output.close()

    @property
    def _input(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def _output(self) -> IO[bytes]:
        assert self._process.stdout is not None
        return self._process.stdout

    def _exchange(self, message: bytes, seconds: float) -> dict[str, Any]:
        """One message, one line back. A killed process ends both waits, the one for room and the one for
        words.
        """
        is_over = Event()
        late = Timer(seconds, self._end_late, [is_over])
        late.daemon = True
        late.start()
        try:
            self._input.write(message)
            self._input.flush()
            line = self._output.readline(MAX_ANSWER_BYTES)
        except OSError:
            line = b""
        finally:
            late.cancel()
        answer = _parse(line)
        if answer is None:
            self.kill()
            raise WorkerEndedError(timed_out=is_over.is_set())
        return answer

    def _end_late(self, is_over: Event) -> None:
        is_over.set()
        self._process.kill()


def _bare_environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    # Numerical libraries would each reserve memory for a thread a core.
    return {**kept, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def _parse(line: bytes) -> dict[str, Any] | None:
    """None for half a line, or something that is no answer."""
    if not line.endswith(b"\n"):
        return None
    try:
        answer = json.loads(line)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def _missing() -> ImageRefusedError:
    message = "this server reads no pictures: origintag[scanner] is not installed, or does not start"
    return ImageRefusedError(ImageCode.READER_MISSING, message)


def _refusal(answer: Mapping[str, Any]) -> ImageRefusedError:
    error = answer.get("error", {})
    code = ImageCode(error["code"]) if error.get("code") in set(ImageCode) else ImageCode.UNREADABLE
    return ImageRefusedError(code, str(error.get("message", "the picture cannot be read")))


def _expectation(expected: Sequence[ExpectedSymbol]) -> bytes:
    """The message before a picture's; none where nothing is expected."""
    if not expected:
        return b""
    rows = [
        {
            "text": symbol.text,
            "side": symbol.side,
            "modules": b64encode(symbol.modules).decode("ascii"),
            "secret": b64encode(symbol.secret).decode("ascii"),
        }
        for symbol in expected
    ]
    data = json.dumps(rows).encode("ascii")
    return (EXPECTED_BIT | len(data)).to_bytes(4, "big") + data


def _symbol(row: Mapping[str, Any]) -> SeenSymbol:
    a, b, c, d = ((float(x), float(y)) for x, y in row["corners"])
    corners: Corners = (a, b, c, d)
    likeness = Likeness(**row["likeness"]) if "likeness" in row else None
    return SeenSymbol(text=row["text"], corners=corners, stage=row["stage"], likeness=likeness)
