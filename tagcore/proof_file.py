"""The proof file: all that is needed to check one tag without asking anybody, in one JSON document.

docs/spec/log.md, section 8. It holds the tag's URL, its way to its batch's root, the batch's log entry, the log's proof
for it, and receipts of anchors. Reading it verifies nothing; `tagcore.proof` does.
"""

from dataclasses import dataclass
from hashlib import sha256

from tagcore.base64_text import format_base64
from tagcore.canonical import Json, canonical_json
from tagcore.checkpoint import MAX_TREE_SIZE
from tagcore.document import MAX_INTEGER, Members, parse_document
from tagcore.errors import DocumentError
from tagcore.manifest import MAX_COUNT
from tagcore.merkle import HASH_BYTES
from tagcore.receipts import Receipt, receipt_from_json, receipt_to_json

TYPE = "origintag-proof"
VERSION = 1
MAX_PROOF_BYTES = 262_144
MAX_BATCH_PATH = 32
"""The height of the tree over 2^32 tags."""
MAX_ANCHORS = 32
MAX_CONSISTENCY = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A receipt for the log's tree of `size` entries under `root` (32 bytes), which may be another than the proof's.

    `consistency` proves (RFC 6962, 2.1.2) that the smaller of the two trees is a prefix of the larger; it is empty
    when they are the same.
    """

    size: int
    root: bytes
    consistency: tuple[bytes, ...]
    receipt: Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A proof file's contents: the tag's URL as printed, its index in its batch (from 0) and its audit path, the log
    entry's bytes, the text of C2SP tlog-proof as bytes, and the anchors.
    """

    tag: str
    index: int
    path: tuple[bytes, ...]
    entry: bytes
    log_proof: bytes
    anchors: tuple[Anchor, ...] = ()


def format_proof(proof: Proof) -> bytes:
    """The file: canonical JSON with the digest of everything else in it, and no newline.

    Raises: ValueError when a value does not fit its form.
    """
    document = _to_json(proof)
    data = canonical_json({**document, "digest": digest_of(document).hex()})
    try:
        _read(data)
    except DocumentError as error:
        raise ValueError(f"the proof does not fit its form: {error}") from error
    return data


def parse_proof(data: bytes) -> tuple[Proof, bool]:
    """(the proof, whether its digest is right). One newline at the end is passed over. Raises: DocumentError."""
    proof, digest = _read(data)
    return proof, digest == digest_of(_to_json(proof))


def _read(data: bytes) -> tuple[Proof, bytes]:
    """(the proof, the digest that the file names)."""
    value = parse_document(data.removesuffix(b"\n"), MAX_PROOF_BYTES)
    members = Members(value)
    members.constant("type", TYPE)
    members.constant("version", VERSION)
    digest = members.hex("digest", HASH_BYTES)
    proof = Proof(
        tag=members.text("tag"),
        index=members.integer("index", 0, MAX_COUNT - 1),
        path=_hashes(members, "path", MAX_BATCH_PATH),
        entry=members.base64("entry"),
        log_proof=members.text("log_proof").encode(),
        anchors=tuple(_anchor(anchor) for anchor in members.items("anchors", MAX_ANCHORS)),
    )
    members.done()
    return proof, digest


def digest_of(document: Json) -> bytes:
    """The SHA-256 of the document without its member `digest`. It finds damage, where nobody's signature would."""
    return sha256(canonical_json(document)).digest()


def _to_json(proof: Proof) -> dict[str, Json]:
    return {
        "type": TYPE,
        "version": VERSION,
        "tag": proof.tag,
        "index": proof.index,
        "path": [format_base64(node) for node in proof.path],
        "entry": format_base64(proof.entry),
        "log_proof": proof.log_proof.decode(),
        "anchors": [_anchor_to_json(anchor) for anchor in proof.anchors],
    }


def _anchor_to_json(anchor: Anchor) -> dict[str, Json]:
    return {
        "size": anchor.size,
        "root": format_base64(anchor.root),
        "consistency": [format_base64(node) for node in anchor.consistency],
        "receipt": receipt_to_json(anchor.receipt),
    }


def _anchor(value: Json) -> Anchor:
    members = Members(value)
    root = members.base64("root")
    if len(root) != HASH_BYTES:
        raise DocumentError(f"got a root of {len(root)} bytes, want {HASH_BYTES}")
    anchor = Anchor(
        size=members.integer("size", 1, min(MAX_TREE_SIZE, MAX_INTEGER)),
        root=root,
        consistency=_hashes(members, "consistency", MAX_CONSISTENCY),
        receipt=receipt_from_json(members.take("receipt")),
    )
    members.done()
    return anchor


def _hashes(members: Members, name: str, most: int) -> tuple[bytes, ...]:
    hashes = members.base64_list(name, most)
    if any(len(node) != HASH_BYTES for node in hashes):
        raise DocumentError(f"{name}: want hashes of {HASH_BYTES} bytes")
    return hashes
