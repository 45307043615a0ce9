"""A program for tests: changes the log's key, in processes that are each killed one durable step later than the one
before. Called with an office's folder and its database's URL; prints how many were killed before one lived.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from tests.tagserver.log.dying_sequencer import die_at
from tests.tagserver.services.cast import open_office


def main(folder: Path, database_url: str) -> None:
    step = 0
    while True:
        child = os.fork()
        if child == 0:
            office = open_office(folder, database_url, seed=b"rotation %d" % step)
            die_at(step)
            office.services.log_rotation.rotate()
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.waitstatus_to_exitcode(status) == 0:
            break
        assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL, status
        step += 1
    sys.stdout.write(f"{step}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
