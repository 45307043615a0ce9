"""A batch's manifest: the sentence that its producer signs about all of its tags at once.

docs/spec/log.md, section 3. The transparency log takes it, with the signature, as the batch's entry.
"""

from dataclasses import dataclass
from datetime import datetime

from tagcore.canonical import Json, canonical_json
from tagcore.document import Members
from tagcore.gs1 import Expiry, Gtin, parse_expiry, parse_gtin, parse_lot
from tagcore.keys import Signer, verify_signature
from tagcore.merkle import HASH_BYTES
from tagcore.moment import format_moment

TYPE = "origintag-batch"
SIGNING_CONTEXT = b"origintag/batch/v1\n"
MAX_NUMBER = 2**32 - 1
MAX_COUNT = 2**32


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A batch (number 1 to 2^32 - 1) of `count` tags (1 to 2^32) of one GTIN, lot ("" for none) and expiry.

    `slot` is the key's that signed the tags and signs this; `root` (32 bytes) is over the leaves of all the tags in
    the order of their indices; `issued_at` is aware, cut to whole seconds.
    """

    number: int
    gtin: Gtin
    lot: str
    expiry: Expiry | None
    count: int
    slot: int
    root: bytes
    issued_at: datetime


def format_manifest(manifest: Manifest) -> dict[str, Json]:
    """The manifest as JSON."""
    return {
        "type": TYPE,
        "batch": manifest.number,
        "gtin": manifest.gtin,
        "lot": manifest.lot,
        "expiry": str(manifest.expiry) if manifest.expiry else None,
        "count": manifest.count,
        "slot": manifest.slot,
        "root": manifest.root.hex(),
        "issued": format_moment(manifest.issued_at),
    }


def parse_manifest(members: Members) -> Manifest:
    """The inverse. Raises: InputError."""
    members.constant("type", TYPE)
    manifest = Manifest(
        number=members.integer("batch", 1, MAX_NUMBER),
        gtin=parse_gtin(members.text("gtin")),
        lot=parse_lot(members.text("lot")),
        expiry=None if members.is_null("expiry") else parse_expiry(members.text("expiry")),
        count=members.integer("count", 1, MAX_COUNT),
        slot=members.integer("slot", 0, 255),
        root=members.hex("root", HASH_BYTES),
        issued_at=members.moment("issued"),
    )
    members.done()
    return manifest


def signing_bytes(manifest: Manifest) -> bytes:
    """What the producer's key signs."""
    return SIGNING_CONTEXT + canonical_json(format_manifest(manifest))


def sign_manifest(manifest: Manifest, signer: Signer) -> bytes:
    """The producer's signature, 64 bytes."""
    return signer.sign(signing_bytes(manifest))


def verify_manifest(manifest: Manifest, signature: bytes, public_key: bytes) -> None:
    """Check the producer's signature. Raises: SignatureError."""
    verify_signature(public_key, signature, signing_bytes(manifest))
