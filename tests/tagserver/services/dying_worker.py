"""A program for tests: issues the waiting batches, each in a process that is killed one durable step later.

Called with an office's folder and its database's URL; prints how many of them were killed before one lived.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tagserver.services import issue
from tagserver.store import SqlStore
from tests.tagserver.services.cast import Office, open_office

SMALL_CHUNK = 64
STEPS = ("fsync", "pwrite", "rename", "replace", "ftruncate")
"""What a writer of files asks of the system."""


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
    # Each transaction is a step, too: killed before it begins, everything since the former one is in doubt.
    SqlStore.write = counted(SqlStore.write)  # type: ignore[method-assign] # this process is only for that


def work(office: Office) -> None:
    """Issue the batch that waits longest."""
    office.services.issuing.work_once(owner=f"worker {os.getpid()}")


def main(folder: Path, database_url: str) -> None:
    vars(issue)["CHUNK"] = SMALL_CHUNK
    step = 0
    while True:
        child = os.fork()
        if child == 0:
            office = open_office(folder, database_url)
            die_at(step)
            work(office)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.waitstatus_to_exitcode(status) == 0:
            break
        assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL, status
        step += 1
    sys.stdout.write(f"{step}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
