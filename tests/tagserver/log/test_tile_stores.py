"""One suite over every tile store: a folder, and a bucket on a real S3 server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import boto3
import pytest

from tagcore.entries import EntryKind
from tagserver.log.bucket import BucketAddress, TileBucket
from tagserver.log.directory import TileDirectory
from tagserver.log.keeper import TileLogKeeper
from tagserver.log.tree import TileTree
from tagserver.log.witness_client import ask_witness
from tagserver.ports import NewEntry, TileConflictError, TileStore, TileStoreError
from tests.tagserver.log import s3_server
from tests.tagserver.log.checking import check_log
from tests.tagserver.services.cast import NOW, Office
from tests.tagserver.store.cast import all_at_once

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "tests",
    "AWS_SECRET_ACCESS_KEY": "tests",
    "AWS_EC2_METADATA_DISABLED": "true",
}

Open = Callable[[], TileStore]
"""Another handle on the same store, as another process would have."""


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of an S3 server."""
    with s3_server.serving() as address:
        yield address


def open_bucket(address: str, monkeypatch: pytest.MonkeyPatch, prefix: str = "log/") -> Open:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    bucket = f"tiles-{uuid4().hex}"
    boto3.client("s3", endpoint_url=address, region_name="us-east-1").create_bucket(Bucket=bucket)
    place = BucketAddress(bucket=bucket, prefix=prefix, endpoint=address, region="us-east-1")
    return lambda: TileBucket(place)


@pytest.fixture(params=["folder", "bucket", "bucket without a prefix"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    if request.param == "folder":
        (tmp_path / "log").mkdir()
        return lambda: TileDirectory(tmp_path / "log")
    address: str = request.getfixturevalue("s3")
    return open_bucket(address, monkeypatch, "log/" if request.param == "bucket" else "")


def test_reads_what_was_written(reopen: Open) -> None:
    reopen().write("tile/0/000", b"hashes")
    reopen().write("tile/entries/x001/234.p/7", b"entries")
    assert reopen().read("tile/0/000") == b"hashes"
    assert reopen().read("tile/entries/x001/234.p/7") == b"entries"


@pytest.mark.parametrize("path", ["checkpoint", "tile/0/001", "tile/0/000/001"])
def test_says_that_there_is_no_such_file(reopen: Open, path: str) -> None:
    reopen().write("tile/0/000", b"hashes")
    assert reopen().read(path) is None


def test_the_same_file_may_be_written_again(reopen: Open) -> None:
    for _ in range(2):
        reopen().write("tile/0/000.p/3", b"hashes")
    assert reopen().read("tile/0/000.p/3") == b"hashes"


def test_a_file_is_never_written_over(reopen: Open) -> None:
    reopen().write("tile/0/000", b"hashes")
    with pytest.raises(TileConflictError):
        reopen().write("tile/0/000", b"others")
    assert reopen().read("tile/0/000") == b"hashes"


def test_the_first_checkpoint_stands_where_there_was_none(reopen: Open) -> None:
    reopen().replace_checkpoint(b"one", expected=None)
    assert reopen().read("checkpoint") == b"one"
    with pytest.raises(TileConflictError):
        reopen().replace_checkpoint(b"two", expected=None)


def test_a_checkpoint_takes_the_place_of_the_expected_one_alone(reopen: Open) -> None:
    reopen().replace_checkpoint(b"one", expected=None)
    reopen().replace_checkpoint(b"two", expected=b"one")
    with pytest.raises(TileConflictError):
        reopen().replace_checkpoint(b"three", expected=b"one")
    assert reopen().read("checkpoint") == b"two"


def test_refuses_to_replace_one_that_is_not_there(reopen: Open) -> None:
    with pytest.raises(TileConflictError):
        reopen().replace_checkpoint(b"two", expected=b"one")
    assert reopen().read("checkpoint") is None


def test_of_several_at_once_one_replaces_it(reopen: Open) -> None:
    reopen().replace_checkpoint(b"old", expected=None)
    stores = [reopen() for _ in range(6)]

    def replacing(number: int) -> Callable[[], None]:
        return lambda: stores[number].replace_checkpoint(b"new %d" % number, expected=b"old")

    outcomes = all_at_once([replacing(number) for number in range(6)])
    winners = [number for number, outcome in enumerate(outcomes) if outcome is None]
    assert len(winners) == 1
    assert all(isinstance(one, TileConflictError) for one in outcomes if one is not None)
    assert reopen().read("checkpoint") == b"new %d" % winners[0]


def test_an_outage_has_a_code(reopen: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    place = BucketAddress(bucket="nowhere", endpoint="http://127.0.0.1:1", region="us-east-1")
    file = tmp_path / "a file"
    file.write_bytes(b"")
    for store in (TileBucket(place), TileDirectory(file)):
        with pytest.raises(TileStoreError):
            store.write("tile/0/000", b"hashes")
        with pytest.raises(TileStoreError):
            store.replace_checkpoint(b"new", expected=None)


def test_a_bucket_that_is_not_there_is_an_outage(s3: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    place = BucketAddress(bucket="not-there", endpoint=s3, region="us-east-1")
    with pytest.raises(TileStoreError, match="NoSuchBucket"):
        TileBucket(place).read("checkpoint")
    with pytest.raises(TileStoreError):
        TileBucket(replace(place, bucket="not-there-either")).write("tile/0/000", b"x")


def test_a_log_in_a_bucket_is_a_log(logged: Office, s3: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tiles = open_bucket(s3, monkeypatch)()
    keeper = TileLogKeeper(
        store=logged.store,
        tiles=tiles,
        tree=TileTree(tiles),
        keystore=logged.keystore,
        ask=ask_witness,
        clock=logged.clock,
        block_age=NOW - NOW,
    )
    for turn in range(3):
        with logged.store.write() as tx:
            for number in range(130):
                data = b"%d %d" % (turn, number)
                tx.log.add(NewEntry(kind=EntryKind.BATCH, subject="test", data=data, at=NOW))
        keeper.run()
    log = check_log(tiles.read, logged.services.logs.status().state.public_key)
    assert log.entries[-1] == b"2 129"
    assert len(log.entries) == 393
