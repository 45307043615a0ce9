"""Tables of units' states, events and scans. Every primary key of a unit's table begins with (gtin, serial).

So these tables partition by unit: by hash in PostgreSQL, over machines in a distributed one. They hold no
foreign key, which no such database could check across partitions; the transaction that writes them checks
the batch.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    text,
)

from tagserver.store.schema.columns import NAME_CHARS, ORG_ID_CHARS, FixedBytes, UtcDateTime, metadata
from tagserver.store.schema.products import GTIN_CHARS, SERIAL_CHARS


def _unit_key() -> tuple[Column[str], Column[str]]:
    return (
        Column("gtin", String(GTIN_CHARS), primary_key=True),
        Column("serial", String(SERIAL_CHARS), primary_key=True),
    )


def _change() -> tuple[Column[Any], ...]:
    """What a `tagserver.ports.Change` holds."""
    return (
        Column("action", String(16), nullable=False),
        Column("state", String(16), nullable=False),
        Column("previous", String(16)),
        Column("since", UtcDateTime, nullable=False),
        Column("by_org", String(ORG_ID_CHARS), nullable=False),
        Column("place", String(NAME_CHARS)),
        Column("country", String(2)),
        Column("note", Text, nullable=False),
    )


unit_state = Table(
    "unit_state",
    metadata,
    *_unit_key(),
    Column("batch", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("previous", String(16)),
    Column("since", UtcDateTime, nullable=False),
    Column("by_org", String(ORG_ID_CHARS), nullable=False),
    Column("place", String(NAME_CHARS)),
    Column("country", String(2)),
    Column("version", Integer, nullable=False),
    Index("ix_unit_state_batch_position", "batch", "position"),
    sqlite_with_rowid=False,
)

unit_event = Table(
    "unit_event",
    metadata,
    *_unit_key(),
    Column("seq", Integer, primary_key=True),
    Column("batch", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    *_change(),
    sqlite_with_rowid=False,
)

# An event of a run of units is one row, whatever its length: event and state are the same row.
range_state = Table(
    "range_state",
    metadata,
    Column("batch", ForeignKey("batch.number"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    *_change(),
    CheckConstraint("first >= 0 AND first <= last", name="range"),
)

# Scans that may be sent again, such as those of a device that was offline: what is here was recorded before.
sent_scan = Table(
    "sent_scan",
    metadata,
    Column("ticket", FixedBytes(16), primary_key=True),
    Column("at", UtcDateTime, nullable=False, index=True),
)

# `id` is the scan's time in microseconds since 1970, times 2048, plus a number that makes it unique for its
# unit: the primary key alone serves "the newest thousand".
scan = Table(
    "scan",
    metadata,
    *_unit_key(),
    Column("id", BigInteger, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("viewer", LargeBinary),
    Column("org_id", String(ORG_ID_CHARS)),
    Column("country", String(2)),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("radius_km", Float, nullable=False),
    Column("reliable_place", Boolean, nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("headline", String(32), nullable=False),
    Column("counted", Boolean, nullable=False),
    Column("holds_person", Boolean, nullable=False),
    Index(
        "ix_scan_personal",
        "at",
        postgresql_where=text("holds_person"),
        sqlite_where=text("holds_person"),
    ),
    Index("ix_scan_gtin_id", "gtin", "id"),
    sqlite_with_rowid=False,
)
