from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from tagserver.ports import StoreVersionError
from tagserver.store import SqlStore, open_engine, require_current, upgrade
from tagserver.store.database import for_writing
from tagserver.store.migrate import _config, newest_revision
from tagserver.store.schema import metadata
from tests.tagserver.store.cast import all_at_once


def test_the_migrations_lead_to_the_schema_that_the_program_uses(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []


def test_the_migrations_make_every_check_that_the_schema_names(engine: Engine) -> None:
    for table in metadata.tables.values():
        wanted = {
            str(constraint.name) for constraint in table.constraints if "Check" in type(constraint).__name__
        }
        found = {check["name"] for check in inspect(engine).get_check_constraints(table.name)}
        assert found == wanted, table.name


def test_an_upgrade_may_be_repeated(engine: Engine) -> None:
    upgrade(engine)
    require_current(engine)


def test_two_upgrades_at_once_both_succeed(empty_engine: Engine) -> None:
    assert all_at_once([lambda: upgrade(empty_engine)] * 2) == [None, None]
    require_current(empty_engine)


def test_refuses_a_database_without_a_schema(empty_engine: Engine) -> None:
    with pytest.raises(StoreVersionError, match=f"got no schema, want {newest_revision()}"):
        require_current(empty_engine)


def test_refuses_a_database_of_a_later_program(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreVersionError) as caught:
        require_current(engine)
    assert caught.value.found == "9999"
    assert not SqlStore(engine).is_healthy()


def test_primary_keys_of_unit_tables_begin_with_the_unit() -> None:
    for name in ("unit_state", "unit_event", "scan"):
        key = [column.name for column in metadata.tables[name].primary_key]
        assert key[:2] == ["gtin", "serial"], name


def test_a_relative_sqlite_path_is_taken_from_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    engine = open_engine("sqlite:///here.db")
    upgrade(engine)
    engine.dispose()
    assert (tmp_path / "here.db").exists()


def test_an_upgrade_keeps_what_the_first_schema_held(empty_engine: Engine) -> None:
    with for_writing(empty_engine).begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(
            text(
                "INSERT INTO audit_entry (at, action, subject, detail) "
                "VALUES ('2026-03-01 12:00:00.000000', 'init', 'workspace', '{}')"
            )
        )
    upgrade(empty_engine)
    with SqlStore(empty_engine).read() as tx:
        (entry,) = tx.audit.latest(limit=9)
    assert (entry.action, entry.account_id) == ("init", None)


def test_the_newest_revision_is_the_one_that_alembic_finds() -> None:
    assert newest_revision() == ScriptDirectory.from_config(_config()).get_current_head()
