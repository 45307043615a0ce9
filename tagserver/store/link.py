"""One transaction's connection: the driver's own for prepared statements, SQLAlchemy's for whoever composes one.

SQLAlchemy's connection and transaction cost more than SQLite's answers, and a verification composes nothing. So the
transaction begins and ends at the driver, and SQLAlchemy's view of it is made when somebody first asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVarTuple, cast, overload

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.base import Executable

from tagserver.store.database import begin, end

if TYPE_CHECKING:
    from sqlalchemy import CursorResult
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.sql.selectable import TypedReturnsRows

Cells = TypeVarTuple("Cells")
Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None


class Link:
    """A connection within a transaction. Whoever opens it closes it; what was not committed then never was.

    `writes` waits for SQLite's one writer; without it PostgreSQL shows one moment and refuses changes.
    Raises: sqlalchemy.exc.DBAPIError; TimeoutError of its own when no connection becomes free.
    """

    def __init__(self, engine: Engine, *, writes: bool) -> None:
        self._engine = engine
        self._driver_error = engine.dialect.loaded_dbapi.Error
        self.dialect = engine.dialect
        try:
            self._pooled = engine.raw_connection()
        except self._driver_error as error:
            raise self._named(error, "CONNECT", None) from error
        self.driver: Any = self._pooled.dbapi_connection
        try:
            begin(self.driver, writes=writes)
        except self._driver_error as error:
            named = self.named(error, "BEGIN")
            self.close()
            raise named from error

    @overload
    def execute(  # type: ignore[overload-overlap] # as SQLAlchemy's own
        self, statement: TypedReturnsRows[*Cells], parameters: Parameters = None
    ) -> CursorResult[*Cells]: ...

    @overload
    def execute(self, statement: Executable, parameters: Parameters = None) -> CursorResult[Any]: ...

    def execute(self, statement: Executable, parameters: Parameters = None) -> CursorResult[Any]:
        """As SQLAlchemy's connection does it."""
        return self._composing.execute(statement, parameters)

    def commit(self) -> None:
        """Durable when it returns. Raises: sqlalchemy.exc.DBAPIError."""
        try:
            self.driver.commit()
        except self._driver_error as error:
            raise self.named(error, "COMMIT") from error

    def close(self) -> None:
        """Give the connection back. A connection that is lost is not given to anybody else."""
        try:
            if self._pooled.is_valid:
                end(self.driver)
        except self._driver_error as error:
            self._pooled.invalidate(error)
        finally:
            self._pooled.close()

    def named(self, error: BaseException, text: str) -> DBAPIError:
        """The driver's error as SQLAlchemy would raise it; a connection that is lost is not used again."""
        named = self._named(error, text, self.driver)
        if named.connection_invalidated:
            self._pooled.invalidate(error)
        return named

    @cached_property
    def _composing(self) -> Connection:
        return Connection(self._engine, connection=self._pooled)

    def _named(self, error: BaseException, text: str, driver: DBAPIConnection | None) -> DBAPIError:
        is_lost = self.dialect.is_disconnect(cast("Any", error), driver, None)
        named = DBAPIError.instance(
            text,
            None,
            cast("Any", error),
            self._driver_error,
            connection_invalidated=is_lost,
            dialect=self.dialect,
        )
        assert isinstance(named, DBAPIError)
        return named


@contextmanager
def linked(engine: Engine, *, writes: bool) -> Iterator[Link]:
    """A transaction that is committed when the block ends, unless it raises."""
    link = Link(engine, writes=writes)
    try:
        yield link
        link.commit()
    finally:
        link.close()
