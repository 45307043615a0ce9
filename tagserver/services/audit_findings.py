"""What an audit finds: the first row that is not as the log has it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A row, or a file, that differs from the log: its table (or `file`), its key, and what is wrong."""

    table: str
    key: str
    problem: str

    def __str__(self) -> str:
        """One line."""
        return f"{self.table} {self.key}: {self.problem}"


class DifferenceError(Exception):
    """Ends an audit at the first difference."""

    def __init__(self, table: str, key: object, problem: str) -> None:
        self.difference = Difference(table=table, key=str(key), problem=problem)
        super().__init__(str(self.difference))


@dataclass(slots=True)
class Tally:
    """How much was compared so far."""

    entries: int = 0
    rows: int = 0
    by_table: dict[str, int] = field(default_factory=dict)

    def count(self, table: str, number: int = 1) -> None:
        """So many rows more of this table."""
        self.rows += number
        self.by_table[table] = self.by_table.get(table, 0) + number


def compare(table: str, key: object, **columns: tuple[object, object]) -> None:
    """Each column as (what the row says, what the log says). Raises DifferenceError at the first that differs."""
    for column, (got, want) in columns.items():
        if got != want:
            raise DifferenceError(table, key, f"{column} is {_shown(got)}, and the log says {_shown(want)}")


def _shown(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex()
    return f"{value}"
