"""What a verifier believes about a log: its keys, its witnesses, and where its checkpoints are anchored.

docs/spec/log.md, section 6. It is part of the trust bundle, so the root key signs it.
"""

from dataclasses import dataclass, field

from tagcore.base64_text import format_base64
from tagcore.canonical import Json
from tagcore.cosignature import WitnessPolicy
from tagcore.document import Members
from tagcore.errors import DocumentError, NoteError
from tagcore.keys import PUBLIC_KEY_BYTES
from tagcore.merkle import HASH_BYTES
from tagcore.note import ED25519, VerifierKey, format_verifier_key, parse_verifier_key
from tagcore.receipts import Backend, ChainBackend

MAX_KEYS = 32
MAX_LOGS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedChain:
    """A network that anchors count on: its backend, the name that receipts give it, its genesis id (32 bytes)."""

    backend: ChainBackend
    network: str
    genesis: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorPolicy:
    """A checkpoint is anchored when `threshold` of these bear witness; with no policy (0 of none) nothing is anchored.

    `authorities` are DER certificates that time-stamping tokens may chain to. `journal` is the key (32 bytes) of the
    operator's own journal, which never counts. Raises: ValueError when the threshold does not fit their number, or
    something is listed twice.
    """

    threshold: int = 0
    chains: tuple[PinnedChain, ...] = ()
    authorities: tuple[bytes, ...] = ()
    journal: bytes | None = None

    def __post_init__(self) -> None:
        number = len(self.chains) + len(self.authorities)
        if not (1 if number else 0) <= self.threshold <= number:
            raise ValueError(f"got {self.threshold} of {number} anchors, want 1 to all of them")
        names = {(chain.backend, chain.network) for chain in self.chains}
        if len(names) + len(set(self.authorities)) != number:
            raise ValueError("a network or an authority is listed twice")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogTrust:
    """A log that is believed: its keys (type ED25519, their name is its origin), its witnesses, its anchors.

    A key stays listed as long as checkpoints that it signed shall verify, also after the log has a newer one.
    Raises: ValueError without a key, or with one of another name or type, or one twice.
    """

    origin: str
    keys: tuple[VerifierKey, ...]
    witnesses: WitnessPolicy = field(default_factory=WitnessPolicy)
    anchors: AnchorPolicy = field(default_factory=AnchorPolicy)

    def __post_init__(self) -> None:
        if not self.keys or len(set(self.keys)) != len(self.keys):
            raise ValueError(f"the log {self.origin[:100]!r} has no key, or one twice")
        if any((key.name, key.algorithm) != (self.origin, ED25519) for key in self.keys):
            raise ValueError(f"a key of the log {self.origin[:100]!r} has another name or type")


def log_trust_to_json(log: LogTrust) -> dict[str, Json]:
    """The log's part of a trust bundle."""
    witnesses, anchors = log.witnesses, log.anchors
    return {
        "origin": log.origin,
        "keys": [format_verifier_key(key) for key in log.keys],
        "witnesses": {
            "threshold": witnesses.threshold,
            "keys": [format_verifier_key(key) for key in witnesses.witnesses],
        },
        "anchors": {
            "threshold": anchors.threshold,
            "chains": [_chain_to_json(chain) for chain in anchors.chains],
            "authorities": [format_base64(authority) for authority in anchors.authorities],
            "journal": anchors.journal.hex() if anchors.journal is not None else None,
        },
    }


def log_trust_from_json(value: Json) -> LogTrust:
    """The inverse. Raises: DocumentError."""
    members = Members(value)
    try:
        log = LogTrust(
            origin=members.text("origin"),
            keys=_keys(members),
            witnesses=_witnesses(members.object("witnesses")),
            anchors=_anchors(members.object("anchors")),
        )
    except (ValueError, NoteError) as error:
        raise DocumentError(str(error)) from error
    members.done()
    return log


def _keys(members: Members) -> tuple[VerifierKey, ...]:
    return tuple(parse_verifier_key(text) for text in members.texts("keys", MAX_KEYS))


def _witnesses(members: Members) -> WitnessPolicy:
    policy = WitnessPolicy(threshold=members.integer("threshold", 0), witnesses=_keys(members))
    members.done()
    return policy


def _anchors(members: Members) -> AnchorPolicy:
    policy = AnchorPolicy(
        threshold=members.integer("threshold", 0),
        chains=tuple(_chain(chain) for chain in members.items("chains", MAX_KEYS)),
        authorities=members.base64_list("authorities", MAX_KEYS),
        journal=None if members.is_null("journal") else members.hex("journal", PUBLIC_KEY_BYTES),
    )
    members.done()
    return policy


def _chain_to_json(chain: PinnedChain) -> dict[str, Json]:
    return {"backend": chain.backend.value, "network": chain.network, "genesis": chain.genesis.hex()}


def _chain(value: Json) -> PinnedChain:
    members = Members(value)
    backend = members.word("backend", Backend)
    if backend is not Backend.VECHAIN and backend is not Backend.EVM:
        raise DocumentError(f"got the backend {backend}, want a chain")
    chain = PinnedChain(
        backend=backend, network=members.text("network"), genesis=members.hex("genesis", HASH_BYTES)
    )
    members.done()
    return chain
