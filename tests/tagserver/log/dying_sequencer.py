"""A program for tests: takes a log on, in processes that are each killed one durable step later than the one before.

Called with an office's folder and its database's URL. For each step it adds some entries, takes the log on in a child
that is killed at that step, and prints how many of them were killed before one lived.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tagcore.entries import EntryKind
from tagserver.ports import NewEntry
from tagserver.store import SqlStore
from tests.tagserver.services.cast import NOW, open_office

STEPS = ("fsync", "link", "rename", "replace", "mkdir", "unlink")
"""What a writer of files asks of the system."""

ENTRIES = 3


def die_at(step: int) -> None:
    """Have this process killed (as by SIGKILL from outside) just before the given step, counted from 0."""
    left = [step]

    def counted(act: Callable[..., Any]) -> Callable[..., Any]:
        def do(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever the original takes
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1
            return act(*arguments, **named)

        return do

    for name in STEPS:
        setattr(os, name, counted(getattr(os, name)))
    # A transaction is a step twice: killed before it begins, and between its last statement and its commit.
    SqlStore.write = counted(SqlStore.write)  # type: ignore[method-assign] # this process is only for that
    from tagserver.store.log_book import SqlLogBook

    SqlLogBook.place = counted(SqlLogBook.place)  # type: ignore[method-assign] # as above
    SqlLogBook.note_published = counted(SqlLogBook.note_published)  # type: ignore[method-assign] # as above


def main(folder: Path, database_url: str) -> None:
    step = 0
    while True:
        office = open_office(folder, database_url)
        with office.store.write() as tx:
            for number in range(ENTRIES):
                data = b"step %d entry %d" % (step, number)
                tx.log.add(NewEntry(kind=EntryKind.BATCH, subject="test", data=data, at=NOW))
        office.store.close()
        child = os.fork()
        if child == 0:
            office = open_office(folder, database_url)
            die_at(step)
            office.services.logs.run()
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.waitstatus_to_exitcode(status) == 0:
            break
        assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL, status
        step += 1
    sys.stdout.write(f"{step}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
