"""Bringing a database to this program's schema, by the migrations packaged beside this file."""

from __future__ import annotations

from functools import cache

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from tagserver.ports import StoreVersionError
from tagserver.store.database import for_writing

_MIGRATION_LOCK = 0x6F726967696E7461
"""An arbitrary PostgreSQL advisory lock number ("originta" in ASCII), so that two upgrades wait for one
another.
"""


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest revision, all in one transaction. Harmless to repeat, or to run twice
    at once.
    """
    with for_writing(engine).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _MIGRATION_LOCK})
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def require_current(engine: Engine) -> None:
    """Raises StoreVersionError unless the database is at this program's revision."""
    with engine.connect() as connection:
        found = current_revision(connection)
    expected = newest_revision()
    if found != expected:
        raise StoreVersionError(found=found or "no schema", expected=expected or "no schema")


def current_revision(connection: Connection) -> str | None:
    """The database's revision, None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


@cache
def newest_revision() -> str | None:
    """The newest packaged revision; it cannot change while the program runs."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "tagserver.store:migrations")
    return config
