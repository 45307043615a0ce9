from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError, StatementError

from tagserver.ports import NotStoredError, OrgId, Store, StoreUnavailableError, TokenId
from tagserver.store import SqlStore, database, open_engine, upgrade
from tagserver.store.schema import organisation as organisation_table
from tests.tagserver.store.cast import NOW, organisation, product, settle


def test_a_failed_write_leaves_nothing(store: Store) -> None:
    def write_and_fail() -> None:
        with store.write() as tx:
            tx.organisations.add(organisation())
            tx.products.add(replace(product(), org_id=OrgId("nobody")))

    with pytest.raises(NotStoredError):
        write_and_fail()
    with store.read() as tx:
        assert tx.organisations.all() == ()


def test_a_reader_sees_one_moment(store: Store) -> None:
    with store.read() as reader:
        assert reader.organisations.all() == ()
        settle(store)
        assert reader.organisations.all() == ()
    with store.read() as reader:
        assert len(reader.organisations.all()) == 2


def test_what_a_reader_changes_is_not_kept(store: Store) -> None:
    try:
        with store.read() as tx:
            tx.organisations.add(organisation())
    except DBAPIError:
        pass  # PostgreSQL says so, SQLite only forgets
    with store.read() as tx:
        assert tx.organisations.all() == ()


def test_refuses_a_naive_time(store: Store) -> None:
    naive = product().created_at.replace(tzinfo=None)
    settle(store)
    with pytest.raises(StatementError, match="naive"), store.write() as tx:
        tx.tokens.touch(TokenId("nobody"), at=naive)


def test_gives_every_time_back_in_utc_to_the_microsecond(store: Store, engine: Engine) -> None:
    beijing = timezone(timedelta(hours=8))
    given = NOW.astimezone(beijing)
    with engine.begin() as connection:
        connection.execute(
            organisation_table.insert().values(
                id="x", name="x", role="admin", gtins=[], prefixes=[], hosts=[], created_at=given
            )
        )
        found: datetime = connection.execute(select(organisation_table.c.created_at)).scalar_one()
    assert found == NOW
    assert found.utcoffset() == timedelta(0)


def test_foreign_keys_are_enforced(store: Store) -> None:
    with pytest.raises(NotStoredError, match="organisation of product"), store.write() as tx:
        tx.products.add(product())


def test_sqlite_writes_ahead_and_syncs_fully(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'a.db'}")
    with engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    engine.dispose()
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


def test_a_locked_database_is_unavailable_not_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_SECONDS", 0)
    url = f"sqlite:///{tmp_path / 'a.db'}"
    first, second = SqlStore(open_engine(url)), SqlStore(open_engine(url))
    with first.write(), pytest.raises(StoreUnavailableError), second.write():
        pass
    first.close()
    second.close()


def test_a_database_that_does_not_answer_is_unavailable(tmp_path: Path) -> None:
    store = SqlStore(open_engine(f"postgresql://nobody@/none?host={tmp_path}"))
    with pytest.raises(StoreUnavailableError), store.read():
        pass
    assert not store.is_healthy()


def test_a_connection_cut_in_a_transaction_is_unavailable(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    upgrade(engine)
    store, other = SqlStore(engine), open_engine(postgres_url)

    def write_over_a_cut_connection() -> None:
        with store.write() as tx:
            tx.organisations.add(organisation())
            with other.connect() as connection:
                connection.exec_driver_sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE pid <> pg_backend_pid() AND datname = current_database()"
                )
            tx.products.add(product())

    with pytest.raises(StoreUnavailableError):
        write_over_a_cut_connection()
    with store.read() as tx:
        assert tx.organisations.all() == ()
    store.close()
    other.dispose()


@pytest.mark.parametrize("url", ["mysql://localhost/x", "sqlite://", "sqlite:///:memory:"])
def test_refuses_a_database_that_it_cannot_keep_promises_on(url: str) -> None:
    with pytest.raises(ValueError, match="want"):
        open_engine(url)


def test_a_migrated_store_is_healthy(store: Store) -> None:
    assert store.is_healthy()
