"""A process that reads pictures (`scanner.worker`), seen from here: a picture that kills it, kills nothing else."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from threading import Event, Timer
from types import TracebackType
from typing import Any, Self

from scanner.bulk.entry import Flaw
from scanner.images import DEFAULT_LIMITS

SECONDS_A_PICTURE = 30.0
START_SECONDS = 60.0
"""The decoders are large libraries; a busy machine with a cold disk takes long to load them."""

MEMORY_MB = 1_536
"""For one picture: fifty megapixels, up to five times over while transparent parts are laid on white."""

_COMMAND = (
    sys.executable, "-m", "scanner.worker", "--max-bytes", str(DEFAULT_LIMITS.max_bytes),
    "--max-pixels", str(DEFAULT_LIMITS.max_pixels), "--memory-mb", str(MEMORY_MB),
)  # fmt: skip
_KEPT = ("LANG", "LC_ALL", "PATH", "PYTHONPATH", "SYSTEMROOT", "TMPDIR", "VIRTUAL_ENV")
"""What a program needs to start; a token in the environment is not within reach of a hostile picture."""


class PictureProcess:
    """Started with its first picture, and again after one that it did not survive. Not for two threads at once."""

    def __init__(self, command: Sequence[str] = _COMMAND, *, seconds: float = SECONDS_A_PICTURE) -> None:
        self._command = tuple(command)
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def read(self, data: bytes) -> tuple[str, ...] | Flaw:
        """The texts on a picture, or why it cannot be read."""
        if self._process is None:
            self._process = self._started()
            if self._exchange(b"", START_SECONDS) is None:
                return Flaw(
                    code="IMAGE_READER_MISSING", detail="the process that reads pictures does not start"
                )
        is_late = Event()
        answer = self._exchange(len(data).to_bytes(4, "big") + data, self._seconds, is_late)
        if answer is None and is_late.is_set():
            return Flaw(code="IMAGE_TOO_SLOW", detail="the picture takes too long to read")
        if answer is None:
            return Flaw(code="IMAGE_CRASHED", detail="the picture could not be read: its reader gave up")
        if "error" in answer:
            return Flaw(code=answer["error"]["code"], detail=answer["error"]["message"])
        return tuple(symbol["text"] for symbol in answer["symbols"])

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        assert process.stdout is not None
        process.kill()
        process.wait()
        with suppress(OSError):
            process.stdin.close()
        process.stdout.close()

    def _started(self) -> "subprocess.Popen[bytes]":
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        return subprocess.Popen(  # noqa: S603 - this installation's own program
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**environment, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )

    def _exchange(
        self, message: bytes, seconds: float, is_late: Event | None = None
    ) -> dict[str, Any] | None:
        """One message, one line back; None when the process ended, by itself or because its time was over."""
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None

        def end() -> None:
            if is_late is not None:
                is_late.set()
            process.kill()

        late = Timer(seconds, end)
        late.daemon = True
        late.start()
        try:
            process.stdin.write(message)
            process.stdin.flush()
            line = process.stdout.readline()
        except OSError:
            line = b""
        finally:
            late.cancel()
        if not line.endswith(b"\n"):
            self.close()
            return None
        answer: dict[str, Any] = json.loads(line)
        return answer
