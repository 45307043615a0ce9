"""One published number, and how it is written down."""

import json
from dataclasses import asdict, dataclass
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A measured number under a stable name.

    `unit` is "" for a ratio; `against` says what it is compared with in the same run, "" if with nothing.
    """

    figure: str
    value: float
    unit: str
    against: str

    def to_line(self) -> str:
        """Return this figure as one line of JSON, without its end of line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_line(cls, line: str) -> Self:
        """Read what `to_line` wrote."""
        return cls(**json.loads(line))
