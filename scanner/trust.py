"""The trust bundle on disk: the file that is given is the pin, and only its own root key can replace it.

Specification: docs/spec/tag-format.md, section 7. Whether a bundle is fresh enough is asked by `verify`, at the
time of each check. Nothing here opens a socket: `scanner.online` fetches, and hands over the bytes.
"""

import os
import tempfile
from pathlib import Path

from scanner.errors import TrustFileUnreadableError, TrustRollbackError
from tagcore.trust import MAX_BUNDLE_BYTES, TrustBundle, parse_trust


def load_trust(path: str | Path) -> TrustBundle:
    """The bundle in the file at `path`, signed by the root key that it names.

    Raises: TrustFileUnreadableError when there is no such file; tagcore's TrustError when it is no bundle.
    """
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_BUNDLE_BYTES + 1)
    except (OSError, ValueError) as error:
        raise TrustFileUnreadableError(getattr(error, "strerror", None) or str(error)) from error
    return parse_trust(data)


def accept_update(pinned: TrustBundle, data: bytes) -> TrustBundle:
    """The bundle in `data`, if it may replace `pinned`: signed by the same root, and of no lower version.

    Raises: tagcore's TrustError when another root signed it or it is malformed; TrustRollbackError when it is older.
    """
    offered = parse_trust(data, pinned.root_key)
    if offered.version < pinned.version:
        raise TrustRollbackError(got=offered.version, pinned=pinned.version)
    return offered


def store_trust(path: str | Path, data: bytes) -> None:
    """Put `data` at `path`, whole or not at all. Raises: TrustFileUnreadableError when it cannot be written."""
    target = Path(path)
    try:
        mode = target.stat().st_mode & 0o777
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(mode)
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink()
            raise
    except OSError as error:
        raise TrustFileUnreadableError(error.strerror or str(error)) from error
