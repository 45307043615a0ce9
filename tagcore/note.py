"""Signed notes: a text, and lines that each carry one key's signature of it.

C2SP signed-note. A key's name and its 4-byte id together say which key signed, and by which algorithm. Parsing is
canonical: formatting what was parsed gives the same bytes again. What a note says counts for nothing before a
known key's signature was verified.
"""

from dataclasses import dataclass
from hashlib import sha256

from tagcore.base64_text import format_base64, parse_base64
from tagcore.errors import NoteError, SignatureError
from tagcore.keys import PUBLIC_KEY_BYTES, Signer, verify_signature

ED25519 = 0x01
"""Signature type: Ed25519 over the note's text."""
COSIGNATURE_V1 = 0x04
"""Signature type: a witness's cosignature with its time (C2SP tlog-cosignature)."""

KEY_ID_BYTES = 4
MAX_NOTE_BYTES = 1_000_000
MAX_SIGNATURES = 100
"""As Go's `note` package limits them: what we accept, others accept."""

_DASH = "— "


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierKey:
    """A public key that notes are checked with: its name, signature type (0-255) and Ed25519 key (32 bytes).

    Raises: NoteError for a name that is empty or holds a space, a control character or a plus sign, or for a key
    of another length.
    """

    name: str
    algorithm: int
    public_key: bytes

    def __post_init__(self) -> None:
        _check_name(self.name)
        if self.algorithm not in (ED25519, COSIGNATURE_V1):
            raise NoteError(
                f"got a key of signature type {self.algorithm}, want {ED25519} or {COSIGNATURE_V1}"
            )
        if len(self.public_key) != PUBLIC_KEY_BYTES:
            raise NoteError(f"got a public key of {len(self.public_key)} bytes, want {PUBLIC_KEY_BYTES}")

    @property
    def key_id(self) -> bytes:
        """The first 4 bytes of SHA-256(name, newline, type, key)."""
        named = self.name.encode() + b"\n" + bytes([self.algorithm]) + self.public_key
        return sha256(named).digest()[:KEY_ID_BYTES]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSignature:
    """One signature line: who claims to have signed (name and 4-byte key id), and the signature's bytes."""

    name: str
    key_id: bytes
    signature: bytes

    def claims(self, key: VerifierKey) -> bool:
        """Whether the line says that `key` signed; nothing is verified."""
        return self.name == key.name and self.key_id == key.key_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A text, ending in a newline, and its signature lines in order; none is verified yet."""

    text: str
    signatures: tuple[NoteSignature, ...]


def parse_verifier_key(text: str) -> VerifierKey:
    """A key from `NAME+ID+BASE64`, its id 8 lower-case hex digits. Raises: NoteError."""
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    data = _decode(encoded)
    if not data:
        raise NoteError("the verifier key is empty")
    key = VerifierKey(name=name, algorithm=data[0], public_key=data[1:])
    if key.key_id.hex() != key_id:
        raise NoteError(f"got the key id {key_id[:16]!r}, want {key.key_id.hex()}")
    return key


def format_verifier_key(key: VerifierKey) -> str:
    """The inverse of `parse_verifier_key`."""
    encoded = format_base64(bytes([key.algorithm]) + key.public_key)
    return f"{key.name}+{key.key_id.hex()}+{encoded}"


def parse_note(data: bytes) -> Note:
    """A note from its bytes: at most 1,000,000, with 1 to 100 signatures. Raises: NoteError."""
    if len(data) > MAX_NOTE_BYTES:
        raise NoteError(f"got a note of {len(data)} bytes, want at most {MAX_NOTE_BYTES}")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError:
        raise NoteError("the note is not UTF-8") from None
    if any(character < " " and character != "\n" for character in whole):
        raise NoteError("the note holds a control character")
    text, blank, lines = whole.rpartition("\n\n")
    if not blank or not lines.endswith("\n"):
        raise NoteError("the note has no signatures after an empty line, or its last line does not end")
    signatures = tuple(parse_signature_line(line) for line in lines[:-1].split("\n"))
    if len(signatures) > MAX_SIGNATURES:
        raise NoteError(f"got {len(signatures)} signatures, want at most {MAX_SIGNATURES}")
    return Note(text=text + "\n", signatures=signatures)


def format_note(note: Note) -> bytes:
    """The inverse of `parse_note`."""
    lines = "".join(format_signature_line(signature) + "\n" for signature in note.signatures)
    return f"{note.text}\n{lines}".encode()


def parse_signature_line(line: str) -> NoteSignature:
    """A signature from its line, without the newline. Raises: NoteError."""
    if not line.startswith(_DASH):
        raise NoteError("a signature line does not begin with a dash and a space")
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    _check_name(name)
    data = _decode(encoded)
    if len(data) <= KEY_ID_BYTES:
        raise NoteError(f"the signature of {name} has no more than its key id")
    return NoteSignature(name=name, key_id=data[:KEY_ID_BYTES], signature=data[KEY_ID_BYTES:])


def format_signature_line(signature: NoteSignature) -> str:
    """The inverse of `parse_signature_line`."""
    return f"{_DASH}{signature.name} {format_base64(signature.key_id + signature.signature)}"


def sign_note(text: str, name: str, signer: Signer) -> NoteSignature:
    """The Ed25519 signature of `text`, which ends in a newline, by `signer` under the key name `name`."""
    key = VerifierKey(name=name, algorithm=ED25519, public_key=signer.public_key)
    return NoteSignature(name=name, key_id=key.key_id, signature=signer.sign(text.encode()))


def verify_note(note: Note, key: VerifierKey) -> None:
    """Check that `key`, of type ED25519, signed the note; each line that claims so has to be right.

    Raises: NoteError.
    """
    claimed = [signature for signature in note.signatures if signature.claims(key)]
    if key.algorithm != ED25519 or not claimed:
        raise NoteError(f"the note is not signed by {key.name}, key {key.key_id.hex()}")
    for signature in claimed:
        try:
            verify_signature(key.public_key, signature.signature, note.text.encode())
        except SignatureError as error:
            raise NoteError(f"the signature of {key.name} is wrong") from error


def _check_name(name: str) -> None:
    if not name or any(
        character == "+" or character.isspace() or _is_no_text(character) for character in name
    ):
        raise NoteError(
            f"got the key name {name[:100]!r}, want one without spaces, control characters or plus"
        )


def _decode(text: str) -> bytes:
    try:
        return parse_base64(text)
    except ValueError as error:
        raise NoteError(f"a key or a signature is {error}") from None


def _is_no_text(character: str) -> bool:
    """A control character, or half of a surrogate pair, which UTF-8 cannot write."""
    return character < " " or "\ud800" <= character <= "\udfff"
