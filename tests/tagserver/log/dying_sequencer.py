"""A program for tests: takes a log on, in processes that are each killed one durable step later than the one before.

Called with an office's folder and its database's URL. For each step it adds some entries, takes the log on in a child
that is killed at that step, and prints how many of them were killed before one lived.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tagcore.entries import EntryKind
from tagserver.ports import NewEntry
from tagserver.store.log_book import SqlLogBook
from tests.tagserver import dying
from tests.tagserver.services.cast import NOW, open_office

STEPS = ("fsync", "link", "rename", "replace", "mkdir", "unlink")
"""What a writer of files asks of the system."""

ENTRIES = 3


def die_at(step: int) -> None:
    """Killed before a transaction begins, and between its last statement and its commit."""
    within = ((SqlLogBook, "place"), (SqlLogBook, "note_published"))
    dying.die_at(step, system=STEPS, methods=(dying.STORE, *within))


def main(folder: Path, database_url: str) -> None:
    def add_entries(step: int) -> None:
        office = open_office(folder, database_url)
        with office.store.write() as tx:
            for number in range(ENTRIES):
                data = b"step %d entry %d" % (step, number)
                tx.log.add(NewEntry(kind=EntryKind.BATCH, subject="test", data=data, at=NOW))
        office.store.close()

    def take_on(step: int) -> None:
        office = open_office(folder, database_url)
        die_at(step)
        office.services.logs.run()

    dying.tell_how_many_die(take_on, before=add_entries)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
