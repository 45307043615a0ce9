"""The manifest of a batch as stored: `tagcore.manifest` says what it is and how it is signed."""

from __future__ import annotations

from datetime import datetime

from tagcore.manifest import Manifest
from tagserver.ports import Batch


def manifest_of(batch: Batch, root: bytes, issued_at: datetime) -> Manifest:
    """The manifest; `root` is the RFC 6962 root over the leaves of all its tags."""
    return Manifest(
        number=batch.number,
        gtin=batch.gtin,
        lot=batch.lot,
        expiry=batch.expiry,
        count=batch.count,
        slot=batch.slot,
        root=root,
        issued_at=issued_at,
    )
