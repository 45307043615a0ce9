"""The cast of the scanner's tests: one producer with a key and a root, a stranger, and tags that they signed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tagcore.gs1 import parse_expiry, parse_gtin
from tagcore.identity import Identity
from tagcore.keys import IssuerKey, KeyStatus
from tagcore.tag import Profile, Tag, format_url, signing_bytes
from tagcore.trust import Issuer, TrustBundle, format_trust

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
HOST = "ID.EXAMPLE.COM"


class Key:
    """A signing key made from a seed, so that every run has the same tags."""

    def __init__(self, seed: int) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        self.public_key = self._private.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        return self._private.sign(message)


PRODUCER, ROOT, STRANGER = Key(1), Key(2), Key(3)

IDENTITY = Identity.checked(
    gtin="09506000134352", lot="LOT1", serial="4T7QMZ9C1R5KD", expiry=parse_expiry("271231"), slot=1
)


def tag_url(
    *,
    identity: Identity = IDENTITY,
    key: Key = PRODUCER,
    host: str = HOST,
    profile: Profile = Profile.DIGITAL_LINK,
) -> str:
    """The URL of a tag that `key` signed."""
    tag = Tag(identity=identity, signature=key.sign(signing_bytes(identity)))
    return format_url(tag, host, profile)


def forged_url() -> str:
    """The producer's words with a stranger's signature."""
    return tag_url(key=STRANGER)


def expired_url() -> str:
    return tag_url(identity=replace(IDENTITY, expiry=parse_expiry("260131")))


def bundle(
    *, version: int = 3, status: KeyStatus = KeyStatus.ACTIVE, expires: datetime = NOW + timedelta(days=30)
) -> TrustBundle:
    key = IssuerKey(
        slot=1,
        public_key=PRODUCER.public_key,
        not_before=NOW - timedelta(days=100),
        not_after=NOW + timedelta(days=1000),
        status=status,
        revoked_at=NOW if status is KeyStatus.REVOKED else None,
    )
    issuer = Issuer(
        name="Example Distillery", gtins=(parse_gtin("09506000134352"),), hosts=(HOST,), keys=(key,)
    )
    return TrustBundle(
        version=version,
        issued=NOW - timedelta(days=60),
        expires=expires,
        root_key=ROOT.public_key,
        issuers=(issuer,),
    )


def signed(trust: TrustBundle, root: Key = ROOT) -> bytes:
    """The bundle's file, under its own root or under another that takes its place."""
    return format_trust(replace(trust, root_key=root.public_key), root)
