"""One setting as the table has it: its name, its default, how it is read, what it means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tagserver.config.values import text


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One row of the table. `default` is what an operator would have written, None when it has to be given.

    `parse` takes text (from the environment) or a TOML value and raises ValueError. A secret one is never
    read from the settings file; a masked one may be, yet shows itself no more than a secret does.
    """

    name: str
    meaning: str
    default: str | int | float | None = None
    parse: Callable[[object], object] = text
    is_secret: bool = False
    is_masked: bool = False
