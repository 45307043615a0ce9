"""The table of consumers' reports."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, LargeBinary, String, Table, Text, text

from tagserver.store.schema.columns import NAME_CHARS, UtcDateTime, metadata
from tagserver.store.schema.products import GTIN_CHARS, SERIAL_CHARS

report = Table(
    "report",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("gtin", String(GTIN_CHARS), nullable=False),
    Column("serial", String(SERIAL_CHARS)),
    Column("org_id", ForeignKey("organisation.id"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("reason", String(32), nullable=False),
    Column("text", Text, nullable=False),
    Column("contact", String(NAME_CHARS), nullable=False),
    Column("verdict", String(32), nullable=False),
    Column("country", String(2)),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("radius_km", Float, nullable=False),
    Column("viewer", LargeBinary),
    Column("status", String(16), nullable=False),
    Column("handled_by", String(64)),
    Column("closing_reason", Text, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("holds_person", Boolean, nullable=False),
    Index("ix_report_org_id_at", "org_id", "at", "id"),
    Index("ix_report_org_id_status_at", "org_id", "status", "at", "id"),
    Index(
        "ix_report_personal",
        "at",
        postgresql_where=text("holds_person"),
        sqlite_where=text("holds_person"),
    ),
)
