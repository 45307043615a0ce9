"""Counters of requests in this process's memory, for one server process without Redis beside it.

Not `limits`' own storage in memory: that one starts a thread for each hundredth of a second of traffic, which walks
all keys. This one walks them once they are many, and holds no more than it may: past that it forgets everybody.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

MAX_KEYS = 100_000
"""About 20 MB. Whoever has so many addresses is not held up by limits per address."""

Clock = Callable[[], float]


class ProcessMemory:
    """Fixed windows: a key counts from its first request until its window ends."""

    def __init__(self, *, clock: Clock = time.time, max_keys: int = MAX_KEYS) -> None:
        self._clock = clock
        self._max_keys = max_keys
        self._lock = Lock()
        self._windows: dict[str, tuple[int, float]] = {}

    def __len__(self) -> int:
        """How many keys are known."""
        return len(self._windows)

    def incr(self, key: str, expiry: int) -> int:
        """Count one for a window of `expiry` seconds; the sum in it so far."""
        now = self._clock()
        with self._lock:
            count, ends = self._windows.get(key, (0, 0.0))
            if ends <= now:
                self._make_room(now)
                count, ends = 0, now + expiry
            self._windows[key] = (count + 1, ends)
            return count + 1

    def get_expiry(self, key: str) -> float:
        """When the present window ends, in seconds since 1970; now, without one."""
        return max(self._windows.get(key, (0, 0.0))[1], self._clock())

    def _make_room(self, now: float) -> None:
        if len(self._windows) < self._max_keys:
            return
        self._windows = {key: window for key, window in self._windows.items() if window[1] > now}
        if len(self._windows) >= self._max_keys:
            self._windows.clear()
