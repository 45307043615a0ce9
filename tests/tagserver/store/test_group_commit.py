"""Scans that come at once share a transaction, and nobody is told that a scan is durable when it is not."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy import Engine, event

from tagserver.ports import ScanRecord, Store, StoreUnavailableError
from tagserver.store import SqlStore, open_engine
from tagserver.store.group_commit import GroupCommit
from tests.tagserver.store.cast import GTIN, NOW, all_at_once
from tests.tagserver.store.test_scans import SCAN

PATIENCE_SECONDS = 20


class Disk:
    """A transaction's end that waits until it is let go; `groups` are the serials of each that was begun."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.begun = Event()
        self.may_end = Event()
        self.refuse: Callable[[Sequence[ScanRecord]], None] = lambda _scans: None

    def write(self, scans: Sequence[ScanRecord]) -> None:
        self.groups.append([scan.serial for scan in scans])
        self.begun.set()
        assert self.may_end.wait(PATIENCE_SECONDS)
        self.refuse(scans)


def scan_of(serial: str, second: int = 0) -> ScanRecord:
    return replace(SCAN, serial=serial, at=NOW + timedelta(seconds=second))


def while_one_writes(disk: Disk, later: Sequence[Sequence[ScanRecord]]) -> list[Future[None]]:
    """Record a first scan, `later` while its transaction has not ended, then let all end."""
    group = GroupCommit(disk.write)
    with ThreadPoolExecutor(1 + len(later)) as pool:
        first = pool.submit(group.record, [scan_of("first")])
        assert disk.begun.wait(PATIENCE_SECONDS)
        others = [pool.submit(group.record, scans) for scans in later]
        while len(group._waiting) < len(later):
            assert not first.done()
        assert not any(future.done() for future in others)
        disk.may_end.set()
    return [first, *others]


def test_what_comes_while_one_writes_is_written_together_next_in_order_of_unit() -> None:
    disk = Disk()
    done = while_one_writes(disk, [[scan_of("c")], [scan_of("a", 1), scan_of("b")], [scan_of("a")]])
    assert [future.exception() for future in done] == [None] * 4
    assert disk.groups == [["first"], ["a", "a", "b", "c"]]


def test_an_outage_is_told_to_everybody_in_the_group_each_by_an_error_of_its_own() -> None:
    disk, outage = Disk(), StoreUnavailableError()

    def refuse(scans: Sequence[ScanRecord]) -> None:
        if len(scans) > 1:
            raise outage

    disk.refuse = refuse
    first, *others = while_one_writes(disk, [[scan_of("a")], [scan_of("b")]])
    assert first.exception() is None
    errors = [future.exception() for future in others]
    assert all(isinstance(error, StoreUnavailableError) and error.__cause__ is outage for error in errors)
    assert errors[0] is not errors[1]


def test_one_callers_mistake_is_told_to_that_one_and_the_others_scans_are_written() -> None:
    disk = Disk()

    def refuse(scans: Sequence[ScanRecord]) -> None:
        if any(scan.serial == "bad" for scan in scans):
            raise ValueError("bad")

    disk.refuse = refuse
    first, good, bad, also_good = while_one_writes(disk, [[scan_of("a")], [scan_of("bad")], [scan_of("c")]])
    assert [future.exception() for future in (first, good, also_good)] == [None] * 3
    assert isinstance(bad.exception(), ValueError)
    assert sorted(disk.groups[2:]) == [["a"], ["bad"], ["c"]]


def test_whoever_is_torn_away_while_writing_leaves_the_others_told_and_the_turn_free() -> None:
    disk = Disk()

    def refuse(scans: Sequence[ScanRecord]) -> None:
        if len(scans) > 1:
            raise KeyboardInterrupt

    disk.refuse = refuse
    first, *others = while_one_writes(disk, [[scan_of("a")], [scan_of("b")]])
    kinds = sorted(type(future.exception()).__name__ for future in others)
    assert first.exception() is None
    assert kinds == ["KeyboardInterrupt", "StoreUnavailableError"]


def test_the_turn_is_given_back_after_every_end() -> None:
    ends: list[BaseException | None] = [StoreUnavailableError(), ValueError(), KeyboardInterrupt(), None]

    def write(_scans: Sequence[ScanRecord]) -> None:
        end = ends.pop(0)
        if end is not None:
            raise end

    group = GroupCommit(write)
    for kind in (StoreUnavailableError, ValueError, KeyboardInterrupt):
        with pytest.raises(kind):
            group.record([scan_of("a")])
    group.record([scan_of("a")])
    assert ends == []


def test_scans_recorded_at_once_are_all_in_the_history_when_their_callers_go_on(store: Store) -> None:
    """Of one unit, in the same microsecond, by many threads: the worst case for their keys."""

    def record_and_look() -> int:
        store.record([SCAN, replace(SCAN, serial="S2")])
        with store.read() as tx:
            return len(tx.scans.history(GTIN, "S1"))

    seen = all_at_once([record_and_look] * 12)
    assert all(isinstance(number, int) and number >= 1 for number in seen)
    with store.read() as tx:
        assert len(tx.scans.history(GTIN, "S1")) == len(tx.scans.history(GTIN, "S2")) == 12


def test_many_callers_need_few_transactions(engine: Engine) -> None:
    store, commits = SqlStore(engine), [0]

    def count(_connection: object) -> None:
        commits[0] += 1

    def record_some() -> None:
        for number in range(5):
            store.record([scan_of("S1", number)])

    event.listen(engine, "commit", count)
    assert all_at_once([record_some] * 12) == [None] * 12
    with store.read() as tx:
        assert len(tx.scans.history(GTIN, "S1")) == 60
    assert commits[0] < 60


def test_two_processes_recording_the_same_units_do_not_wait_for_each_other_for_ever(
    engine: Engine, database_url: str
) -> None:
    """Two stores have a turn each, as two processes do; they meet in the database, in opposite orders."""
    other = SqlStore(open_engine(database_url))
    stores = SqlStore(engine), other
    scans = [scan_of(f"S{number}") for number in range(20)]
    tasks = [
        lambda store=store, part=part: store.record(part)
        for store in stores
        for part in (scans, scans[::-1])
        for _ in range(3)
    ]
    assert all_at_once(tasks) == [None] * 12
    with other.read() as tx:
        assert {len(tx.scans.history(GTIN, scan.serial)) for scan in scans} == {12}
    other.close()


def test_a_naive_time_is_its_callers_mistake(store: Store) -> None:
    with pytest.raises(Exception, match=r"naive|can't subtract"):
        store.record([replace(SCAN, at=NOW.replace(tzinfo=None))])
    store.record([SCAN])
