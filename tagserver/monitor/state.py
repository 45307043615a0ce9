"""What a monitor remembers of a log between two looks: one file, replaced at a stroke, held by one process.

Whoever loses it loses the log's past: the next look believes what it is shown first.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from tagcore.base64_text import format_base64
from tagcore.canonical import Json, canonical_json
from tagcore.document import Members, parse_document
from tagcore.errors import DocumentError
from tagcore.frontier import Frontier, format_frontier, parse_frontier

TYPE = "origintag-monitor"
VERSION = 1
MAX_STATE_BYTES = 256 * 1024 * 1024

_MANY = 2**31


class StateFileError(Exception):
    """The state file is damaged, of another log, or in use by another monitor."""

    code: ClassVar[str] = "MONITOR_STATE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A log as it was last seen, and what is still open about it.

    `checkpoint` is the note that was believed last; `frontier` its tree. `ended` names the entry that first ended a
    public key; `open` holds the entries that something was found wrong with, by index; `accepted` those that a
    person has looked into; `told` the findings that were told already.
    """

    origin: str
    checkpoint: bytes
    frontier: Frontier
    ended: Mapping[bytes, int] = field(default_factory=dict)
    open: Mapping[int, bytes] = field(default_factory=dict)
    accepted: frozenset[int] = frozenset()
    told: frozenset[str] = frozenset()


class StateFile:
    """The file at `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody else has it meanwhile; the lock ends with the process. Raises: StateFileError when somebody has."""
        lock = self._path.with_name(self._path.name + ".lock")
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError:
            raise StateFileError(f"{self._path}: another monitor uses it") from None
        finally:
            os.close(descriptor)

    def load(self) -> Watched | None:
        """None when there is no file. Raises: StateFileError."""
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            return _parse(data)
        except (DocumentError, ValueError) as error:
            raise StateFileError(f"{self._path} is no state of a monitor: {error}") from error

    def save(self, watched: Watched) -> None:
        """Durable when it returns."""
        descriptor, name = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}.")
        temporary = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(_format(watched))
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self._path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _format(watched: Watched) -> bytes:
    ended: list[Json] = [{"key": key.hex(), "index": index} for key, index in watched.ended.items()]
    opened: list[Json] = [{"index": i, "entry": format_base64(data)} for i, data in watched.open.items()]
    return canonical_json(
        {
            "type": TYPE,
            "version": VERSION,
            "origin": watched.origin,
            "checkpoint": format_base64(watched.checkpoint),
            "size": watched.frontier.size,
            "peaks": format_base64(format_frontier(watched.frontier)),
            "ended": ended,
            "open": opened,
            "accepted": sorted(watched.accepted),
            "told": sorted(watched.told),
        }
    )


def _parse(data: bytes) -> Watched:
    members = Members(parse_document(data, MAX_STATE_BYTES))
    members.constant("type", TYPE)
    members.constant("version", VERSION)
    watched = Watched(
        origin=members.text("origin"),
        checkpoint=members.base64("checkpoint"),
        frontier=parse_frontier(members.integer("size", 0), members.base64("peaks")),
        ended=dict(map(_ended, members.items("ended", _MANY))),
        open=dict(map(_opened, members.items("open", _MANY))),
        accepted=frozenset(_integers(members.items("accepted", _MANY))),
        told=frozenset(members.texts("told", _MANY)),
    )
    members.done()
    return watched


def _ended(value: Json) -> tuple[bytes, int]:
    members = Members(value)
    found = members.hex("key", 32), members.integer("index", 0)
    members.done()
    return found


def _opened(value: Json) -> tuple[int, bytes]:
    members = Members(value)
    found = members.integer("index", 0), members.base64("entry")
    members.done()
    return found


def _integers(values: tuple[Json, ...]) -> Iterator[int]:
    for value in values:
        if not isinstance(value, int) or isinstance(value, bool):
            raise DocumentError("accepted: want integers")
        yield value
