"""Tables of products, their pictures, their recalls, and issuers' public keys."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
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

from tagserver.store.schema.columns import NAME_CHARS, FixedBytes, UtcDateTime, metadata

GTIN_CHARS = 14
SERIAL_CHARS = 20
LOT_CHARS = 20

product = Table(
    "product",
    metadata,
    Column("gtin", String(GTIN_CHARS), primary_key=True),
    Column("org_id", ForeignKey("organisation.id"), nullable=False, index=True),
    Column("name", String(NAME_CHARS), nullable=False),
    Column("description", Text, nullable=False),
    Column("size", String(NAME_CHARS), nullable=False),
    Column("image", String(64)),
    Column("markets", JSON, nullable=False),
    Column("instructions", Text, nullable=False),
    Column("thresholds", JSON(none_as_null=True)),
    Column("created_at", UtcDateTime, nullable=False),
)

picture = Table(
    "picture",
    metadata,
    Column("gtin", ForeignKey("product.gtin"), primary_key=True),
    Column("media_type", String(64), nullable=False),
    Column("data", LargeBinary, nullable=False),
)

recall = Table(
    "recall",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("gtin", ForeignKey("product.gtin"), nullable=False),
    Column("lot", String(LOT_CHARS)),
    Column("serial", String(SERIAL_CHARS)),
    Column("kind", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("instructions", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by_org", ForeignKey("organisation.id"), nullable=False),
    Column("lifted_at", UtcDateTime),
    Index("ix_recall_gtin_lot", "gtin", "lot"),
)

issuer_key = Table(
    "issuer_key",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("org_id", ForeignKey("organisation.id"), nullable=False),
    Column("slot", Integer, CheckConstraint("slot BETWEEN 0 AND 255", name="slot"), nullable=False),
    Column("public_key", FixedBytes(32), nullable=False),
    Column("not_before", UtcDateTime, nullable=False),
    Column("not_after", UtcDateTime, nullable=False),
    Column("status", String(16), nullable=False),
    Column("revoked_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("org_id", "slot"),
    UniqueConstraint("public_key"),
)
