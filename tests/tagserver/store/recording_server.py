"""A program for tests: records scans from several threads, and says so of each only when it is durable.

Called with a database's URL; writes each serial on a line of its own after `record` has returned, until it is killed.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from itertools import count
from threading import Thread

from tagserver.store import SqlStore, open_engine
from tests.tagserver.store.test_scans import SCAN

THREADS = 6


def record(store: SqlStore, thread: int) -> None:
    for number in count():
        serial = f"{os.getpid()}-{thread}-{number}"
        store.record([replace(SCAN, serial=serial)])
        os.write(1, f"{serial}\n".encode())


def main(database_url: str) -> None:
    store = SqlStore(open_engine(database_url))
    for thread in range(THREADS):
        Thread(target=record, args=(store, thread)).start()


if __name__ == "__main__":
    main(sys.argv[1])
