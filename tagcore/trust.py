"""The trust bundle: which issuer may sign for which GTINs, with which keys, under which hosts.

Specification: docs/spec/tag-format.md, section 7. Verifiers pin it; a later one is believed when the root key
of the pinned one signed it and its version is no lower.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, NoReturn

from tagcore.canonical import Json, canonical_json
from tagcore.document import check_depth
from tagcore.errors import DocumentError, GtinError, SignatureError, TrustError
from tagcore.gs1 import REPEATED, Gtin, parse_gtin
from tagcore.keys import PUBLIC_KEY_BYTES, IssuerKey, KeyStatus, Signer, fingerprint, verify_signature
from tagcore.log_trust import MAX_LOGS, LogTrust, log_trust_from_json, log_trust_to_json
from tagcore.moment import format_moment, parse_moment
from tagcore.tag import is_host

TYPE = "origintag-trust"
SPEC_WITHOUT_LOGS = 1
SPEC = 2
MAX_BUNDLE_BYTES = 16 * 1024 * 1024
SIGNING_CONTEXT = b"origintag/trust/v1\n"

_PREFIX = re.compile(r"[0-9]{4,12}", re.ASCII)  # GS1 General Specifications, 1.4.4: company prefixes


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """A producer: the GTINs and GS1 company prefixes it owns, the hosts (upper case) its tags name, its keys."""

    name: str
    gtins: tuple[Gtin, ...] = ()
    prefixes: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    keys: tuple[IssuerKey, ...] = ()

    def key(self, slot: int) -> IssuerKey | None:
        """The key in `slot`."""
        return next((key for key in self.keys if key.slot == slot), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustBundle:
    """What a verifier believes. No GTIN is covered twice, no issuer has two keys in one slot, no log is listed twice.

    `version` counts up from 1; times are aware, whole seconds; `root_key` is 32 bytes.
    Raises: TrustError when a cover, a slot or a log's origin is taken twice or a window is empty.
    """

    version: int
    issued: datetime
    expires: datetime
    root_key: bytes
    issuers: tuple[Issuer, ...]
    logs: tuple[LogTrust, ...] = ()
    hosts: frozenset[str] = field(init=False, repr=False, compare=False)
    _owner_of: Callable[[Gtin], Issuer | None] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.expires <= self.issued:
            raise TrustError("the bundle expires before it is issued")
        for issuer in self.issuers:
            _check_keys(issuer)
        if len({log.origin for log in self.logs}) != len(self.logs):
            raise TrustError("a log is listed twice")
        find = partial(_find_owner, _owners(self.issuers))
        object.__setattr__(self, "_owner_of", lru_cache(maxsize=REPEATED)(find))
        object.__setattr__(self, "hosts", frozenset(host for issuer in self.issuers for host in issuer.hosts))

    def issuer(self, gtin: Gtin) -> Issuer | None:
        """The issuer that owns `gtin`."""
        return self._owner_of(gtin)

    def log(self, origin: str) -> LogTrust | None:
        """The log that calls itself `origin`."""
        return next((log for log in self.logs if log.origin == origin), None)

    def is_stale(self, now: datetime) -> bool:
        """Whether the bundle has to be renewed before it is believed at `now`."""
        return now >= self.expires


def format_trust(bundle: TrustBundle, root: Signer) -> bytes:
    """The bundle as signed JSON. Raises: ValueError when `root` is not the bundle's root key."""
    if root.public_key != bundle.root_key:
        raise ValueError("the signer is not the root that the bundle names")
    signature = root.sign(SIGNING_CONTEXT + canonical_json(_to_json(bundle)))
    return canonical_json(_document(bundle, signature)) + b"\n"


def parse_trust(data: bytes, root_key: bytes | None = None) -> TrustBundle:
    """A bundle from its signed JSON.

    `root_key` (32 bytes) is the pinned root. Without it the bundle has to be signed by the root that it names
    itself: that finds damage, not forgery, and is right only for a file that is itself the pin.

    Raises: TrustError.
    """
    if len(data) > MAX_BUNDLE_BYTES:
        raise TrustError(f"a bundle has at most {MAX_BUNDLE_BYTES} bytes")
    try:
        bundle, signature = _parse_document(data)
    except (
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        GtinError,
        DocumentError,
    ) as error:
        raise TrustError(f"the bundle is malformed: {type(error).__name__}: {error}") from error
    if root_key is not None and bundle.root_key != root_key:
        raise TrustError(
            f"the bundle's root is {fingerprint(bundle.root_key)}, the pinned one {fingerprint(root_key)}"
        )
    try:
        verify_signature(bundle.root_key, signature, SIGNING_CONTEXT + canonical_json(_to_json(bundle)))
    except SignatureError as error:
        raise TrustError("the bundle is not signed by its root key") from error
    return bundle


def _parse_document(data: bytes) -> tuple[TrustBundle, bytes]:
    """(bundle, signature), not verified yet. A member more, or a value in another form, is refused: it could be
    a restriction that this release does not know.
    """
    check_depth(data)
    document = json.loads(
        data.decode("utf-8"), object_pairs_hook=_without_duplicates, parse_float=_refuse_number
    )
    bundle = _from_json(document["signed"])
    signature = bytes.fromhex(document["signature"]["ed25519"])
    if canonical_json(document) != canonical_json(_document(bundle, signature)):
        raise TrustError("the bundle has members or forms of values that are not in its specification")
    return bundle, signature


def _find_owner(owners: Mapping[str, Issuer], gtin: Gtin) -> Issuer | None:
    scopes = (gtin, *_covering(gtin))
    return next((owners[scope] for scope in scopes if scope in owners), None)


def _owners(issuers: Iterable[Issuer]) -> dict[str, Issuer]:
    """GTIN (14 digits) or prefix (4-12) -> its owner."""
    owners: dict[str, Issuer] = {}
    for issuer in issuers:
        for scope in (*issuer.gtins, *issuer.prefixes):
            if scope in owners:
                raise TrustError(f"{scope} has two owners")
            owners[scope] = issuer
    for scope in owners:
        for covering in _covering(scope):
            if covering in owners:
                raise TrustError(f"{scope} lies in the prefix {covering}, which is listed too")
    return owners


def _covering(scope: str) -> Iterator[str]:
    """The prefixes that cover a GTIN (14 digits), or a prefix (4 to 12) without itself; from the shortest on."""
    if len(scope) == 14:
        if scope.startswith("000000"):  # a GTIN-8 carries no company prefix
            return
        digits, longest = scope[1:13], 12
    else:
        digits, longest = scope, len(scope) - 1
    yield from (digits[:length] for length in range(4, longest + 1))


def _check_keys(issuer: Issuer) -> None:
    slots = [key.slot for key in issuer.keys]
    if len(set(slots)) != len(slots):
        raise TrustError(f"{issuer.name} has two keys in one slot")
    for key in issuer.keys:
        if key.not_after <= key.not_before:
            raise TrustError(f"key {key.slot} of {issuer.name} ends before it begins")
        if (key.revoked_at is None) is (key.status is KeyStatus.REVOKED):
            raise TrustError(f"key {key.slot} of {issuer.name} is {key.status}, revoked at {key.revoked_at}")


def _document(bundle: TrustBundle, signature: bytes) -> Json:
    proof: Json = {"key": fingerprint(bundle.root_key), "ed25519": signature.hex()}
    return {"signed": _to_json(bundle), "signature": proof}


def _to_json(bundle: TrustBundle) -> dict[str, Json]:
    logs: dict[str, Json] = {"logs": [log_trust_to_json(log) for log in bundle.logs]} if bundle.logs else {}
    return {
        "type": TYPE,
        "spec": SPEC if bundle.logs else SPEC_WITHOUT_LOGS,
        "version": bundle.version,
        "issued": format_moment(bundle.issued),
        "expires": format_moment(bundle.expires),
        "root_key": bundle.root_key.hex(),
        "issuers": [
            {
                "name": issuer.name,
                "gtins": list(issuer.gtins),
                "prefixes": list(issuer.prefixes),
                "hosts": list(issuer.hosts),
                "keys": [_key_to_json(key) for key in issuer.keys],
            }
            for issuer in bundle.issuers
        ],
        **logs,
    }


def _key_to_json(key: IssuerKey) -> dict[str, Json]:
    return {
        "slot": key.slot,
        "public_key": key.public_key.hex(),
        "not_before": format_moment(key.not_before),
        "not_after": format_moment(key.not_after),
        "status": key.status.value,
        "revoked_at": None if key.revoked_at is None else format_moment(key.revoked_at),
    }


def _from_json(signed: Any) -> TrustBundle:  # noqa: ANN401 (JSON before it is checked)
    if signed["type"] != TYPE or signed["spec"] not in (SPEC_WITHOUT_LOGS, SPEC):
        raise TrustError(
            f"got {signed['type']!r} of specification {signed['spec']!r}, want {TYPE!r} of 1 or {SPEC}"
        )
    return TrustBundle(
        version=_integer(signed["version"], 1, 2**53 - 1),
        issued=_moment(signed["issued"]),
        expires=_moment(signed["expires"]),
        root_key=_public_key(signed["root_key"]),
        issuers=tuple(_issuer_from_json(issuer) for issuer in signed["issuers"]),
        logs=_logs(signed["logs"]) if signed["spec"] == SPEC else (),
    )


def _logs(value: Any) -> tuple[LogTrust, ...]:  # noqa: ANN401 (JSON before it is checked)
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_LOGS:
        raise TrustError(f"want a list of 1 to {MAX_LOGS} logs")
    return tuple(log_trust_from_json(log) for log in value)


def _issuer_from_json(issuer: Any) -> Issuer:  # noqa: ANN401 (JSON before it is checked)
    return Issuer(
        name=_text(issuer["name"]),
        gtins=tuple(parse_gtin(gtin) for gtin in issuer["gtins"]),
        prefixes=tuple(_prefix(prefix) for prefix in issuer["prefixes"]),
        hosts=tuple(_host(host) for host in issuer["hosts"]),
        keys=tuple(_key_from_json(key) for key in issuer["keys"]),
    )


def _key_from_json(key: Any) -> IssuerKey:  # noqa: ANN401 (JSON before it is checked)
    revoked_at = key["revoked_at"]
    return IssuerKey(
        slot=_integer(key["slot"], 0, 255),
        public_key=_public_key(key["public_key"]),
        not_before=_moment(key["not_before"]),
        not_after=_moment(key["not_after"]),
        status=KeyStatus(key["status"]),
        revoked_at=None if revoked_at is None else _moment(revoked_at),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TrustError(f"got {value!r}, want text")
    return value


def _integer(value: object, lowest: int, highest: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
        raise TrustError(f"got {value!r}, want an integer of {lowest} to {highest}")
    return value


def _moment(value: object) -> datetime:
    return parse_moment(_text(value))


def _prefix(value: object) -> str:
    if not _PREFIX.fullmatch(_text(value)):
        raise TrustError(f"got {value!r}, want a GS1 company prefix of 4 to 12 digits")
    return _text(value)


def _host(value: object) -> str:
    if not is_host(_text(value)):
        raise TrustError(f"got {value!r}, want a host name in upper case")
    return _text(value)


def _public_key(value: object) -> bytes:
    key = bytes.fromhex(_text(value))
    if len(key) != PUBLIC_KEY_BYTES:
        raise TrustError(f"got a public key of {len(key)} bytes, want {PUBLIC_KEY_BYTES}")
    return key


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise TrustError("an object names a member twice")
    return members


def _refuse_number(text: str) -> NoReturn:
    raise TrustError(f"got the number {text}, want integers")
