"""A moment as text: UTC, whole seconds, `YYYY-MM-DDTHH:MM:SSZ`, the one form that signed documents use."""

import re
from datetime import UTC, datetime

_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", re.ASCII)


def format_moment(moment: datetime) -> str:
    """`moment` (aware) in UTC; parts of a second are cut off."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def parse_moment(text: str) -> datetime:
    """The inverse. Raises: ValueError for another form, or for a moment that does not exist."""
    if not _FORM.fullmatch(text):
        raise ValueError(f"got the time {text!r}, want YYYY-MM-DDTHH:MM:SSZ")
    return datetime.fromisoformat(text)
