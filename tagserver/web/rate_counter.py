"""Counting requests in windows of fixed length, in one place for all processes, or here while that is out of reach."""

from __future__ import annotations

import logging
import time
from math import ceil
from typing import Protocol

from tagserver.web.rate_memory import ProcessMemory

RETRY_SECONDS = 5.0
"""How long one that did not answer is left alone: else each request would wait for it in vain."""

log = logging.getLogger("tagserver.web")


class Windows(Protocol):
    """Where windows are counted: this process's memory, or what `limits` knows, such as Redis."""

    def incr(self, key: str, expiry: int) -> int:
        """Count one in the window of `expiry` seconds that the first one began; the sum in it so far."""
        ...

    def get_expiry(self, key: str) -> float:
        """When the present window ends, in seconds since 1970."""
        ...


class RateCounter:
    """Budgets by key."""

    def __init__(self, windows: Windows) -> None:
        self._windows = windows
        self._spare = ProcessMemory()
        self._away_until = 0.0

    def spend(self, key: str, most: int, seconds: int) -> int:
        """Count one request against `most` in `seconds`; how many seconds to wait if it is one too many, else 0."""
        if time.monotonic() >= self._away_until:
            try:
                return _spend(self._windows, key, most, seconds)
            except Exception as error:  # noqa: BLE001 - whatever its client raises: it keeps nobody from verifying
                self._away_until = time.monotonic() + RETRY_SECONDS
                log.warning("rate_limit_storage does not answer (%s): counting here", type(error).__name__)
        return _spend(self._spare, key, most, seconds)


def _spend(windows: Windows, key: str, most: int, seconds: int) -> int:
    if windows.incr(key, seconds) <= most:
        return 0
    return max(1, ceil(windows.get_expiry(key) - time.time()))
