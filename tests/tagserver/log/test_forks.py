"""A log that must not go on: an older database, another database, another key."""

import shutil
from pathlib import Path

import pytest

from tagcore.entries import KeyChange, KeyEntry, KeyRole
from tagserver.ports import LogForkedError, NewEntry
from tagserver.ports.entries import new_entry
from tests.tagserver.log.checking import check_log, in_folder
from tests.tagserver.services.cast import NOW, Office, an_order, open_office


def entry(name: str) -> NewEntry:
    """The retirement of a key that nobody has."""
    key = KeyEntry(
        change=KeyChange.RETIRED, role=KeyRole.LOG, name=name, slot=None, public_key=bytes(32), at=NOW
    )
    return new_entry(key, NOW)


def add(office: Office, *names: str) -> None:
    with office.store.write() as tx:
        for name in names:
            tx.log.add(entry(name))


def back_up(office: Office, to: Path) -> None:
    office.store.close()
    shutil.copy(office.folder / "origintag.db", to)
    for suffix in ("-wal", "-shm"):
        (office.folder / f"origintag.db{suffix}").unlink(missing_ok=True)


def restore(office: Office, saved: Path) -> Office:
    office.store.close()
    for suffix in ("-wal", "-shm"):
        (office.folder / f"origintag.db{suffix}").unlink(missing_ok=True)
    shutil.copy(saved, office.folder / "origintag.db")
    return open_office(office.folder, office.database_url)


@pytest.fixture
def restored(logged: Office, tmp_path: Path) -> Office:
    """A log that was published further than the backup that is in place now."""
    logged.services.logs.run()
    add(logged, "waiting at the backup")
    back_up(logged, tmp_path / "saved.db")
    logged = open_office(logged.folder, logged.database_url)
    add(logged, "made after it")
    logged.services.logs.run()
    return restore(logged, tmp_path / "saved.db")


def published(office: Office) -> tuple[bytes, ...]:
    key = office.services.logs.status().state.public_key
    return check_log(in_folder(office.folder / "log"), key).entries


def test_a_restored_backup_stops_the_log_before_anything_is_signed(restored: Office) -> None:
    before = published(restored)
    add(restored, "would fork")
    with pytest.raises(LogForkedError, match="it is older than what was published"):
        restored.services.logs.run()
    assert published(restored) == before
    with restored.store.read() as tx:
        assert tx.log.pending_count() == 2
    status = restored.services.logs.status()
    assert status.state.fork is not None


def test_it_stays_stopped_until_somebody_has_looked(restored: Office) -> None:
    add(restored, "would fork")
    for _ in range(2):
        with pytest.raises(LogForkedError):
            restored.services.logs.run()
    (restored.folder / "log" / "checkpoint").unlink()
    with pytest.raises(LogForkedError):
        restored.services.logs.run()


def test_what_was_published_can_be_taken_in_and_the_log_goes_on(restored: Office) -> None:
    before = published(restored)
    add(restored, "made after the restoring")
    with pytest.raises(LogForkedError):
        restored.services.logs.run()
    assert restored.services.logs.adopt() == 2
    assert restored.services.logs.run().placed == 1
    assert published(restored) == (*before, entry("made after the restoring").data)
    assert restored.services.logs.status().state.fork is None


def test_taking_in_nothing_is_harmless(logged: Office) -> None:
    logged.services.logs.run()
    assert logged.services.logs.adopt() == 0


def test_a_second_database_with_the_same_key_is_found(logged: Office, tmp_path: Path) -> None:
    logged.services.logs.run()
    back_up(logged, tmp_path / "saved.db")
    logged = open_office(logged.folder, logged.database_url)
    for name in ("one", "two"):
        add(logged, f"one history, {name}")
        logged.services.logs.run()
        shutil.copytree(logged.folder / "log", tmp_path / name)
    other = restore(logged, tmp_path / "saved.db")
    replace_files(other, None)
    add(other, "another history")
    other.services.logs.run()
    replace_files(other, tmp_path / "two")
    with pytest.raises(LogForkedError, match="not the beginning"):
        other.services.logs.adopt()
    replace_files(other, tmp_path / "one")
    add(other, "its next entry")
    with pytest.raises(LogForkedError, match="another root"):
        other.services.logs.run()


def replace_files(office: Office, others: Path | None) -> None:
    shutil.rmtree(office.folder / "log")
    if others is None:
        (office.folder / "log").mkdir()
    else:
        shutil.copytree(others, office.folder / "log")


def test_the_checkpoint_of_another_log_is_found(logged: Office) -> None:
    told = "elsewhere.example/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
    note = f"{told}\n— elsewhere.example/log AAAAAAAA\n"
    (logged.folder / "log" / "checkpoint").write_text(note, encoding="utf-8")
    with pytest.raises(LogForkedError, match="not this log's"):
        logged.services.logs.run()


def test_entries_changed_after_they_were_signed_are_not_published(logged: Office) -> None:
    from tagserver.ports import TileMissingError

    logged.services.logs.run()
    logged.issue(an_order(2))
    keeper = logged.services.logs._keeper
    keeper._sequencer.sequence()  # type: ignore[attr-defined] # signed, not yet written
    with logged.store.write() as tx:
        tx.log._link.driver.execute("UPDATE log_entry SET data = x'7b7d' WHERE kind = 'batch'")
    before = published(logged)
    with pytest.raises(TileMissingError, match="differ from those signed"):
        logged.services.logs.run()
    assert published(logged) == before
