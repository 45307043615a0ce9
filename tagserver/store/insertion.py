"""Inserting a row that may be there already, and naming what was wrong when an insert is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from tagserver.ports import AlreadyExistsError, NotStoredError
from tagserver.store.link import Link
from tagserver.store.prepared import Prepared

_FOREIGN_KEY_VIOLATION = "23503"  # PostgreSQL, appendix A: SQLSTATE of class 23


def insert_if_absent(link: Link, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert, unless a row with its primary key is there; whether this call inserted it.

    Another transaction that is just inserting the same key is waited for.
    """
    # The row count is no answer here: drivers do not report it for every insert. A returned row is.
    insert = _insert_or_nothing(table, link.dialect.name, tuple(values))
    return insert.first(link, **values) is not None


@cache
def _insert_or_nothing(table: Table, dialect: str, given: tuple[str, ...]) -> Prepared:
    """Made once for a table and the columns that are given."""
    insert: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    key = [column.name for column in table.primary_key]
    statement = insert(table).on_conflict_do_nothing(index_elements=key).returning(table.c[key[0]])
    return Prepared(statement, given=given)


@contextmanager
def refusals_named(kind: str, key: str, *, references: str = "row that it refers to") -> Iterator[None]:
    """Turn the database's refusal of `kind` `key` into AlreadyExistsError, or NotStoredError for
    `references`.
    """
    try:
        yield
    except IntegrityError as error:
        if _is_missing_reference(error):
            raise NotStoredError(references, key) from None
        raise AlreadyExistsError(kind, key) from None


def _is_missing_reference(error: IntegrityError) -> bool:
    state = getattr(error.orig, "sqlstate", None)
    return state == _FOREIGN_KEY_VIOLATION or "FOREIGN KEY" in str(error.orig)
