"""The store on SQLAlchemy Core: one code base, SQLite on one machine, PostgreSQL beyond; and the files
beside it.
"""

from tagserver.store.database import open_engine
from tagserver.store.leaves import LeafDirectory
from tagserver.store.migrate import require_current, upgrade
from tagserver.store.serial_index import SerialDirectory
from tagserver.store.sql_store import SqlStore
from tagserver.store.trust_file import TrustBundleFile

__all__ = [
    "LeafDirectory",
    "SerialDirectory",
    "SqlStore",
    "TrustBundleFile",
    "open_engine",
    "require_current",
    "upgrade",
]
