"""Forget who looked: after the retention period, scans keep their time, country and verdict alone."""

from __future__ import annotations

from datetime import datetime, timedelta

from tagserver.ports import Clock, Store

AT_ONCE = 2_000
"""Scans forgotten in one transaction: some milliseconds, so that nobody who verifies waits for it."""


class Retention:
    """What is kept of a scan, and for how long."""

    def __init__(self, *, store: Store, clock: Clock, keep: timedelta) -> None:
        self._store = store
        self._clock = clock
        self._keep = keep

    def forget(self, *, at_once: int = AT_ONCE) -> int:
        """Erase viewers' hashes and coordinates of all scans older than the period; of how many scans.

        Tickets of that age go too: nobody sends a scan again after so long.

        In transactions of at most `at_once` scans: stopped anywhere, the next call goes on.
        """
        before, total = self._clock() - self._keep, 0
        with self._store.write() as transaction:
            transaction.scans.forget_tickets(before=before)
        while done := self._forget_some(before, at_once):
            total += done
        return total

    def _forget_some(self, before: datetime, limit: int) -> int:
        with self._store.write() as transaction:
            return transaction.scans.forget_viewers(before=before, limit=limit)
