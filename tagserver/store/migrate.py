"""Bringing a database to this program's schema, by the migrations packaged beside this file.

Alembic is loaded by who upgrades: every command asks whether the schema is the right one, and that takes a look.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from tagserver.ports import StoreVersionError
from tagserver.store.database import for_writing

if TYPE_CHECKING:
    from alembic.config import Config

_MIGRATION_LOCK = 0x6F726967696E7461
"""An arbitrary PostgreSQL advisory lock number ("originta" in ASCII), so that two upgrades wait for one
another.
"""


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest revision, all in one transaction. Harmless to repeat, or to run twice
    at once.
    """
    from alembic import command

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
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


@cache
def newest_revision() -> str | None:
    """The newest packaged revision, by the files' names: `r0006_sent_scans.py` is revision 0006."""
    names = (file.name for file in files("tagserver.store").joinpath("migrations", "versions").iterdir())
    return max((name[1:5] for name in names if name.startswith("r") and name.endswith(".py")), default=None)


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "tagserver.store:migrations")
    return config
