"""Verify tags offline from their texts to their verdicts, over the bare check of their Ed25519 signatures.

The tags are those of one lot, each read once a round: a pallet.
"""

import statistics
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bench.figure import Figure
from scanner.verify import verify
from tagcore.gs1 import parse_expiry
from tagcore.identity import Identity
from tagcore.keys import IssuerKey
from tagcore.reasons import Code
from tagcore.serials import SerialCipher
from tagcore.tag import Profile, Tag, format_url, signing_bytes
from tagcore.trust import Issuer, TrustBundle

ROUNDS = 15
TAGS = 1000


def figures() -> Iterator[Figure]:
    """The ratio of each profile, the worse one under the published name."""
    now = datetime.now(UTC)
    key = Ed25519PrivateKey.generate()
    tags, trust = _tags(key), _trust(key.public_key(), now)
    ratios = []
    for profile in Profile:
        urls = [format_url(tag, "id.example.com", profile) for tag in tags]
        pairs = [(_verify(urls, trust, now), _check(tags, key.public_key())) for _ in range(ROUNDS)]
        ratios.append(statistics.median(full / bare for full, bare in pairs))
        rate = TAGS / statistics.median(full for full, _ in pairs)
        name = profile.replace("-", "_")
        yield Figure(
            figure=f"verify_offline_{name}_per_second", value=rate, unit="tags/s", against="one core"
        )
    against = f"Ed25519 alone; {TAGS:,} tags of one lot, the worse profile"
    yield Figure(figure="verify_offline_over_signature", value=max(ratios), unit="", against=against)


def _verify(urls: Sequence[str], trust: TrustBundle, now: datetime) -> float:
    """Processor seconds from all texts to their verdicts."""
    started = time.process_time()
    verdicts = [verify(url, trust, now) for url in urls]
    seconds = time.process_time() - started
    assert all(verdict.headline.code is Code.SIGNATURE_ONLY for verdict in verdicts)
    return seconds


def _check(tags: Sequence[Tag], public_key: Ed25519PublicKey) -> float:
    """Processor seconds for the signatures alone, their messages at hand."""
    signed = [(tag.signature, signing_bytes(tag.identity)) for tag in tags]
    started = time.process_time()
    for signature, message in signed:
        public_key.verify(signature, message)
    return time.process_time() - started


def _tags(key: Ed25519PrivateKey) -> list[Tag]:
    serials = SerialCipher(bytes(32)).encrypt_many(1, np.arange(TAGS, dtype=np.uint64))
    return [_tag(key, serial) for serial in serials]


def _tag(key: Ed25519PrivateKey, serial: str) -> Tag:
    identity = Identity.checked(
        gtin="09520001000010", lot="L26-0914", serial=serial, expiry=parse_expiry("271231"), slot=3
    )
    return Tag(identity=identity, signature=key.sign(signing_bytes(identity)))


def _trust(public_key: Ed25519PublicKey, now: datetime) -> TrustBundle:
    span = timedelta(days=1)
    raw = public_key.public_bytes_raw()
    issuer_key = IssuerKey(slot=3, public_key=raw, not_before=now - span, not_after=now + span)
    issuer = Issuer(name="Bench", prefixes=("9520001",), hosts=("ID.EXAMPLE.COM",), keys=(issuer_key,))
    return TrustBundle(version=1, issued=now, expires=now + span, root_key=raw, issuers=(issuer,))
