"""Statements that every verification runs, prepared once: SQLAlchemy writes the SQL, the driver runs it.

Writing a statement, finding its compiled form and wrapping its result take SQLAlchemy ten times as long as SQLite takes
to answer. What a prepared statement does is the same in both databases: its text, the order of its parameters, and the
conversions of the columns' types are SQLAlchemy's, kept per dialect.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from sqlalchemy import Connection, Dialect, Select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import ReturningInsert

Convert = Callable[[Any], Any]
Record = Any
"""A named tuple with the columns' names, as a `Row` has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """A statement in one dialect: `names` are its parameters in order, None where the driver takes them by name."""

    text: str
    constants: Mapping[str, Any]
    names: tuple[str, ...] | None
    into: Mapping[str, Convert]

    def parameters(self, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 (as the driver takes them)
        """The values as the driver takes them."""
        given = {**self.constants, **values}
        for name, convert in self.into.items():
            given[name] = convert(given[name])
        return given if self.names is None else tuple([given[name] for name in self.names])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """How a row is read: `out` are the columns that need a conversion."""

    out: tuple[tuple[int, Convert], ...]
    record: Callable[[Sequence[Any]], Record]

    def row(self, raw: Sequence[Any]) -> Record:
        """One row, its columns converted."""
        cells = list(raw)
        for place, convert in self.out:
            cells[place] = convert(cells[place])
        return self.record(cells)


class Prepared:
    """A `select` whose values are all `bindparam`s, or an `insert` of the columns `given` that returns something."""

    def __init__(self, statement: Select[Any] | ReturningInsert[Any], *, given: Sequence[str] = ()) -> None:
        columns = tuple(statement.exported_columns)
        self._statement = statement
        self._given = list(given) or None
        self._types = tuple(column.type for column in columns)
        kind: Any = namedtuple("Record", [column.key for column in columns])  # type: ignore[misc] # made here
        self._record: Callable[[Sequence[Any]], Record] = kind._make
        self._question = cache(self._compile)
        self._answer = cache(self._convert)

    def all(self, connection: Connection, /, **values: object) -> list[Record]:
        """Every row. Raises: what `connection.execute` raises."""
        dialect = connection.dialect
        question = self._question(dialect)
        driver = cast("DBAPIConnection", connection.connection.dbapi_connection)
        try:
            cursor = driver.cursor()
            try:
                cursor.execute(question.text, question.parameters(values))
                found = cursor.fetchall()
                if not found:
                    return []
                answer = self._answer(dialect, tuple([column[1] for column in cursor.description]))
            finally:
                cursor.close()
        except dialect.loaded_dbapi.Error as error:
            raise _named(error, connection, driver, question.text) from error
        return [answer.row(raw) for raw in found]

    def first(self, connection: Connection, /, **values: object) -> Record | None:
        """The first row, None without one."""
        found = self.all(connection, **values)
        return found[0] if found else None

    def _compile(self, dialect: Dialect) -> _Question:
        compiled = self._statement.compile(dialect=dialect, column_keys=self._given)
        conversions = {
            name: bound.type.dialect_impl(dialect).bind_processor(dialect)
            for name, bound in compiled.binds.items()
        }
        names = compiled.positiontup
        return _Question(
            text=str(compiled),
            constants={name: value for name, value in compiled.params.items() if value is not None},
            names=None if names is None else tuple(names),
            into={name: convert for name, convert in conversions.items() if convert is not None},
        )

    def _convert(self, dialect: Dialect, kinds: tuple[object, ...]) -> _Answer:
        """`kinds` are the columns' types as the driver tells them: PostgreSQL's conversions depend on them."""
        conversions = [
            one.dialect_impl(dialect).result_processor(dialect, kind)
            for one, kind in zip(self._types, kinds, strict=True)
        ]
        out = [(place, convert) for place, convert in enumerate(conversions) if convert is not None]
        return _Answer(out=tuple(out), record=self._record)


def _named(error: Exception, connection: Connection, driver: Any, text: str) -> DBAPIError:  # noqa: ANN401 (the driver's)
    """The driver's error as SQLAlchemy would raise it; a connection that is lost is not used again."""
    dialect = connection.dialect
    base = dialect.loaded_dbapi.Error
    is_lost = dialect.is_disconnect(cast("Any", error), driver, None)
    if is_lost:
        connection.invalidate(error)
    named = DBAPIError.instance(text, None, error, base, connection_invalidated=is_lost, dialect=dialect)
    assert isinstance(named, DBAPIError)
    return named
