"""Sequencing that is killed: whatever it was doing, the next one goes on, and the log verifies."""

import subprocess
import sys

from tests.tagserver.log.checking import check_log, in_folder
from tests.tagserver.log.dying_sequencer import ENTRIES
from tests.tagserver.services.cast import Office


def test_a_log_killed_before_any_durable_step_goes_on_and_verifies(any_logged: Office) -> None:
    killed = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.tagserver.log.dying_sequencer",
            any_logged.folder,
            any_logged.database_url,
        ],
        check=True,
        capture_output=True,
        text=True,
        timeout=170,
    )
    steps = int(killed.stdout)
    assert steps >= 15
    # What a killed one has left is published by the next one, which adds nothing of its own.
    any_logged.services.logs.run()
    state = any_logged.services.logs.status().state
    log = check_log(in_folder(any_logged.folder / "log"), state.public_key)
    wanted = [b"step %d entry %d" % (step, number) for step in range(steps + 1) for number in range(ENTRIES)]
    assert [entry for entry in log.entries if entry.startswith(b"step")] == wanted
    assert state.size == state.published == len(log.entries)
