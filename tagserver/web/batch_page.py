"""What the public page of a batch shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tagcore.keys import KeyStatus, fingerprint
from tagserver.ports import Batch, BatchNumber, BatchStatus, Product
from tagserver.services.suite import Services
from tagserver.web.catalogue import gettext, mark
from tagserver.web.presenting import picture_path
from tagserver.web.sentences import day, minute, use_by

_STATUS = {
    BatchStatus.QUEUED: mark("Waiting to be issued"),
    BatchStatus.ISSUING: mark("Being issued"),
    BatchStatus.ISSUED: mark("Issued"),
    BatchStatus.FAILED: mark("Could not be issued"),
}
_KEY_STATUS = {
    KeyStatus.ACTIVE: mark("active"),
    KeyStatus.RETIRED: mark("retired"),
    KeyStatus.REVOKED: mark("revoked"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyLine:
    """The key that signed the batch's tags."""

    slot: str
    fingerprint: str
    since: str
    status: str
    is_revoked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPage:
    """Everything on the page. `root` is in groups of eight hex digits."""

    batch: Batch
    product: Product | None
    producer: str
    picture: str | None
    status: str
    is_moving: bool
    percent: int
    use_by: str
    issued_at: str
    root: tuple[str, ...]
    key: KeyLine | None
    domain: str


def batch_page(services: Services, number: BatchNumber, *, now: datetime) -> BatchPage:
    """Raises: ServiceError NOT_FOUND."""
    batch = services.issuing.find(number)
    product = services.products.find(batch.gtin)
    issuer = services.trust.now_in_force().issuer(batch.gtin)
    key = issuer.key(batch.slot) if issuer else None
    root = batch.root.hex() if batch.root else ""
    return BatchPage(
        batch=batch,
        product=product,
        producer=issuer.name if issuer else "",
        picture=picture_path(product),
        status=gettext(_STATUS[batch.status]),
        is_moving=batch.status in (BatchStatus.QUEUED, BatchStatus.ISSUING),
        percent=100 * batch.done // batch.count,
        use_by=use_by(batch.expiry, now.date()),
        issued_at=minute(batch.issued_at) if batch.issued_at else "",
        root=tuple(root[start : start + 8] for start in range(0, len(root), 8)),
        key=KeyLine(
            slot=f"{key.slot:02d}",
            fingerprint=fingerprint(key.public_key),
            since=day(key.not_before),
            status=gettext(_KEY_STATUS[key.status]),
            is_revoked=key.status is KeyStatus.REVOKED,
        )
        if key
        else None,
        domain=batch.host.lower(),
    )
