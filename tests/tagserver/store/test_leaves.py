import os
import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path

import pytest

from tagcore.merkle import root_from_leaf_hashes, verify_inclusion
from tagserver.ports import BatchNumber, LeafFileError, LeafStore
from tagserver.store import LeafDirectory
from tagserver.store.leaf_writer import PartWriter

BATCH = BatchNumber(7)


@pytest.fixture
def leaves(tmp_path: Path) -> LeafStore:
    return LeafDirectory(tmp_path)


def hashes(first: int, count: int) -> bytes:
    return b"".join(sha256(b"%d" % index).digest() for index in range(first, first + count))


def write(leaves: LeafStore, count: int, *, portion: int = 10_000) -> bytes:
    with leaves.writer(BATCH, count=count, acknowledged=0) as writer:
        for first in range(0, count, portion):
            writer.append(hashes(first, min(portion, count - first)))
        return writer.finish()


@pytest.mark.parametrize("count", [1, 2, 3, 255, 256, 257, 511, 512, 1_000, 65_536, 65_537, 70_000])
def test_every_path_leads_to_the_root(leaves: LeafStore, count: int) -> None:
    root = write(leaves, count)
    assert root == root_from_leaf_hashes(hashes(0, count))
    for index in {0, 1, 254, 255, 256, count // 2, 65_535, 65_536, count - 2, count - 1} & set(range(count)):
        leaf = leaves.leaf(BATCH, index)
        assert leaf == hashes(index, 1)
        verify_inclusion(leaf, index, count, leaves.path(BATCH, index), root)


def test_a_hundred_thousand_tags_take_at_most_33_bytes_each(leaves: LeafStore, tmp_path: Path) -> None:
    write(leaves, 100_000)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 33 * 100_000


def test_nothing_is_complete_before_it_is_finished(leaves: LeafStore) -> None:
    with leaves.writer(BATCH, count=2, acknowledged=0) as writer:
        writer.append(hashes(0, 2))
        with pytest.raises(LeafFileError, match="not complete"):
            leaves.leaf(BATCH, 0)
        writer.finish()
    assert leaves.leaf(BATCH, 0) == hashes(0, 1)


def test_refuses_to_finish_when_leaves_are_missing(leaves: LeafStore) -> None:
    with leaves.writer(BATCH, count=3, acknowledged=0) as writer:
        writer.append(hashes(0, 2))
        with pytest.raises(LeafFileError, match="got 2, want 3"):
            writer.finish()


def test_refuses_more_leaves_than_the_batch_has(leaves: LeafStore) -> None:
    with leaves.writer(BATCH, count=2, acknowledged=0) as writer:
        with pytest.raises(LeafFileError, match="got 3, want at most 2"):
            writer.append(hashes(0, 3))
        with pytest.raises(ValueError, match="whole hashes"):
            writer.append(b"\x00" * 33)


@pytest.mark.parametrize(
    ("acknowledged", "resumed"),
    [pytest.param(3, 3, id="acknowledged less"), pytest.param(9, 5, id="lost more")],
)
def test_goes_on_from_what_is_both_there_and_acknowledged(
    leaves: LeafStore, tmp_path: Path, acknowledged: int, resumed: int
) -> None:
    with leaves.writer(BATCH, count=10, acknowledged=0) as writer:
        writer.append(hashes(0, 5))
    with (tmp_path / "7.leaves.part").open("ab") as file:
        file.write(b"torn")
    with leaves.writer(BATCH, count=10, acknowledged=acknowledged) as writer:
        assert writer.written == resumed
        writer.append(hashes(resumed, 10 - resumed))
        assert writer.finish() == root_from_leaf_hashes(hashes(0, 10))


def test_a_complete_batch_is_not_written_again(leaves: LeafStore) -> None:
    root = write(leaves, 300)
    with leaves.writer(BATCH, count=300, acknowledged=0) as writer:
        assert writer.written == writer.append(b"") == 300
        with pytest.raises(LeafFileError):
            writer.append(hashes(0, 1))
        assert writer.finish() == root
    with pytest.raises(LeafFileError, match="got 300, want 301"):
        leaves.writer(BATCH, count=301, acknowledged=0)


def test_two_writers_never_share_a_batch(leaves: LeafStore) -> None:
    with (
        leaves.writer(BATCH, count=2, acknowledged=0),
        pytest.raises(LeafFileError, match="another process is writing"),
    ):
        leaves.writer(BATCH, count=2, acknowledged=0)
    with leaves.writer(BATCH, count=2, acknowledged=0) as writer:
        assert writer.written == 0


@pytest.mark.parametrize("index", [-1, 3])
def test_refuses_a_leaf_outside_the_batch(leaves: LeafStore, index: int) -> None:
    write(leaves, 3)
    for ask in (leaves.leaf, leaves.path):
        with pytest.raises(LeafFileError, match="want 0 to 2"):
            ask(BATCH, index)


@pytest.mark.parametrize(("name", "size"), [("7.leaves", 31), ("7.leaves", 32 * 255), ("7.nodes", 0)])
def test_notices_a_file_that_was_cut(leaves: LeafStore, tmp_path: Path, name: str, size: int) -> None:
    write(leaves, 300)
    os.truncate(tmp_path / name, size)
    with pytest.raises(LeafFileError, match="damaged"):
        leaves.path(BATCH, 0)


def test_a_discarded_batch_leaves_nothing(leaves: LeafStore, tmp_path: Path) -> None:
    write(leaves, 300)
    leaves.discard(BATCH)
    leaves.discard(BATCH)
    assert list(tmp_path.iterdir()) == []
    with leaves.writer(BATCH, count=3, acknowledged=3) as writer:
        assert writer.written == 0
    leaves.discard(BATCH)
    assert list(tmp_path.iterdir()) == []


ENDLESS_WRITER = """
import sys
from hashlib import sha256
from pathlib import Path
from tagserver.store import LeafDirectory

count = 1_000_000
with LeafDirectory(Path(sys.argv[1])).writer(7, count=count, acknowledged=int(sys.argv[2])) as writer:
    while writer.written < count:
        first = writer.written
        done = writer.append(b"".join(sha256(b"%d" % n).digest() for n in range(first, first + 100)))
        print(done, flush=True)
"""


def test_a_killed_writer_loses_nothing_that_it_acknowledged(leaves: LeafStore, tmp_path: Path) -> None:
    acknowledged = 0
    for _ in range(4):
        process = subprocess.Popen(
            [sys.executable, "-c", ENDLESS_WRITER, tmp_path, str(acknowledged)], stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        for _ in range(30):
            acknowledged = int(process.stdout.readline())
        time.sleep(0.003)
        process.send_signal(signal.SIGKILL)
        *whole_lines, _cut = process.stdout.read().split(b"\n")
        acknowledged = max([acknowledged, *map(int, whole_lines)])
        process.stdout.close()
        process.wait()
    with leaves.writer(BATCH, count=acknowledged, acknowledged=acknowledged) as writer:
        assert writer.written == acknowledged > 0
        assert writer.finish() == root_from_leaf_hashes(hashes(0, acknowledged))


def test_a_writer_that_was_overtaken_finds_the_batch_complete(leaves: LeafStore, tmp_path: Path) -> None:
    """A rival completes the batch between this writer's look for the files and its opening of the part."""
    write(leaves, 3)
    overtaken = PartWriter.open(tmp_path / "7.leaves", BATCH, count=3, acknowledged=0)
    assert overtaken is None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["7.leaves", "7.nodes"]
