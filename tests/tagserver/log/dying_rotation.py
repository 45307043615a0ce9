"""A program for tests: changes the log's key, in processes that are each killed one durable step later than the one
before. Called with an office's folder and its database's URL; prints how many were killed before one lived.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.tagserver.dying import tell_how_many_die
from tests.tagserver.log.dying_sequencer import die_at
from tests.tagserver.services.cast import open_office


def main(folder: Path, database_url: str) -> None:
    def rotate(step: int) -> None:
        office = open_office(folder, database_url, seed=b"rotation %d" % step)
        die_at(step)
        office.services.log_rotation.rotate()

    tell_how_many_die(rotate)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
