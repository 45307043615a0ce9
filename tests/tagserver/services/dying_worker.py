"""A program for tests: issues the waiting batches, each in a process that is killed one durable step later.

Called with an office's folder and its database's URL; prints how many of them were killed before one lived.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tagserver.services import issue
from tests.tagserver import dying
from tests.tagserver.services.cast import open_office

SMALL_CHUNK = 64
STEPS = ("fsync", "pwrite", "rename", "replace", "ftruncate")
"""What a writer of files asks of the system."""


def main(folder: Path, database_url: str) -> None:
    vars(issue)["CHUNK"] = SMALL_CHUNK

    def work(step: int) -> None:
        """Issue the batch that waits longest."""
        office = open_office(folder, database_url)
        dying.die_at(step, system=STEPS, methods=(dying.STORE,))
        office.services.issuing.work_once(owner=f"worker {os.getpid()}")

    dying.tell_how_many_die(work)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
