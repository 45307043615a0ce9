"""Lines of an operator's journal: each signed, each naming the hash of the one before. Self-attested, no more.

docs/spec/log.md, section 7. A line proves what the operator said to whoever kept an earlier or a later line; whoever
holds the journal's key and its file can write another one. It never counts towards an anchoring policy.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from tagcore.base64_text import format_base64
from tagcore.canonical import Json, canonical_json
from tagcore.document import Members, parse_document
from tagcore.keys import PUBLIC_KEY_BYTES, Signer, verify_signature
from tagcore.merkle import HASH_BYTES
from tagcore.moment import format_moment

TYPE = "origintag-journal"
VERSION = 1
SIGNING_CONTEXT = b"origintag/journal/v1\n"
MAX_LINE_BYTES = 2_048
"""A line has about 600."""
FIRST = bytes(HASH_BYTES)
"""What the first line names as the one before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLine:
    """Line `number` (from 1), written at `at` (aware, whole seconds) after the line whose hash is `previous`.

    `commitment` is what was to be anchored; `key` (32 bytes) signed this with `signature` (64 bytes).
    """

    number: int
    previous: bytes
    at: datetime
    commitment: bytes
    key: bytes
    signature: bytes = b""


def sign_line(line: JournalLine, signer: Signer) -> JournalLine:
    """The line with its signature. Raises: ValueError when `signer` is not the key that the line names."""
    if signer.public_key != line.key:
        raise ValueError("the signer is not the key that the line names")
    return replace(line, signature=signer.sign(_signed_bytes(line)))


def format_line(line: JournalLine) -> bytes:
    """The line as canonical JSON, without its line feed."""
    return canonical_json({**_unsigned(line), "signature": format_base64(line.signature)})


def parse_line(data: bytes) -> JournalLine:
    """The inverse; nothing is verified. Raises: DocumentError."""
    members = Members(parse_document(data, MAX_LINE_BYTES))
    members.constant("type", TYPE)
    members.constant("version", VERSION)
    line = JournalLine(
        number=members.integer("number", 1),
        previous=members.hex("previous", HASH_BYTES),
        at=members.moment("at"),
        commitment=members.base64("commitment"),
        key=members.hex("key", PUBLIC_KEY_BYTES),
        signature=members.base64("signature"),
    )
    members.done()
    return line


def verify_line(line: JournalLine) -> None:
    """Check the line's signature by the key that it names. Raises: SignatureError."""
    verify_signature(line.key, line.signature, _signed_bytes(line))


def line_hash(data: bytes) -> bytes:
    """How the next line names this one: the SHA-256 of its bytes."""
    return sha256(data).digest()


def _signed_bytes(line: JournalLine) -> bytes:
    return SIGNING_CONTEXT + canonical_json(_unsigned(line))


def _unsigned(line: JournalLine) -> dict[str, Json]:
    return {
        "at": format_moment(line.at),
        "commitment": format_base64(line.commitment),
        "key": line.key.hex(),
        "number": line.number,
        "previous": line.previous.hex(),
        "type": TYPE,
        "version": VERSION,
    }
