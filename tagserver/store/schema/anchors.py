"""The tables of anchors: one row a checkpoint and backend, one an attempt, one a backend."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from tagserver.store.schema.columns import FixedBytes, RowId, UtcDateTime, metadata

BACKEND_CHARS = 32
TX_CHARS = 80
WEI_CHARS = 80
"""Amounts are decimal text: 256 bits are more than either database counts with."""

anchor = Table(
    "anchor",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("backend", String(BACKEND_CHARS), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("root", FixedBytes(32), nullable=False),
    Column("commitment", FixedBytes(89), nullable=False),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("sighting", String(16)),
    Column("tx_id", String(TX_CHARS), nullable=False),
    Column("block_number", BigInteger),
    Column("block_id", String(TX_CHARS)),
    Column("block_at", UtcDateTime),
    Column("fee", String(WEI_CHARS), nullable=False),
    Column("is_final", Boolean, nullable=False),
    Column("evidence", LargeBinary, nullable=False),
    Column("reason", Text, nullable=False),
    CheckConstraint("size >= 1", name="size"),
    CheckConstraint("(block_number IS NULL) = (block_id IS NULL)", name="block"),
    UniqueConstraint("backend", "size"),
    Index("ix_anchor_backend_state", "backend", "state"),
    sqlite_autoincrement=True,
)

anchor_attempt = Table(
    "anchor_attempt",
    metadata,
    Column("anchor_id", ForeignKey("anchor.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("tx_id", String(TX_CHARS), nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("key", String(TX_CHARS), nullable=False),
    Column("fee_limit", String(WEI_CHARS), nullable=False),
    Column("details", JSON, nullable=False),
    Column("signed_at", UtcDateTime, nullable=False),
    Column("submitted_at", UtcDateTime),
    Index("ix_anchor_attempt_signed_at", "signed_at"),
)

anchor_backend = Table(
    "anchor_backend",
    metadata,
    Column("name", String(BACKEND_CHARS), primary_key=True),
    Column("fence", BigInteger, nullable=False),
    Column("lease_owner", String(200)),
    Column("lease_until", UtcDateTime),
    Column("seen_at", UtcDateTime),
    Column("key", String(TX_CHARS), nullable=False),
    Column("balance", String(WEI_CHARS)),
    Column("alarm", String(64), nullable=False),
    Column("problem", Text, nullable=False),
    Column("alarm_at", UtcDateTime),
    CheckConstraint("(lease_owner IS NULL) = (lease_until IS NULL)", name="lease"),
)
