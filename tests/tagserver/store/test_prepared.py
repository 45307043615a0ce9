"""A prepared question answers as the same statement through SQLAlchemy does, and fails as it does."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine, bindparam, column, select, table
from sqlalchemy.exc import DBAPIError

from tagcore.history import Place
from tagserver.ports import Store, StoreUnavailableError
from tagserver.store import SqlStore, open_engine, upgrade
from tagserver.store.link import linked
from tagserver.store.prepared import Prepared
from tagserver.store.schema import batch, issuer_key, product, scan
from tests.tagserver.store.cast import GTIN, make_batch, settle
from tests.tagserver.store.test_scans import SCAN


@pytest.mark.parametrize("kept", [product, issuer_key, batch, scan], ids=lambda one: str(one.name))
def test_every_kind_of_column_comes_as_sqlalchemy_gives_it(
    store: Store, engine: Engine, kept: object
) -> None:
    settle(store)
    make_batch(store)
    store.record([SCAN, replace(SCAN, serial="S2", viewer=None, place=Place(country="CN"))])
    statement = select(kept)  # type: ignore[call-overload] # pytest's parameters have no type
    with linked(engine, writes=False) as link:
        expected = [tuple(row) for row in link.execute(statement)]
        found = Prepared(statement).all(link)
        assert [tuple(row) for row in found] == expected != []
        assert [type(cell) for row in found for cell in row] == [
            type(cell) for row in expected for cell in row
        ]
        assert found[0]._fields == tuple(kept.c.keys())  # type: ignore[attr-defined] # as above


def test_values_are_bound_by_name_beside_constants(store: Store, engine: Engine) -> None:
    store.record([SCAN, replace(SCAN, serial="S2"), replace(SCAN, serial="S3")])
    statement = (
        select(scan.c.serial)
        .where(scan.c.gtin == bindparam("of_gtin"), scan.c.serial > bindparam("after"))
        .where(scan.c.headline == "FIRST_SCAN")
        .order_by(scan.c.serial)
        .limit(1)
    )
    prepared = Prepared(statement)
    with linked(engine, writes=False) as link:
        assert prepared.first(link, after="S1", of_gtin=GTIN) == ("S2",)
        assert prepared.first(link, after="S3", of_gtin=GTIN) is None
        assert prepared.all(link, after="' OR 1=1 --", of_gtin=GTIN) == [("S1",)]


def test_a_refused_question_raises_as_sqlalchemy_would(engine: Engine) -> None:
    nothing = select(table("nothing", column("at_all")))
    errors = []
    for ask in (lambda one: one.execute(nothing), Prepared(nothing).all):
        with pytest.raises(DBAPIError) as refused, linked(engine, writes=False) as link:
            ask(link)
        errors.append(refused.value)
    assert type(errors[0]) is type(errors[1])
    assert not errors[1].connection_invalidated


def test_a_connection_that_was_cut_is_an_outage_and_not_used_again(postgres_url: str) -> None:
    engine, other = open_engine(postgres_url), open_engine(postgres_url)
    upgrade(engine)
    store = SqlStore(engine)
    settle(store)

    def ask_over_a_cut_connection() -> None:
        with store.read() as tx:
            tx.products.find(GTIN)
            with other.connect() as connection:
                connection.exec_driver_sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE pid <> pg_backend_pid() AND datname = current_database()"
                )
            tx.products.find(GTIN)

    with pytest.raises(StoreUnavailableError):
        ask_over_a_cut_connection()
    with store.read() as tx:
        assert tx.products.find(GTIN) is not None
    store.close()
    other.dispose()
