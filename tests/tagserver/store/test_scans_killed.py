"""A server that is killed (SIGKILL) while it records scans: whatever it had acknowledged is there afterwards."""

import subprocess
import sys

from tagserver.ports import Store
from tests.tagserver.store.cast import GTIN

KILLS = 3
ACKNOWLEDGED = 60
"""Lines after which the server is killed, in the middle of whatever it does."""


def test_no_scan_is_lost_that_was_acknowledged_before_the_server_was_killed(
    store: Store, database_url: str
) -> None:
    for kill in range(KILLS):
        acknowledged = acknowledged_until_killed(database_url, ACKNOWLEDGED + 7 * kill)
        assert len(acknowledged) >= ACKNOWLEDGED
        with store.read() as tx:
            lost = [serial for serial in acknowledged if len(tx.scans.history(GTIN, serial)) != 1]
        assert lost == []


def acknowledged_until_killed(database_url: str, enough: int) -> list[str]:
    command = [sys.executable, "-m", "tests.tagserver.store.recording_server", database_url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        serials = [server.stdout.readline().strip() for _ in range(enough)]
        server.kill()
        # What was in the pipe when it died was acknowledged too; a line without its end was not.
        rest = server.stdout.read().split("\n")[:-1]
    return [serial for serial in [*serials, *rest] if serial]
