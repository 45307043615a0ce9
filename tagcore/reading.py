"""What a text is, and whose signature it carries: the evidence that needs nobody else's record."""

from datetime import datetime

from tagcore.errors import ForeignCodeError, InputError, SignatureError, UnsupportedFormatError
from tagcore.evidence import NotOurs, Ours, Reading, Signature, SignatureFinding
from tagcore.keys import KeyStatus, verify_signature
from tagcore.reasons import Code
from tagcore.tag import Tag, canonical_case, parse_path, signing_bytes, split_host
from tagcore.trust import TrustBundle

_AROUND = " \t\r\n"
"""What pasting and wedge scanners put around a text."""


def read(text: str, trust: TrustBundle | None) -> Reading:
    """What a scanned or pasted text is (specification, section 8, steps 1 to 4).

    Without `trust` every host counts as ours.
    """
    try:
        host, path = split_host(canonical_case(text.strip(_AROUND)))
    except ForeignCodeError:
        return _foreign(text)
    if trust is not None and host not in trust.hosts:
        return _foreign(text)
    reading = read_path(path)
    if isinstance(reading, NotOurs):
        return NotOurs(code=reading.code, text=text, why=reading.why)
    issuer = trust.issuer(reading.tag.identity.gtin) if trust is not None else None
    return _foreign(text) if issuer is not None and host not in issuer.hosts else reading


def read_path(path: str) -> Ours | NotOurs:
    """What a URL's path and query are, when they came to the host that they were addressed to."""
    try:
        profile, tag = parse_path(path)
    except UnsupportedFormatError as error:
        return NotOurs(code=Code.CANNOT_CHECK, text=path, why=str(error))
    except InputError as error:
        return NotOurs(code=Code.MALFORMED, text=path, why=str(error))
    return Ours(tag=tag, profile=profile)


def check_signature(tag: Tag, trust: TrustBundle, now: datetime) -> SignatureFinding:
    """The tag's signature against the key that `trust` names for its GTIN and slot (section 8, steps 5 to 7)."""
    issuer = trust.issuer(tag.identity.gtin)
    key = issuer.key(tag.identity.slot) if issuer else None
    if issuer is None or key is None or now < key.not_before:
        return SignatureFinding(outcome=Signature.KEY_UNKNOWN)
    try:
        verify_signature(key.public_key, tag.signature, signing_bytes(tag.identity))
    except SignatureError:
        return SignatureFinding(outcome=Signature.INVALID, issuer=issuer.name)
    if key.status is KeyStatus.REVOKED:
        return SignatureFinding(outcome=Signature.KEY_REVOKED, issuer=issuer.name)
    return SignatureFinding(outcome=Signature.VALID, issuer=issuer.name)


def _foreign(text: str) -> NotOurs:
    return NotOurs(code=Code.FOREIGN_CODE, text=text, why="")
