"""Statements that every verification runs, prepared once: SQLAlchemy writes the SQL, the driver runs it.

Writing a statement, finding its compiled form and wrapping its result take SQLAlchemy ten times as long as SQLite takes
to answer. What a prepared statement does is the same in both databases: its text, the order of its parameters, and the
conversions of the columns' types are SQLAlchemy's, kept per dialect.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Dialect, Select
from sqlalchemy.sql.dml import ReturningInsert

from tagserver.store.link import Link

Convert = Callable[[Any], Any]
Record = Any
"""A named tuple with the columns' names, as a `Row` has them."""

Read = Callable[[Sequence[Any]], Record]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """A statement in one dialect: `names` are its parameters in order, None where the driver takes them by name."""

    text: str
    constants: Mapping[str, Any]
    names: tuple[str, ...] | None
    into: tuple[tuple[str, Convert], ...]

    def parameters(self, values: dict[str, Any]) -> Any:  # noqa: ANN401 (as the driver takes them)
        """The values as the driver takes them."""
        if self.constants:
            values = {**self.constants, **values}
        for name, convert in self.into:
            values[name] = convert(values[name])
        return values if self.names is None else tuple([values[name] for name in self.names])


class Prepared:
    """A `select` whose values are all `bindparam`s, or an `insert` of the columns `given` that returns something."""

    def __init__(self, statement: Select[Any] | ReturningInsert[Any], *, given: Sequence[str] = ()) -> None:
        columns = tuple(statement.exported_columns)
        self._statement = statement
        self._given = list(given) or None
        self._types = tuple(column.type for column in columns)
        kind: Any = namedtuple("Record", [column.key for column in columns])  # type: ignore[misc] # made here
        self._record: Read = kind._make
        self._questions: dict[Dialect, _Question] = {}
        self._readers: dict[Dialect, Read] = {}

    def all(self, link: Link, /, **values: object) -> list[Record]:
        """Every row. Raises: what `link.execute` raises."""
        dialect = link.dialect
        question = self._questions.get(dialect) or self._compile(dialect)
        try:
            cursor = link.driver.execute(question.text, question.parameters(values))
            found = cursor.fetchall()
        except dialect.loaded_dbapi.Error as error:
            raise link.named(error, question.text) from error
        if not found:
            return []
        read = self._readers.get(dialect) or self._convert(dialect, cursor.description)
        return [read(raw) for raw in found]

    def first(self, link: Link, /, **values: object) -> Record | None:
        """The first row, None without one."""
        found = self.all(link, **values)
        return found[0] if found else None

    def _compile(self, dialect: Dialect) -> _Question:
        compiled = self._statement.compile(dialect=dialect, column_keys=self._given)
        conversions = {
            name: bound.type.dialect_impl(dialect).bind_processor(dialect)
            for name, bound in compiled.binds.items()
        }
        names = compiled.positiontup
        question = self._questions[dialect] = _Question(
            text=str(compiled),
            constants={name: value for name, value in compiled.params.items() if value is not None},
            names=None if names is None else tuple(names),
            into=tuple([(name, convert) for name, convert in conversions.items() if convert is not None]),
        )
        return question

    def _convert(self, dialect: Dialect, description: Sequence[Sequence[Any]]) -> Read:
        """How rows are read; PostgreSQL's conversions depend on the columns' types as its driver tells them."""
        conversions = [
            one.dialect_impl(dialect).result_processor(dialect, told[1])
            for one, told in zip(self._types, description, strict=True)
        ]
        out = [(place, convert) for place, convert in enumerate(conversions) if convert is not None]
        read = self._readers[dialect] = _reader(self._record, out)
        return read


def _reader(record: Read, out: Sequence[tuple[int, Convert]]) -> Read:
    """`out` are the columns that need a conversion."""

    def read(raw: Sequence[Any]) -> Record:
        cells = list(raw)
        for place, convert in out:
            cells[place] = convert(cells[place])
        return record(cells)

    return read if out else record
