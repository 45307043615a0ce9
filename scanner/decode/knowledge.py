"""What a caller may know of the tags on a picture before they are read."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """What is known of the tags that are looked for."""

    prefixes: tuple[str, ...]
    """What their texts begin with, each in characters of alphanumeric mode: a tag has one of them."""
    is_ours: Callable[[str], bool]
    """Whether a text is a tag of theirs beyond doubt: its signature holds."""
