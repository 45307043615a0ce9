"""Secret files that are there whole, or not at all, and readable by their owner alone.

The store has a like file for bulk data; siblings do not import each other, and these two differ in what they
refuse.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_new(path: Path, data: bytes) -> None:
    """Put a file at `path` at one stroke, durably, mode 0600. Raises FileExistsError, and leaves that file
    alone.
    """
    temporary = _write_temporary(path, data)
    try:
        os.link(temporary, path)  # unlike a renaming, this refuses to replace
    finally:
        temporary.unlink()
    _sync_folder(path.parent)


def replace(path: Path, data: bytes) -> None:
    """Put a file over the one at `path` at one stroke, durably, mode 0600."""
    temporary = _write_temporary(path, data)
    temporary.replace(path)
    _sync_folder(path.parent)


def _write_temporary(path: Path, data: bytes) -> Path:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mkstemp makes it 0600
    with os.fdopen(descriptor, "wb") as file:
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
