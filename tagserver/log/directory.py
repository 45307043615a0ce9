"""The log's files in a folder, as any web server could hand them out."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tagserver.ports import TileConflictError, TileStoreError

_CHECKPOINT = "checkpoint"


class TileDirectory:
    """Implements `tagserver.ports.TileStore`. The folder must exist; several processes may share it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._durable: set[Path] = {folder}

    def read(self, path: str) -> bytes | None:
        """The whole file."""
        with _outages_named():
            try:
                return (self._folder / path).read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                return None

    def write(self, path: str, data: bytes) -> None:
        """There whole or not at all; a file that is there is compared, never written over."""
        with _outages_named():
            target = self._folder / path
            self._make_folder(target.parent)
            temporary = _write_temporary(target, data)
            try:
                os.link(temporary, target)  # unlike a renaming, this refuses to replace
            except FileExistsError:
                if target.read_bytes() != data:
                    raise TileConflictError(path) from None
            finally:
                temporary.unlink()
            # Also when it was there: whoever wrote it may have been killed before this.
            _sync_folder(target.parent)

    def replace_checkpoint(self, data: bytes, *, expected: bytes | None) -> None:
        """One process at a time compares and renames. Raises TileConflictError."""
        with _outages_named(), self._locked():
            if self.read(_CHECKPOINT) != expected:
                raise TileConflictError(_CHECKPOINT)
            target = self._folder / _CHECKPOINT
            temporary = _write_temporary(target, data)
            temporary.replace(target)
            _sync_folder(self._folder)

    def _make_folder(self, folder: Path) -> None:
        """The folder, its name durable in the one above: another process may have made it and been killed."""
        if folder not in self._durable:
            self._make_folder(folder.parent)
            folder.mkdir(exist_ok=True)
            _sync_folder(folder.parent)
            self._durable.add(folder)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """The lock ends with the process that holds it."""
        descriptor = os.open(self._folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _write_temporary(target: Path, data: bytes) -> Path:
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(file.fileno(), 0o644)  # they are for everybody, and a web server may be another account
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return Path(name)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _outages_named() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise TileStoreError(error.strerror or type(error).__name__) from error
