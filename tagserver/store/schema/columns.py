"""The one MetaData, and column types that behave alike on both databases."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, LargeBinary, MetaData
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Every constraint has a name that does not depend on the database, so a migration can name it."""


class UtcDateTime(TypeDecorator[datetime]):
    """An instant to the microsecond. Aware values only, kept as UTC, given back as aware UTC.

    Binding a naive value raises ValueError: nobody can say which instant it is.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """To UTC; SQLite keeps the digits only, so they have to be those of UTC."""
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError(f"got the naive datetime {value.isoformat()}, want an aware one")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """SQLite gives back digits without a zone; PostgreSQL gives the session's zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class FixedBytes(TypeDecorator[bytes]):
    """Exactly `length` bytes: a hash or a public key. Binding anything longer or shorter raises
    ValueError.
    """

    impl = LargeBinary
    cache_ok = True

    def __init__(self, length: int) -> None:
        super().__init__()
        self.length = length

    def process_bind_param(self, value: bytes | None, _dialect: Dialect) -> bytes | None:
        """Refuse a wrong length before it is stored."""
        if value is not None and len(value) != self.length:
            raise ValueError(f"got {len(value)} bytes, want {self.length}")
        return value

    def process_result_value(self, value: bytes | memoryview | None, _dialect: Dialect) -> bytes | None:
        """A driver may hand out a view of its buffer."""
        return None if value is None else bytes(value)


RowId = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit number that the database counts up: SQLite does so only for a column declared INTEGER."""

ORG_ID_CHARS = 64
NAME_CHARS = 200
