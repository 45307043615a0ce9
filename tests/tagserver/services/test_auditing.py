"""Whoever edits the database is caught: the first row that differs is named."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tagcore.states import Action
from tagserver.ports import RecallKind
from tagserver.services.errors import ServiceError
from tagserver.services.recalls import RecallOrder
from tagserver.services.units import Report
from tests.tagserver.services.cast import GTIN, Office, an_order


@dataclass(frozen=True, kw_only=True)
class Scene:
    """An office in which something of every kind has happened, all of it published."""

    office: Office
    serial: str

    def sql(self, statement: str) -> None:
        with self.office.store.write() as tx:
            tx.log._link.driver.execute(statement)

    def difference(self) -> str:
        report = self.office.services.auditing.audit()
        return str(report.difference)


def furnish_scene(office: Office) -> Scene:
    services = office.services
    services.logs.create()
    batch = office.released(an_order(300))
    office.released(an_order(2, lot="LOT2"))
    for tag, action in zip(office.tags(batch), (Action.SHIP, Action.SELL), strict=False):
        services.units.report(office.caller(), GTIN, tag.identity.serial, Report(action=action))
    serial = office.tags(batch)[0].identity.serial
    services.units.report(office.caller(), GTIN, serial, Report(action=Action.RECEIVE, place="gate 2"))
    recalls = [
        services.recalls.order(
            office.caller(),
            RecallOrder(
                gtin=GTIN,
                lot=lot,
                serial=None,
                kind=RecallKind.RECALL,
                reason="glass",
                instructions="return it",
            ),
        )
        for lot in ("LOT1", "LOT2")
    ]
    services.recalls.lift(office.caller(), recalls[1].id)
    services.logs.run(close_blocks=True)
    return Scene(office=office, serial=serial)


@pytest.fixture
def scene(office: Office) -> Scene:
    return furnish_scene(office)


def test_a_record_that_nobody_touched_is_as_the_log_has_it(any_office: Office) -> None:
    scene = furnish_scene(any_office)
    report = scene.office.services.auditing.audit()
    assert report.difference is None
    assert report.entries == report.size == 9
    assert report.rows > 25


def test_what_still_waits_is_believed(scene: Scene) -> None:
    scene.office.released(an_order(3, lot="LOT3"))
    assert scene.difference() == "None"


def test_there_is_nothing_to_audit_without_a_log(office: Office) -> None:
    with pytest.raises(ServiceError, match="no published log"):
        office.services.auditing.audit()


TAMPERED = {
    "a batch's lot": (
        "UPDATE batch SET lot = 'X' WHERE number = 1",
        "batch 1: lot is X, and the log says LOT1",
    ),
    "a batch's count": ("UPDATE batch SET units = 301, done = 301 WHERE number = 1", "batch 1: units is 301"),
    "a batch's root": ("UPDATE batch SET root = zeroblob(32) WHERE number = 2", "batch 2: root is 000"),
    "a batch's signature": (
        "UPDATE batch SET manifest_signature = zeroblob(64) WHERE number = 2",
        "batch 2: manifest_signature is 000",
    ),
    "a batch's key": (
        "UPDATE batch SET key_id = 'rival-0' WHERE number = 1",
        "batch 1: its manifest is not signed",
    ),
    "a key's status": (
        "UPDATE issuer_key SET status = 'retired' WHERE id = 'rival-0'",
        "issuer_key rival-0: status",
    ),
    "a key put in another's place": (
        "UPDATE issuer_key SET public_key = randomblob(32) WHERE id = 'rival-0'",
        "issuer_key rival-0: the log has no entry of it",
    ),
    "a recall forgotten": (
        "UPDATE recall SET lifted_at = at WHERE lot = 'LOT1'",
        "lifted is True, and the log says False",
    ),
    "a recall deleted": ("DELETE FROM recall WHERE lot = 'LOT1'", "is in the log and not here"),
    "a recall's words": ("UPDATE recall SET reason = 'nothing' WHERE lot = 'LOT1'", "terms is"),
    "an event changed": (
        "UPDATE unit_event SET place = 'gate 3' WHERE place = 'gate 2'",
        "unit_event 09506000134352 {serial} 2: is not as it was committed to in block 0",
    ),
    "an event taken away": (
        "DELETE FROM unit_event WHERE place = 'gate 2'",
        "unit_event 09506000134352 {serial} 2: is gone, and was committed to in block 0",
    ),
    "an event and its leaf taken away": (
        "DELETE FROM event_leaf WHERE seq = 2 AND subject LIKE 'unit%'",
        "event_block 0: leaves is 4, and the log says 5",
    ),
    "an event added": (
        "INSERT INTO unit_event SELECT gtin, serial, 9, batch, position, action, state, previous, since, by_org,"
        " place, country, note FROM unit_event WHERE place = 'gate 2'",
        "unit_event 09506000134352 {serial} 9: was never committed to",
    ),
    "a range's event changed": (
        "UPDATE range_state SET last = 7 WHERE batch = 1",
        "range_state batch 1 1: is not as it was committed to in block 0",
    ),
    "a range's event taken away": (
        "DELETE FROM range_state WHERE batch = 2",
        "range_state batch 2 1: is gone",
    ),
    "a unit's state": (
        "UPDATE unit_state SET state = 'stolen' WHERE serial = '{serial}'",
        "unit_state 09506000134352 {serial}: state is stolen, and the log says received",
    ),
    "a unit's state taken away": (
        "DELETE FROM unit_state WHERE serial = '{serial}'",
        "unit_state 09506000134352 {serial}: is not there",
    ),
    "a leaf": ("UPDATE event_leaf SET hash = zeroblob(32) WHERE id = 1", "event_leaf of block 0"),
    "a block": ("UPDATE event_block SET root = zeroblob(32)", "event_block 0: root is"),
    "an entry": (
        "UPDATE log_entry SET data = x'7b7d' WHERE leaf_index = 3",
        "log_entry at index 3: holds something else",
    ),
    "an entry taken away": (
        "DELETE FROM log_entry WHERE leaf_index = 3",
        "log_entry at index 3: is published and not here",
    ),
    "a checkpoint": ("UPDATE log_checkpoint SET root = zeroblob(32)", "log_checkpoint 9: is not the one"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_names_the_first_row_that_differs(scene: Scene, what: str) -> None:
    statement, found = TAMPERED[what]
    scene.sql("PRAGMA defer_foreign_keys = ON")
    scene.sql(statement.replace("{serial}", scene.serial))
    assert found.replace("{serial}", scene.serial) in scene.difference()


FILES: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "a bundle": ("tile/entries/000.p/9", lambda file: file.write_bytes(b"\0\1x"), "is damaged"),
    "a bundle gone": ("tile/entries/000.p/9", Path.unlink, "is not there"),
    "the checkpoint": (
        "checkpoint",
        lambda file: file.write_bytes(file.read_bytes()[:-9]),
        "file checkpoint",
    ),
}


@pytest.mark.parametrize("what", FILES)
def test_names_the_file_that_differs(scene: Scene, what: str) -> None:
    name, damage, found = FILES[what]
    damage(scene.office.folder / "log" / name)
    assert found in scene.difference()


def test_names_the_leaf_file_that_differs(scene: Scene) -> None:
    leaves = scene.office.folder / "batches" / "1.leaves"
    leaves.write_bytes(bytes(32) + leaves.read_bytes()[32:])
    assert "file batches/1.leaves" in scene.difference()


def test_a_checkpoint_kept_elsewhere_finds_a_log_that_was_rewritten(scene: Scene, tmp_path: Path) -> None:
    kept = (scene.office.folder / "log" / "checkpoint").read_bytes()
    scene.office.released(an_order(3, lot="LOT3"))
    scene.office.services.logs.run(close_blocks=True)
    assert scene.office.services.auditing.audit(kept).difference is None
    shutil.rmtree(scene.office.folder / "log" / "tile")
    other = kept.replace(b"\n9\n", b"\n90\n")
    assert "is not signed by this log's key" in str(scene.office.services.auditing.audit(other).difference)
