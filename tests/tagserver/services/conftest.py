"""An office for each test: on SQLite, a copy of one that was settled once; `any_office` on PostgreSQL too."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tagserver.store import open_engine, upgrade
from tests.postgres import PostgresServer
from tests.tagserver.services.cast import Office, furnish, open_office, settle


def sqlite_url(folder: Path) -> str:
    return f"sqlite:///{folder / 'origintag.db'}"


def prepare(folder: Path, database_url: str) -> None:
    """Everything that an office needs, with the whole cast in it."""
    furnish(folder)
    engine = open_engine(database_url)
    upgrade(engine)
    engine.dispose()
    office = open_office(folder, database_url, seed=b"settling")
    settle(office)
    office.store.close()


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A settled office on SQLite, not to be worked in."""
    folder = tmp_path_factory.mktemp("furnished") / "office"
    prepare(folder, sqlite_url(folder))
    return folder


@pytest.fixture
def office(furnished: Path, tmp_path: Path) -> Iterator[Office]:
    """An office on SQLite."""
    folder = tmp_path / "office"
    shutil.copytree(furnished, folder)
    opened = open_office(folder, sqlite_url(folder))
    yield opened
    opened.store.close()


@pytest.fixture(scope="session")
def furnished_on_postgres(
    postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """A settled office on PostgreSQL, not to be worked in: its folder and the name of its database."""
    folder = tmp_path_factory.mktemp("furnished") / "office"
    url = postgres_server.create_database()
    prepare(folder, url)
    return folder, url.rpartition("/")[2].partition("?")[0]


@pytest.fixture
def postgres_office(
    postgres_server: PostgresServer, furnished_on_postgres: tuple[Path, str], tmp_path: Path
) -> Iterator[Office]:
    """An office on PostgreSQL."""
    furnished, template = furnished_on_postgres
    folder, name = tmp_path / "postgres-office", f"office_{uuid4().hex}"
    shutil.copytree(furnished, folder)
    postgres_server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    opened = open_office(folder, postgres_server.url(name))
    yield opened
    opened.store.close()
    postgres_server.execute(f"DROP DATABASE {name} WITH (FORCE)")  # so the server need not write it out


@pytest.fixture(params=["office", "postgres_office"])
def any_office(request: pytest.FixtureRequest) -> Office:
    """An office on each database."""
    found: Office = request.getfixturevalue(request.param)
    return found
