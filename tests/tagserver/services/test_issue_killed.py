"""Workers that are killed: whatever they were doing, the batch is issued whole, once, with the right root."""

import subprocess
import sys

from tagcore.tag import leaf_bytes
from tagserver.ports import BatchStatus
from tests.tagserver.services.cast import LEASE, Office, an_order, naive_root

COUNT = 100
"""Two chunks of the dying worker's."""

BATCHES = 30
"""More than a batch has steps."""


def test_a_worker_killed_before_any_durable_step_leaves_nothing_half_issued(any_office: Office) -> None:
    issuing = any_office.services.issuing
    # A batch for each step: its worker dies there, so every batch but the last one is left behind once.
    for number in range(BATCHES):
        issuing.request(any_office.caller(), an_order(COUNT), idempotency_key=f"key {number}")
    killed = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.tagserver.services.dying_worker",
            any_office.folder,
            any_office.database_url,
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    steps = int(killed.stdout)
    assert 10 <= steps < BATCHES
    for batch in issuing.of(any_office.caller()):
        assert (batch.status is BatchStatus.ISSUED) == (batch.root is not None)
        assert batch.done in (0, 64, COUNT)
    any_office.clock.advance(LEASE)
    while issuing.work_once(owner="heir") is not None:
        pass
    for number in range(BATCHES):
        created = issuing.request(any_office.caller(), an_order(COUNT), idempotency_key=f"key {number}")
        assert not created.is_new
        assert created.batch.status is BatchStatus.ISSUED
        if created.batch.number <= steps + 1:  # the others were never killed
            expected = naive_root([leaf_bytes(tag) for tag in any_office.tags(created.batch)])
            assert created.batch.root == expected
    # A kill in the middle of writing a file leaves a temporary one, which nothing reads.
    files = sorted(path.suffix for path in (any_office.folder / "batches").glob("[0-9]*"))
    assert files == [".leaves"] * BATCHES + [".nodes"] * BATCHES
