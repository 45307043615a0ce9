"""Scans of requests that come at once, written in one transaction: they share the wait for the disk.

Whoever has the turn writes what everybody has handed in by then; the others find theirs durable when the turn comes
to them. Nobody returns before the transaction has ended that holds their scans. There is no thread of its own, so
there is nothing that could stop without being noticed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock

from tagserver.ports import ScanRecord, StoreUnavailableError

Write = Callable[[Sequence[ScanRecord]], None]


@dataclass(slots=True, eq=False)
class _Ticket:
    """What one caller handed in, and what came of it."""

    scans: Sequence[ScanRecord]
    is_done: bool = False
    error: Exception | None = None


class GroupCommit:
    """Lets callers from several threads share transactions. `write` makes scans durable, all of them or none."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._waiting: list[_Ticket] = []
        self._list = Lock()
        self._turn = Lock()

    def record(self, scans: Sequence[ScanRecord]) -> None:
        """Returns when the scans are durable. Raises: what `write` raised."""
        ticket = _Ticket(scans)
        with self._list:
            self._waiting.append(ticket)
        with self._turn:
            if not ticket.is_done:
                self._write_waiting()
        if ticket.error is not None:
            raise ticket.error

    def _write_waiting(self) -> None:
        with self._list:
            tickets, self._waiting = self._waiting, []
        try:
            self._write(_in_order(tickets))
        except StoreUnavailableError as error:
            for ticket in tickets:
                ticket.error = _anew(error)
        except Exception as error:  # noqa: BLE001 - told to its caller; one caller's fault is not the others'
            if len(tickets) == 1:
                tickets[0].error = error
            else:
                self._write_singly(tickets)
        finally:
            for ticket in tickets:
                ticket.is_done = True

    def _write_singly(self, tickets: Sequence[_Ticket]) -> None:
        for ticket in tickets:
            try:
                self._write(_in_order([ticket]))
            except Exception as error:  # noqa: BLE001 - as above
                ticket.error = error


def _in_order(tickets: Sequence[_Ticket]) -> list[ScanRecord]:
    """In order of unit, so that no two transactions wait for each other."""
    scans = [scan for ticket in tickets for scan in ticket.scans]
    return sorted(scans, key=lambda scan: (scan.gtin, scan.serial, scan.at))


def _anew(error: StoreUnavailableError) -> StoreUnavailableError:
    """The same for another thread: raising one exception in several mixes up its traceback."""
    told = StoreUnavailableError()
    told.__cause__ = error
    return told
