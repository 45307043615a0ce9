"""Tables of organisations, their tokens, what they did, and their requests' idempotency keys."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, String, Table, Text

from tagserver.store.schema.columns import (
    NAME_CHARS,
    ORG_ID_CHARS,
    FixedBytes,
    RowId,
    UtcDateTime,
    metadata,
)

organisation = Table(
    "organisation",
    metadata,
    Column("id", String(ORG_ID_CHARS), primary_key=True),
    Column("name", String(NAME_CHARS), nullable=False),
    Column("role", String(16), nullable=False),
    Column("gtins", JSON, nullable=False),
    Column("prefixes", JSON, nullable=False),
    Column("hosts", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

token = Table(
    "token",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("org_id", ForeignKey("organisation.id"), nullable=False, index=True),
    Column("name", String(NAME_CHARS), nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("secret_hash", FixedBytes(32), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    Column("last_used_at", UtcDateTime),
)

# No foreign keys: what was done stays on record when whoever did it is gone.
audit_entry = Table(
    "audit_entry",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False),
    Column("org_id", String(ORG_ID_CHARS)),
    Column("token_id", String(64)),
    Column("account_id", String(64)),
    Column("action", String(64), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("detail", JSON, nullable=False),
    Index("ix_audit_entry_subject_action", "subject", "action", "id"),
    Index("ix_audit_entry_org_id", "org_id", "id"),
    sqlite_autoincrement=True,
)

# `outcome` is null only inside the transaction that began the request.
request = Table(
    "request",
    metadata,
    Column("org_id", ForeignKey("organisation.id"), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("request_hash", FixedBytes(32), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("outcome", Text),
)
