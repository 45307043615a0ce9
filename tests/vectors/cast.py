"""Who and what the test vectors are made of: keys derived from their names, two issuers, valid tags."""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tagcore.gs1 import CSET82, parse_expiry, parse_gtin
from tagcore.identity import Identity
from tagcore.keys import IssuerKey, KeyStatus
from tagcore.tag import Profile, Tag, format_url, signing_bytes
from tagcore.trust import Issuer, TrustBundle

BOTTLE = "09506000134352"
EIGHT = "00000096385074"
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class TestKey:
    """A private key made from its name, for tests only."""

    __test__ = False
    name: str

    @property
    def private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(sha256(self.name.encode()).digest())

    @property
    def public_key(self) -> bytes:
        return self.private.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        return self.private.sign(message)


ROOT = TestKey("origintag test vectors: root")


def key_of(issuer: str, slot: int) -> TestKey:
    return TestKey(f"origintag test vectors: {issuer}, slot {slot}")


def _issuer_key(
    issuer: str, slot: int, status: KeyStatus = KeyStatus.ACTIVE, first_year: int = 2026
) -> IssuerKey:
    return IssuerKey(
        slot=slot,
        public_key=key_of(issuer, slot).public_key,
        not_before=datetime(first_year, 1, 1, tzinfo=UTC),
        not_after=datetime(first_year + 2, 1, 1, tzinfo=UTC),
        status=status,
        revoked_at=datetime(2026, 6, 1, tzinfo=UTC) if status is KeyStatus.REVOKED else None,
    )


DISTILLERY = Issuer(
    name="Example Distillery",
    prefixes=("9506000",),
    hosts=("ID.EXAMPLE.COM", "XN--FIQS8S.EXAMPLE"),
    keys=(
        _issuer_key("distillery", 0),
        _issuer_key("distillery", 7, KeyStatus.RETIRED, 2022),
        _issuer_key("distillery", 9, KeyStatus.REVOKED),
        _issuer_key("distillery", 11, first_year=2027),
        _issuer_key("distillery", 255),
    ),
)
CLINIC = Issuer(
    name="Example Infusions 输液",
    gtins=(parse_gtin("04012345678901"), parse_gtin(EIGHT)),
    hosts=("ID.EXAMPLE.COM", "T.EXAMPLE.ORG:8443", "127.0.0.1:8000"),
    keys=(_issuer_key("clinic", 0),),
)
BUNDLE = TrustBundle(
    version=3,
    issued=datetime(2026, 6, 1, tzinfo=UTC),
    expires=datetime(2026, 12, 1, tzinfo=UTC),
    root_key=ROOT.public_key,
    issuers=(DISTILLERY, CLINIC),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A valid tag: what it is for, its fields, who signs it, and the host it is printed with."""

    name: str
    serial: str = "4T7QMZ9C1R5KD"
    lot: str = "LOT1"
    expiry: str | None = "271231"
    slot: int = 0
    gtin: str = BOTTLE
    issuer: str = "distillery"
    host: str = "ID.EXAMPLE.COM"

    @property
    def tag(self) -> Tag:
        expiry = parse_expiry(self.expiry) if self.expiry else None
        identity = Identity.checked(
            gtin=self.gtin, lot=self.lot, serial=self.serial, expiry=expiry, slot=self.slot
        )
        return Tag(identity=identity, signature=key_of(self.issuer, self.slot).sign(signing_bytes(identity)))

    def url(self, profile: Profile) -> str:
        return format_url(self.tag, self.host, profile)


CASES = (
    Case(name="generated serial, lot and expiry"),
    Case(name="no lot", lot=""),
    Case(name="no expiry", expiry=None),
    Case(name="neither lot nor expiry", lot="", expiry=None),
    Case(name="expiry on the last day of its month", expiry="280200"),
    Case(name="expiry on a leap day", expiry="280229"),
    Case(name="lowest generated serial", serial="0000000000000"),
    Case(name="highest generated serial", serial="FZZZZZZZZZZZZ"),
    Case(name="supplied serial of 13 digits and letters that is beyond 64 bits", serial="G000000000000"),
    Case(name="supplied serial of 13 lower-case letters", serial="4t7qmz9c1r5kd"),
    Case(name="supplied serial of one character, the first of set 82", serial="!"),
    Case(name="supplied serial and lot that need percent-encoding", serial="a/b%c+d&e=f?g", lot="L/1"),
    Case(name="longest lot of the small alphabet", lot="Z" * 20, serial="z" * 20),
    Case(name="longest lot of set 82", lot="z" * 20, serial="z" * 20),
    Case(name="lot of the small alphabet's first character", lot="-", serial="-"),
    Case(name="characters of set 82, first part", lot=CSET82[:20], serial=CSET82[20:40]),
    Case(name="characters of set 82, second part", lot=CSET82[40:60], serial=CSET82[60:80]),
    Case(name="characters of set 82, the rest", lot=CSET82[80:], serial=CSET82[-20:]),
    Case(name="dots", lot="...", serial="a..b"),
    Case(name="retired key", slot=7),
    Case(name="highest slot", slot=255),
    Case(name="host in punycode", host="XN--FIQS8S.EXAMPLE"),
    Case(name="host with a port", host="T.EXAMPLE.ORG:8443", gtin="04012345678901", issuer="clinic"),
    Case(name="numeric host", host="127.0.0.1:8000", gtin="04012345678901", issuer="clinic"),
    Case(name="GTIN-8", gtin=EIGHT, issuer="clinic"),
)
