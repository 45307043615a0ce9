"""A fresh store on each database; every test that asks for `store` or `engine` runs once on either."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tagserver.ports import Store
from tagserver.store import SqlStore, open_engine, upgrade


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'origintag.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def empty_engine(database_url: str) -> Iterator[Engine]:
    """An engine on a database without a schema."""
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def engine(empty_engine: Engine) -> Engine:
    """An engine on a database with the schema."""
    upgrade(empty_engine)
    return empty_engine


@pytest.fixture
def store(engine: Engine) -> Store:
    """An empty store."""
    return SqlStore(engine)
