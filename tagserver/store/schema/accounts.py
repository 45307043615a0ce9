"""Tables of console accounts: who they are, what they prove it with, and their sessions."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, LargeBinary, String, Table

from tagserver.store.schema.columns import NAME_CHARS, FixedBytes, UtcDateTime, metadata

account = Table(
    "account",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("org_id", ForeignKey("organisation.id"), nullable=False, index=True),
    Column("login", String(NAME_CHARS), nullable=False, unique=True),
    Column("name", String(NAME_CHARS), nullable=False),
    Column("password_hash", String(NAME_CHARS)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("disabled_at", UtcDateTime),
    Column("last_login_at", UtcDateTime),
)

set_up_link = Table(
    "set_up_link",
    metadata,
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("token_hash", FixedBytes(32), nullable=False, unique=True),
    Column("expires_at", UtcDateTime, nullable=False),
)

# `sealed` is nonce, ciphertext and tag: see `tagserver.services.totp`.
second_factor = Table(
    "second_factor",
    metadata,
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("enabled_at", UtcDateTime),
    Column("last_step", BigInteger),
)

recovery_code = Table(
    "recovery_code",
    metadata,
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("code_hash", FixedBytes(32), primary_key=True),
)

console_session = Table(
    "console_session",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("token_hash", FixedBytes(32), nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("agent", String(NAME_CHARS), nullable=False),
    Column("is_pending", Boolean, nullable=False),
)

# No foreign key: names that nobody has are counted like any other.
try_count = Table(
    "try_count",
    metadata,
    Column("subject", FixedBytes(32), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("since", UtcDateTime, nullable=False, index=True),
)
