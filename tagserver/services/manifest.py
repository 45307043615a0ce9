"""A batch's manifest: the sentence that its producer signs about all of its tags at once.

docs/spec/tag-format.md, section 6. It is what the transparency log takes as the batch's entry.
"""

from __future__ import annotations

from datetime import UTC, datetime

from tagcore.canonical import Json, canonical_json
from tagserver.ports import Batch

TYPE = "origintag-batch"
SIGNING_CONTEXT = b"origintag/batch/v1\n"


def manifest(batch: Batch, root: bytes, issued_at: datetime) -> dict[str, Json]:
    """The manifest as JSON; `root` is the RFC 6962 root over the leaves of all its tags."""
    return {
        "type": TYPE,
        "batch": batch.number,
        "gtin": batch.gtin,
        "lot": batch.lot,
        "expiry": str(batch.expiry) if batch.expiry else None,
        "count": batch.count,
        "slot": batch.slot,
        "root": root.hex(),
        "issued": issued_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def manifest_bytes(batch: Batch, root: bytes, issued_at: datetime) -> bytes:
    """What the issuer's key signs."""
    return SIGNING_CONTEXT + canonical_json(manifest(batch, root, issued_at))
