"""A log's files, read over HTTP from wherever they are served."""

from __future__ import annotations

import time
from collections.abc import Sequence
from importlib.metadata import version
from types import TracebackType
from typing import ClassVar, Self

import httpx

USER_AGENT = f"origintag-monitor/{version('origintag')}"

MAX_FILE_BYTES = 256 * (65_535 + 2)
"""A full bundle of the longest entries."""

RETRY_SECONDS = (1.0, 4.0)
"""A network that fails for a moment says nothing about the log."""

_TIMEOUT = httpx.Timeout(30.0, connect=10.0)


class LogUnreachableError(Exception):
    """A file of the log cannot be had."""

    code: ClassVar[str] = "LOG_UNREACHABLE"


class HttpFiles:
    """The files below `url`, which is the address in front of `/checkpoint`. Redirects are not followed."""

    def __init__(self, url: str, *, retry_seconds: Sequence[float] = RETRY_SECONDS) -> None:
        self.url = url.rstrip("/")
        self._retry_seconds = tuple(retry_seconds)
        self._client = httpx.Client(
            timeout=_TIMEOUT, follow_redirects=False, headers={"User-Agent": USER_AGENT}
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def read(self, path: str, *, fresh: bool = False) -> bytes:
        """The file; `fresh` asks caches on the way to look again. Raises: LogUnreachableError."""
        found = self.find(path, fresh=fresh)
        if found is None:
            raise LogUnreachableError(f"{self.url}/{path}: there is no such file")
        return found

    def find(self, path: str, *, fresh: bool = False) -> bytes | None:
        """The file, None when there is none. Raises: LogUnreachableError."""
        for seconds in self._retry_seconds:
            try:
                return self._ask(path, fresh)
            except LogUnreachableError:
                time.sleep(seconds)
        return self._ask(path, fresh)

    def _ask(self, path: str, fresh: bool) -> bytes | None:
        headers = {"Cache-Control": "no-cache"} if fresh else {}
        try:
            with self._client.stream("GET", f"{self.url}/{path}", headers=headers) as answer:
                if answer.status_code in (404, 410):
                    return None
                if answer.status_code != 200:
                    raise LogUnreachableError(f"{self.url}/{path}: status {answer.status_code}")
                return _bounded(answer)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise LogUnreachableError(f"{self.url}/{path}: {type(error).__name__}") from error


def _bounded(answer: httpx.Response) -> bytes:
    data = bytearray()
    for chunk in answer.iter_bytes():
        data += chunk
        if len(data) > MAX_FILE_BYTES:
            raise LogUnreachableError(f"{answer.url}: more than {MAX_FILE_BYTES} bytes")
    return bytes(data)
