"""Counters of requests in this process's memory, for one server process without Redis beside it.

Not `limits`' own storage in memory: that one starts a thread for each hundredth of a second of traffic, which walks
all keys. This one walks them once they are many, and holds no more than it may: past that it forgets everybody.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

from limits.storage import Storage

SCHEME = "process"

MAX_KEYS = 100_000
"""About 20 MB. Whoever has so many addresses is not held up by limits per address."""

Clock = Callable[[], float]


class ProcessStorage(Storage):
    """Fixed windows: a key counts from its first request until its window ends."""

    STORAGE_SCHEME: list[str] | None = [SCHEME]  # noqa: RUF012 (as in the base class)

    def __init__(
        self,
        uri: str | None = None,
        wrap_exceptions: bool = False,
        *,
        clock: Clock = time.time,
        max_keys: int = MAX_KEYS,
        **_: object,
    ) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        self._clock = clock
        self._max_keys = max_keys
        self._lock = Lock()
        self._windows: dict[str, tuple[int, float]] = {}

    @property
    def base_exceptions(self) -> type[Exception]:
        """Nothing here fails but by a mistake of the caller."""
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count `amount` for a window of `expiry` seconds; the sum in it so far."""
        now = self._clock()
        with self._lock:
            count, ends = self._windows.get(key, (0, 0.0))
            if ends <= now:
                self._make_room(now)
                count, ends = 0, now + expiry
            self._windows[key] = (count + amount, ends)
            return count + amount

    def get(self, key: str) -> int:
        """The sum in the present window."""
        count, ends = self._windows.get(key, (0, 0.0))
        return count if ends > self._clock() else 0

    def get_expiry(self, key: str) -> float:
        """When the present window ends, in seconds since 1970; now, without one."""
        return max(self._windows.get(key, (0, 0.0))[1], self._clock())

    def check(self) -> bool:
        """Memory is always there."""
        return True

    def reset(self) -> int:
        """Forget everything; how many keys that were."""
        with self._lock:
            known = len(self._windows)
            self._windows.clear()
        return known

    def clear(self, key: str) -> None:
        """Forget one key."""
        with self._lock:
            self._windows.pop(key, None)

    def _make_room(self, now: float) -> None:
        if len(self._windows) < self._max_keys:
            return
        self._windows = {key: window for key, window in self._windows.items() if window[1] > now}
        if len(self._windows) >= self._max_keys:
            self._windows.clear()
