"""The table of batches: one row for any number of tags, which is also the queue of those to be issued."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from tagserver.store.schema.columns import FixedBytes, RowId, UtcDateTime, metadata
from tagserver.store.schema.products import GTIN_CHARS, LOT_CHARS

# A serial carries the batch's number in 32 bits, and the unit's index in 32 (tagcore.serials).
batch = Table(
    "batch",
    metadata,
    Column("number", RowId, primary_key=True, autoincrement=True),
    Column("org_id", ForeignKey("organisation.id"), nullable=False),
    Column("gtin", String(GTIN_CHARS), ForeignKey("product.gtin"), nullable=False),
    Column("lot", String(LOT_CHARS), nullable=False),
    Column("expiry", String(6)),
    Column("units", BigInteger, nullable=False),
    Column("profile", String(16), nullable=False),
    Column("host", String(259), nullable=False),
    Column("key_id", ForeignKey("issuer_key.id"), nullable=False),
    Column("slot", Integer, nullable=False),
    Column("serial_source", String(16), nullable=False),
    Column("base_state", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("status", String(16), nullable=False),
    Column("done", BigInteger, nullable=False),
    Column("root", FixedBytes(32)),
    Column("issued_at", UtcDateTime),
    Column("manifest_signature", FixedBytes(64)),
    Column("failure", Text),
    Column("attempt", Integer, nullable=False),
    Column("lease_owner", String(200)),
    Column("lease_until", UtcDateTime),
    Column("range_seq", Integer, nullable=False),
    CheckConstraint("number BETWEEN 1 AND 4294967295", name="number"),
    CheckConstraint("units BETWEEN 1 AND 4294967296", name="units"),
    CheckConstraint("done BETWEEN 0 AND units", name="done"),
    CheckConstraint("(status = 'issued') = (root IS NOT NULL)", name="root"),
    CheckConstraint("(status = 'issued') = (manifest_signature IS NOT NULL)", name="manifest_signature"),
    CheckConstraint("(status = 'issuing') = (lease_owner IS NOT NULL)", name="lease"),
    Index("ix_batch_org_id", "org_id", "number"),
    Index("ix_batch_gtin_lot", "gtin", "lot"),
    Index("ix_batch_status", "status", "number"),
    sqlite_autoincrement=True,
)
