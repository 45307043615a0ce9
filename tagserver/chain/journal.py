"""The embedded journal: a file of signed lines, each naming the hash of the one before. Self-attested.

It proves that this server says so, to whoever kept an earlier line: whoever holds the server's key and file can
write another one. It never counts towards an anchoring policy. A line's form is `tagcore.journal`'s.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from tagcore.errors import TagcoreError
from tagcore.journal import (
    FIRST,
    MAX_LINE_BYTES,
    JournalLine,
    format_line,
    line_hash,
    parse_line,
    sign_line,
    verify_line,
)
from tagcore.keys import Signer
from tagserver.ports import AnchorCode, AnchorError, Clock
from tagserver.ports.anchors import Confirmation, Health, Observation, Sighting, SignedAnchor

NAME = "journal"


class Journal:
    """Implements `tagserver.ports.anchors.AnchorBackend`. Safe to share by processes that see one file system."""

    def __init__(self, path: Path, *, key: Callable[[], Signer], clock: Clock) -> None:
        self._path = path
        self._key = key
        self._clock = clock

    @property
    def name(self) -> str:
        """As in receipts."""
        return NAME

    @property
    def replace_after(self) -> timedelta | None:
        """Nothing waits here."""
        return None

    def health(self) -> Health:
        """Raises AnchorError JOURNAL when the file is damaged at its end."""
        with self._opened() as file:
            _last(file)
        return Health(key=self._key().public_key.hex())

    def sign(
        self, commitment: bytes, *, replacing: tuple[SignedAnchor, ...], after: SignedAnchor | None
    ) -> SignedAnchor:
        """The next line, not written yet. Raises AnchorError JOURNAL."""
        del replacing, after
        with self._opened() as file:
            last = _last(file)
        key = self._key()
        line = _new_line(last, self._clock(), commitment, key)
        return SignedAnchor(id=_hash(line).hex(), raw=line, key=key.public_key.hex())

    def submit(self, signed: SignedAnchor) -> Observation:
        """Write the line, if nothing was written since it was signed; durable when it returns."""
        with self._opened() as file:
            last = _last(file)
            if last == signed.raw or _holds(file, signed.raw):
                return _written(signed)
            if _hash(last) != read_line(signed.raw).previous:
                return Observation(sighting=Sighting.EXPIRED)
            file.seek(0, os.SEEK_END)
            file.write(signed.raw + b"\n")
            file.flush()
            os.fsync(file.fileno())
        return _written(signed)

    def observe(self, attempts: tuple[SignedAnchor, ...]) -> Observation:
        """Whether one of the lines was written; EXPIRED when another was written in its place."""
        with self._opened() as file:
            for attempt in attempts:
                if _holds(file, attempt.raw):
                    return _written(attempt)
            last = _hash(_last(file))
        if attempts and all(read_line(attempt.raw).previous != last for attempt in attempts):
            return Observation(sighting=Sighting.EXPIRED)
        return Observation(sighting=Sighting.ABSENT)

    def confirm(self, commitment: bytes, *, tx_id: str, evidence: bytes) -> Confirmation:
        """Read the file from its first line to the anchor's: each signature, each link."""
        previous = FIRST
        with self._opened() as file:
            for number, raw in enumerate(_lines(file), 1):
                line = read_line(raw)
                if (line.number, line.previous) != (number, previous):
                    raise _damaged(f"line {number} does not follow the one before it")
                previous = _hash(raw)
                if previous.hex() == tx_id:
                    if line.commitment != commitment or (evidence and evidence != raw):
                        raise AnchorError(AnchorCode.MISMATCH, NAME, f"line {number} says something else")
                    return Confirmation(id=tx_id, at=line.at, is_final=True, sender=line.key.hex())
        raise AnchorError(AnchorCode.NOT_FOUND, NAME, f"no line has the hash {tx_id}")

    @contextmanager
    def _opened(self) -> Iterator[BinaryIO]:
        """The file, for this process alone; made when it is not there."""
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise _damaged(f"it cannot be opened: {error.strerror}") from None
        with os.fdopen(descriptor, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # until the descriptor is closed
            _cut_torn_line(file)
            yield file


def read_line(raw: bytes) -> JournalLine:
    """A line (without its line feed) whose signature fits the key that it names. Raises AnchorError JOURNAL."""
    try:
        line = parse_line(raw)
        verify_line(line)
    except TagcoreError as error:
        raise _damaged(f"a line cannot be believed: {error}") from None
    return line


def _new_line(last: bytes | None, at: datetime, commitment: bytes, key: Signer) -> bytes:
    line = JournalLine(
        number=1 if last is None else read_line(last).number + 1,
        previous=_hash(last),
        at=at.astimezone(UTC).replace(microsecond=0),
        commitment=commitment,
        key=key.public_key,
    )
    return format_line(sign_line(line, key))


def _written(signed: SignedAnchor) -> Observation:
    return Observation(sighting=Sighting.FINALIZED, id=signed.id, is_final=True, evidence=signed.raw)


def _hash(line: bytes | None) -> bytes:
    return FIRST if line is None else line_hash(line)


def _lines(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while line := file.readline(MAX_LINE_BYTES + 1):
        if not line.endswith(b"\n"):
            raise _damaged("a line is too long")
        yield line[:-1]


def _holds(file: BinaryIO, wanted: bytes) -> bool:
    return any(line == wanted for line in _lines(file))


def _last(file: BinaryIO) -> bytes | None:
    """The last line, whose signature fits; None in an empty file."""
    end = file.seek(0, os.SEEK_END)
    if end == 0:
        return None
    file.seek(max(0, end - MAX_LINE_BYTES - 1))
    last = file.read().rstrip(b"\n").rpartition(b"\n")[2]
    read_line(last)
    return last


def _cut_torn_line(file: BinaryIO) -> None:
    """What a crash left of a line that was never acknowledged."""
    end = file.seek(0, os.SEEK_END)
    start = max(0, end - MAX_LINE_BYTES - 1)
    file.seek(start)
    tail = file.read()
    if tail and not tail.endswith(b"\n"):
        keep = start + tail.rfind(b"\n") + 1 if b"\n" in tail else start
        file.truncate(keep)
        file.flush()
        os.fsync(file.fileno())


def _damaged(problem: str) -> AnchorError:
    return AnchorError(AnchorCode.JOURNAL, NAME, problem)
