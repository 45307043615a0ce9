"""Scans of requests that come at once, written in one transaction: they share the wait for the disk.

One caller writes at a time, for everybody who has handed in scans by then; the others wait until theirs are durable,
or until it is their turn to write. There is no thread of its own, so there is nothing that could stop without being
noticed: a scan is durable, or its caller is told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Condition

from tagserver.ports import ScanRecord, StoreUnavailableError

Write = Callable[[Sequence[ScanRecord]], None]


@dataclass(slots=True, eq=False)
class _Ticket:
    """What one caller handed in, and what came of it: without an `error`, `is_done` means durable."""

    scans: Sequence[ScanRecord]
    is_done: bool = False
    error: Exception | None = None


class GroupCommit:
    """Lets callers from several threads share transactions. `write` makes scans durable, all of them or none."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._turn = Condition()
        self._waiting: list[_Ticket] = []
        self._is_writing = False

    def record(self, scans: Sequence[ScanRecord]) -> None:
        """Returns when the scans are durable. Raises: what `write` raised."""
        ticket = _Ticket(scans)
        with self._turn:
            self._waiting.append(ticket)
            while self._is_writing and not ticket.is_done:
                self._turn.wait()
            group = () if ticket.is_done else self._begin()
        if group:
            try:
                self._write_together(group)
            finally:
                self._end(group)
        if ticket.error is not None:
            raise ticket.error

    def _begin(self) -> Sequence[_Ticket]:
        """Take the turn, and everything that waits. Whoever has no turn finds its ticket in the next group."""
        self._is_writing = True
        group, self._waiting = self._waiting, []
        return group

    def _end(self, group: Sequence[_Ticket]) -> None:
        """Give the turn back. A ticket that nobody wrote, as the writer was torn away, has failed."""
        with self._turn:
            for ticket in group:
                if not ticket.is_done:
                    ticket.error, ticket.is_done = StoreUnavailableError(), True
            self._is_writing = False
            self._turn.notify_all()

    def _write_together(self, group: Sequence[_Ticket]) -> None:
        try:
            self._write(_in_order(group))
        except StoreUnavailableError as error:
            for ticket in group:
                ticket.error, ticket.is_done = _anew(error), True
        except Exception as error:  # noqa: BLE001 - told to its caller; one caller's fault is not the others'
            if len(group) > 1:
                for ticket in group:
                    self._write_together([ticket])
            else:
                group[0].error, group[0].is_done = error, True
        else:
            for ticket in group:
                ticket.is_done = True


def _in_order(group: Sequence[_Ticket]) -> list[ScanRecord]:
    """In order of unit and time, so that no two transactions wait for each other."""
    scans = [scan for ticket in group for scan in ticket.scans]
    return sorted(scans, key=lambda scan: (scan.gtin, scan.serial, scan.at))


def _anew(error: StoreUnavailableError) -> StoreUnavailableError:
    """The same for another thread: raising one exception in several mixes up its traceback."""
    told = StoreUnavailableError()
    told.__cause__ = error
    return told
