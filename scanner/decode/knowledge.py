"""What a caller may know of the tags on a picture before they are read."""

from collections.abc import Callable
from dataclasses import dataclass

from scanner.decode.matching import Expected


def _nobody_s(_text: str) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """What is known of the tags that are looked for."""

    prefixes: tuple[str, ...] = ()
    """What their texts begin with, each in characters of alphanumeric mode: a tag has one of them."""
    is_ours: Callable[[str], bool] = _nobody_s
    """Whether a text is a tag of theirs beyond doubt: its signature holds."""
    expected: tuple[Expected, ...] = ()
    """Symbols that may be there, each known whole."""
