"""The tag: a small signed sentence, its canonical bytes and its two URL profiles.

Specification: docs/spec/tag-format.md, whose sections the comments cite. Parsing is canonical: for every text
that is accepted, formatting the result gives the same text again, byte for byte.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from tagcore import compact
from tagcore.errors import ForeignCodeError, TagSyntaxError
from tagcore.gs1 import parse_expiry, parse_gtin, parse_lot, parse_serial
from tagcore.identity import Identity

SIGNATURE_BYTES = 64
SIGNING_CONTEXT = b"origintag/tag/v1\n"
MAX_HOST_LENGTH = 253  # RFC 1035, 2.3.4, as text
MAX_URL_LENGTH = 600
"""No tag is longer: 8 before the host, 253 of host, 6 of port, at most 316 from the first slash on."""

_HOST = (
    r"(?:[A-Z0-9](?:[A-Z0-9-]{0,61}[A-Z0-9])?\.)*[A-Z0-9](?:[A-Z0-9-]{0,61}[A-Z0-9])?(?::[1-9][0-9]{0,4})?"
)
_ONLY_HOST = re.compile(_HOST, re.ASCII)
_URL = re.compile(f"HTTPS://({_HOST})(/.*)", re.ASCII | re.DOTALL)
_BROWSER_URL = re.compile(f"https://({_HOST.replace('A-Z', 'a-z')})(/.*)", re.ASCII | re.DOTALL)
_DIGITAL_LINK = re.compile(
    r"/01/([0-9]{14})(?:/10/([^/?#]+))?/21/([^/?#]+)\?(?:17=([0-9]{6})&)?s=([1-9][0-9]{156,157})", re.ASCII
)
_ESCAPED = re.compile(r"%([0-9A-F]{2})")
_PLAIN = re.compile(r"[0-9A-Za-z._-]+", re.ASCII)


class Profile(StrEnum):
    """How a tag is written as a URL."""

    DIGITAL_LINK = "digital-link"
    COMPACT = "compact"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """An identity and the issuer's Ed25519 signature over it (64 bytes)."""

    identity: Identity
    signature: bytes

    def __post_init__(self) -> None:
        if len(self.signature) != SIGNATURE_BYTES:
            raise ValueError(f"got a signature of {len(self.signature)} bytes, want {SIGNATURE_BYTES}")


def signing_bytes(identity: Identity) -> bytes:
    """The bytes that the issuer signs (specification, section 3)."""
    lot, serial = identity.lot.encode("ascii"), identity.serial.encode("ascii")
    expiry = b"000000" if identity.expiry is None else str(identity.expiry).encode("ascii")
    return b"%b%c%b%b%c%b%c%b" % (
        SIGNING_CONTEXT, identity.slot, identity.gtin.encode("ascii"), expiry, len(lot), lot, len(serial), serial,
    )  # fmt: skip


def leaf_bytes(tag: Tag) -> bytes:
    """What the tag's leaf in its batch's Merkle tree holds: signed bytes, then signature (section 6)."""
    return signing_bytes(tag.identity) + tag.signature


def canonical_case(text: str) -> str:
    """`text` with scheme and host in upper case when it is a URL as browsers hand it on, both wholly lower case."""
    found = _BROWSER_URL.fullmatch(text) if len(text) <= MAX_URL_LENGTH else None
    return f"HTTPS://{found[1].upper()}{found[2]}" if found else text


def is_host(text: str) -> bool:
    """Whether `text` is a host name in upper case, with or without a port (section 4)."""
    return _ONLY_HOST.fullmatch(text) is not None and _is_short(text)


def _is_short(host: str) -> bool:
    return len(host) <= MAX_HOST_LENGTH or len(host.partition(":")[0]) <= MAX_HOST_LENGTH


def split_host(text: str) -> tuple[str, str]:
    """(host, the rest from the first slash) of a URL in canonical case.

    Raises: ForeignCodeError when it is no such URL.
    """
    found = _URL.fullmatch(text) if len(text) <= MAX_URL_LENGTH else None
    if found is None or not _is_short(found[1]):
        raise ForeignCodeError("not a URL of the form that tags have")
    return found[1], found[2]


def parse_url(text: str) -> tuple[str, Profile, Tag]:
    """(host in upper case, profile, tag) of a tag's canonical URL.

    Raises: ForeignCodeError when it is no URL of this form; another InputError when the path is no canonical tag.
    """
    host, path = split_host(text)
    profile, tag = parse_path(path)
    return host, profile, tag


def parse_path(path: str) -> tuple[Profile, Tag]:
    """(profile, tag) of a URL's path and query, as a server sees them.

    Raises: InputError when they are not canonical.
    """
    if found := _DIGITAL_LINK.fullmatch(path):
        return Profile.DIGITAL_LINK, _from_digital_link(found)
    if path.startswith("/") and compact.is_number(path[1:]):
        identity, signature = compact.decode(int(path[1:]))
        return Profile.COMPACT, Tag(identity=identity, signature=signature)
    raise TagSyntaxError("neither profile's form")


def format_url(tag: Tag, host: str, profile: Profile) -> str:
    """The tag's URL under `host` (any case; with a port, if need be).

    Raises: ValueError when `host` is none.
    """
    upper = host.upper()
    if not is_host(upper):
        raise ValueError(f"got {host!r}, want a host name")
    return f"HTTPS://{upper}{format_path(tag, profile)}"


def format_path(tag: Tag, profile: Profile) -> str:
    """The tag's URL from the first slash on (section 4 for digital-link, section 5 for compact)."""
    identity = tag.identity
    if profile is Profile.COMPACT:
        return f"/{compact.encode(identity, tag.signature)}"
    head = compact.FORMAT << 8 | identity.slot
    number = head << 512 | int.from_bytes(tag.signature, "big")
    lot = f"/10/{_escape(identity.lot)}" if identity.lot else ""
    expiry = f"17={identity.expiry}&" if identity.expiry else ""
    return f"/01/{identity.gtin}{lot}/21/{_escape(identity.serial)}?{expiry}s={number}"


def _from_digital_link(found: re.Match[str]) -> Tag:
    gtin, lot, serial, expiry, number = found.groups()
    head, signature = divmod(int(number), 1 << 512)
    tag_format, slot = head >> 8, head & 255
    if tag_format != compact.FORMAT:
        raise compact.format_error(tag_format)
    identity = Identity(
        gtin=parse_gtin(gtin),
        lot=parse_lot(_unescape(lot or "")),
        serial=parse_serial(_unescape(serial)),
        expiry=parse_expiry(expiry) if expiry else None,
        slot=slot,
    )
    return Tag(identity=identity, signature=signature.to_bytes(64, "big"))


def _escape(text: str) -> str:
    """Percent-encode all but A-Z a-z 0-9 - . _ (GS1 Digital Link URI syntax, reserved characters of set 82)."""
    if _PLAIN.fullmatch(text):
        return text
    return "".join(c if _PLAIN.fullmatch(c) else f"%{ord(c):02X}" for c in text)


def _unescape(text: str) -> str:
    """The inverse of `_escape`. Raises: TagSyntaxError for any other way to write the same."""
    if _PLAIN.fullmatch(text) or not text:
        return text
    plain = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    if _escape(plain) != text:
        raise TagSyntaxError("percent-encoded where it need not be, or not where it has to be")
    return plain
