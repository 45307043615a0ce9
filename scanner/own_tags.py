"""What a pinned bundle knows of its producers' tags before one is seen: how they begin, and whether one is right."""

from datetime import datetime

from scanner.decode.knowledge import Knowledge
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
