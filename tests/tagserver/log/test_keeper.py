from datetime import timedelta

import pytest

from tagcore.entries import (
    BatchEntry,
    EntryKind,
    EventsEntry,
    KeyChange,
    KeyEntry,
    KeyRole,
    RecallChange,
    RecallEntry,
    parse_entry,
)
from tagcore.states import Action
from tagserver.ports import NewEntry, RecallKind
from tagserver.services.recalls import RecallOrder
from tagserver.services.units import Report
from tests.tagserver.log.checking import CheckedLog, check_log, in_folder
from tests.tagserver.services.cast import DISTILLERY, GTIN, NOW, ORIGIN, Office, an_order


def published(office: Office) -> CheckedLog:
    status = office.services.logs.status()
    return check_log(in_folder(office.folder / "log"), status.state.public_key)


def add(office: Office, *numbers: int) -> None:
    with office.store.write() as tx:
        for number in numbers:
            data = b"entry %d" % number
            tx.log.add(NewEntry(kind=EntryKind.BATCH, subject=f"test {number}", data=data, at=NOW))


def test_a_new_log_holds_its_own_key_and_those_of_the_issuers(any_logged: Office) -> None:
    any_logged.services.logs.run()
    log = published(any_logged)
    entries = [parse_entry(data) for data in log.entries]
    assert log.origin == ORIGIN
    assert all(isinstance(entry, KeyEntry) for entry in entries)
    roles = [(entry.role, entry.change) for entry in entries if isinstance(entry, KeyEntry)]
    assert roles == [(KeyRole.ISSUER, KeyChange.ADDED)] * 2 + [(KeyRole.LOG, KeyChange.ADDED)]


def test_what_happens_becomes_entries_in_its_order(any_logged: Office) -> None:
    services = any_logged.services
    services.logs.run()
    before = len(published(any_logged).entries)
    batch = any_logged.released(an_order(3))
    recall = services.recalls.order(
        any_logged.caller(),
        RecallOrder(gtin=GTIN, lot="LOT1", serial=None, kind=RecallKind.RECALL, reason="x", instructions=""),
    )
    services.recalls.lift(any_logged.caller(), recall.id)
    services.recalls.lift(any_logged.caller(), recall.id)
    services.keys.rotate(DISTILLERY)
    services.logs.run(close_blocks=True)
    entries = [parse_entry(data) for data in published(any_logged).entries[before:]]
    issued, ordered, lifted, added, retired, events = entries
    assert isinstance(issued, BatchEntry)
    assert issued.manifest.root == batch.root
    assert isinstance(ordered, RecallEntry)
    assert isinstance(lifted, RecallEntry)
    assert (ordered.change, lifted.change) == (RecallChange.ORDERED, RecallChange.LIFTED)
    assert isinstance(added, KeyEntry)
    assert isinstance(retired, KeyEntry)
    assert (added.change, retired.change) == (KeyChange.ADDED, KeyChange.RETIRED)
    assert isinstance(events, EventsEntry)
    assert (events.block, events.count) == (0, 1)


def test_events_wait_for_their_block_to_fill_or_to_age(logged: Office) -> None:
    batch = logged.released(an_order(2))
    serial = logged.tags(batch)[0].identity.serial
    logged.services.units.report(logged.caller(), GTIN, serial, Report(action=Action.SHIP))
    logged.services.logs.run()
    before = len(published(logged).entries)
    logged.clock.advance(timedelta(seconds=59))
    logged.services.logs.run()
    assert len(published(logged).entries) == before
    logged.clock.advance(timedelta(seconds=1))
    logged.services.logs.run()
    (data,) = published(logged).entries[before:]
    block = parse_entry(data)
    assert isinstance(block, EventsEntry)
    assert block.count == 2


@pytest.mark.parametrize("steps", [(1, 1, 1), (250, 5, 1, 1, 300), (600,), (253, 256, 256)])
def test_files_are_right_however_the_log_grows(logged: Office, steps: tuple[int, ...]) -> None:
    logged.services.logs.run()
    total = 0
    for step in steps:
        add(logged, *range(total, total + step))
        total += step
        assert logged.services.logs.run().placed == step
        assert published(logged).entries[-1] == b"entry %d" % (total - 1)


def test_nothing_to_do_is_nothing_done(logged: Office) -> None:
    first = logged.services.logs.run()
    again = logged.services.logs.run()
    assert (again.placed, again.size, again.cosigned) == (0, first.size, 0)


def test_without_a_log_entries_wait(office: Office) -> None:
    office.issue()
    progress = office.services.logs.run()
    assert (progress.placed, progress.size) == (0, None)
    with office.store.read() as tx:
        assert tx.log.pending_count() > 0


def test_what_was_there_before_the_log_gets_its_entry_once(any_office: Office) -> None:
    batch = any_office.released(an_order(3))
    with any_office.store.write() as tx:  # as in a workspace from before there were logs
        tx.log._link.driver.execute("DELETE FROM log_entry")
        tx.log._link.driver.execute("DELETE FROM event_leaf")
    for _ in range(2):
        any_office.services.logs.create()
    any_office.services.logs.run(close_blocks=True)
    entries = [parse_entry(data) for data in published(any_office).entries]
    batches = [entry for entry in entries if isinstance(entry, BatchEntry)]
    assert [entry.manifest.root for entry in batches] == [batch.root]
    assert sum(isinstance(entry, EventsEntry) for entry in entries) == 1
    assert len(entries) == 5


def test_files_that_are_lost_are_written_again(logged: Office) -> None:
    add(logged, *range(300))
    logged.services.logs.run()
    before = published(logged)
    (logged.folder / "log" / "checkpoint").unlink()
    (logged.folder / "log" / "tile" / "0" / "000").unlink()
    logged.services.logs.run()
    assert published(logged) == before
