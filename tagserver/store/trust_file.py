"""The signed trust bundle as a file in the workspace."""

from __future__ import annotations

from pathlib import Path

from tagserver.store.durable import write_whole


class TrustBundleFile:
    """Implements `tagserver.ports.TrustFile`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> bytes | None:
        """None before the first bundle."""
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return None

    def write(self, data: bytes) -> None:
        """Durable when it returns; readers see the old one or the new one, whole."""
        write_whole(self._path, [data])
