"""A program for tests: adds entries to a log and takes it on, beside others that do the same.

Called with an office's folder, its database's URL, a name and a number of rounds.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tagcore.entries import EntryKind
from tagserver.ports import NewEntry
from tests.tagserver.services.cast import NOW, open_office


def main(folder: Path, database_url: str, name: str, rounds: int) -> None:
    office = open_office(folder, database_url)
    for number in range(rounds):
        with office.store.write() as tx:
            data = f"{name} {number}".encode()
            tx.log.add(NewEntry(kind=EntryKind.BATCH, subject=name, data=data, at=NOW))
        office.services.logs.run()
    office.store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]))
