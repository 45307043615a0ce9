"""Tables of the transparency log: entries, checkpoints, what commits to events, witnesses, and logs that are
witnessed here.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from tagserver.store.schema.columns import NAME_CHARS, FixedBytes, RowId, UtcDateTime, metadata

ORIGIN_CHARS = 400
SUBJECT_CHARS = 200

# One row. Whoever sequences holds it, so that there is one order of entries.
log = Table(
    "log",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("origin", String(ORIGIN_CHARS), nullable=False),
    Column("key_id", String(64), nullable=False),
    Column("public_key", FixedBytes(32), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("peaks", LargeBinary, nullable=False),
    Column("published", BigInteger, nullable=False),
    Column("fork", Text),
    CheckConstraint("id = 1", name="single"),
    CheckConstraint("published BETWEEN 0 AND size", name="published"),
)

log_entry = Table(
    "log_entry",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("kind", String(16), nullable=False),
    Column("subject", String(SUBJECT_CHARS), nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("leaf_index", BigInteger),
    UniqueConstraint("leaf_index"),
    Index("ix_log_entry_kind_subject", "kind", "subject"),
    Index(
        "ix_log_entry_pending",
        "id",
        postgresql_where=text("leaf_index IS NULL"),
        sqlite_where=text("leaf_index IS NULL"),
    ),
    sqlite_autoincrement=True,
)

log_checkpoint = Table(
    "log_checkpoint",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", FixedBytes(32), nullable=False),
    Column("note", LargeBinary, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

event_leaf = Table(
    "event_leaf",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("subject", String(SUBJECT_CHARS), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("salt", FixedBytes(16), nullable=False),
    Column("hash", FixedBytes(32), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("block", BigInteger),
    Column("place", Integer),
    CheckConstraint("(block IS NULL) = (place IS NULL)", name="place"),
    UniqueConstraint("subject", "seq"),
    UniqueConstraint("block", "place"),
    Index(
        "ix_event_leaf_waiting",
        "id",
        postgresql_where=text("block IS NULL"),
        sqlite_where=text("block IS NULL"),
    ),
    sqlite_autoincrement=True,
)

event_block = Table(
    "event_block",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("count", Integer, nullable=False),
    Column("root", FixedBytes(32), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

witness = Table(
    "witness",
    metadata,
    Column("name", String(NAME_CHARS), primary_key=True),
    Column("vkey", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("retry_at", UtcDateTime),
    Column("problem", Text, nullable=False),
)

# Witnesses may be taken off the list; what they signed stays.
cosignature = Table(
    "cosignature",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("witness", String(NAME_CHARS), primary_key=True),
    Column("line", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

watched_log = Table(
    "watched_log",
    metadata,
    Column("origin", String(ORIGIN_CHARS), primary_key=True),
    Column("vkey", Text, nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("note", LargeBinary, nullable=False),
)
