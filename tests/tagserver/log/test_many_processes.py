"""Several processes that take one log on at once: one log, everything in it once, each one's entries in order."""

import subprocess
import sys

from tests.tagserver.log.checking import check_log, in_folder
from tests.tagserver.services.cast import Office

PROCESSES = 4
ROUNDS = 12


def test_processes_at_once_make_one_log(any_logged: Office) -> None:
    command = [
        sys.executable,
        "-m",
        "tests.tagserver.log.sequencing_process",
        str(any_logged.folder),
        any_logged.database_url,
    ]
    running = [
        subprocess.Popen([*command, f"p{number}", str(ROUNDS)], stderr=subprocess.PIPE, text=True)
        for number in range(PROCESSES)
    ]
    for process in running:
        _, problem = process.communicate(timeout=170)
        assert process.returncode == 0, problem
    state = any_logged.services.logs.status().state
    log = check_log(in_folder(any_logged.folder / "log"), state.public_key)
    theirs = [entry.decode() for entry in log.entries if entry.startswith(b"p")]
    assert len(theirs) == PROCESSES * ROUNDS
    for number in range(PROCESSES):
        own = [entry for entry in theirs if entry.startswith(f"p{number} ")]
        assert own == [f"p{number} {turn}" for turn in range(ROUNDS)]
    assert state.size == state.published == len(log.entries)
