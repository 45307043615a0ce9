"""What a pinned bundle knows of its producers' tags before one is seen: how they begin, and whether one is right."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from scanner.decode.knowledge import Knowledge
from scanner.decode.matching import Expected
from scanner.errors import TrustFileUnreadableError
from scanner.trust import load_trust
from tagcore.errors import TrustError
from tagcore.evidence import Ours, Signature
from tagcore.reading import check_signature, read
from tagcore.trust import TrustBundle


def knowledge_of(trust: TrustBundle, now: datetime) -> Knowledge:
    """For `decode`: with it, damaged tags are read whose signature holds under `trust`, and only those.

    `now` is aware. A revoked key's tags are theirs too: that they are refuted is for the verdict to say.
    """

    def is_ours(text: str) -> bool:
        reading = read(text, trust)
        if not isinstance(reading, Ours):
            return False
        return check_signature(reading.tag, trust, now).outcome in (Signature.VALID, Signature.KEY_REVOKED)

    return Knowledge(prefixes=tuple(f"HTTPS://{host}/" for host in sorted(trust.hosts)), is_ours=is_ours)


class Pin:
    """The trust bundle at `path`, read again when the file was changed. Without one nothing is vouched for."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._trust: TrustBundle | None = None

    def knowledge(self, expected: tuple[Expected, ...], now: datetime) -> Knowledge:
        """What is known of the tags on a picture, on which symbols are `expected`; `now` is aware."""
        stamp = self._stamp_now()
        if stamp != self._stamp:
            self._stamp, self._trust = stamp, self._loaded() if stamp else None
        known = Knowledge() if self._trust is None else knowledge_of(self._trust, now)
        return replace(known, expected=expected)

    def _stamp_now(self) -> tuple[int, int] | None:
        try:
            status = self._path.stat() if self._path else None
        except OSError:
            return None
        return (status.st_mtime_ns, status.st_ino) if status else None

    def _loaded(self) -> TrustBundle | None:
        assert self._path is not None
        try:
            return load_trust(self._path)
        except (TrustFileUnreadableError, TrustError):
            return None
