"""Every exception that hostile input can raise from tagcore, drawn as a tree.

::

    TagcoreError                 code, a stable machine name; its text is for people
    ├── InputError               what was read is not a tag of this kind
    │   ├── GtinError            GTIN_INVALID
    │   ├── Gs1SyntaxError       GS1_SYNTAX
    │   ├── SerialError          SERIAL_INVALID
    │   ├── TagSyntaxError       TAG_SYNTAX      the text is addressed to us, yet it is no canonical tag
    │   ├── UnsupportedFormatError  TAG_FORMAT_UNSUPPORTED   a later format: update, do not condemn
    │   ├── ForeignCodeError     FOREIGN_CODE    another kind of code altogether
    │   └── DocumentError        DOCUMENT_INVALID  JSON that is not exactly the document that it has to be
    ├── SignatureError           SIGNATURE_INVALID
    ├── TrustError               TRUST_INVALID   the trust bundle itself cannot be believed
    ├── ProofError               PROOF_INVALID   a proof, or something that it rests on, does not hold
    │   └── NoteError            NOTE_INVALID    not a signed note, a key or a checkpoint as C2SP writes them
    └── TransitionError          TRANSITION_REFUSED   the state table does not allow the action

Misuse by a caller (a negative index, a key of the wrong length) is `ValueError`.
"""

from enum import StrEnum
from typing import ClassVar


class Step(StrEnum):
    """The steps of a proof's verification in their order (docs/spec/log.md, section 8)."""

    FORMAT = "FORMAT"
    TAG_SIGNATURE = "TAG_SIGNATURE"
    BATCH_INCLUSION = "BATCH_INCLUSION"
    MANIFEST_SIGNATURE = "MANIFEST_SIGNATURE"
    LOG_INCLUSION = "LOG_INCLUSION"
    CHECKPOINT_SIGNATURE = "CHECKPOINT_SIGNATURE"
    WITNESSES = "WITNESSES"
    ANCHORS = "ANCHORS"
    DIGEST = "DIGEST"


class TagcoreError(Exception):
    """Base of all errors that input, rather than a caller's mistake, can cause."""

    code: ClassVar[str] = "TAGCORE"


class InputError(TagcoreError):
    """What was read is not what it has to be."""

    code = "INPUT"


class GtinError(InputError):
    """Not a GTIN, or its check digit is wrong (GS1 General Specifications, 7.9)."""

    code = "GTIN_INVALID"


class Gs1SyntaxError(InputError):
    """A GS1 element breaks the rules of its application identifier."""

    code = "GS1_SYNTAX"


class SerialError(InputError):
    """Not a serial of the form that this system generates."""

    code = "SERIAL_INVALID"


class TagSyntaxError(InputError):
    """Addressed to a tag host, but not a canonical tag."""

    code = "TAG_SYNTAX"


class UnsupportedFormatError(InputError):
    """A tag of a format that this release does not know."""

    code = "TAG_FORMAT_UNSUPPORTED"


class ForeignCodeError(InputError):
    """Text of another kind, not a tag's URL at all."""

    code = "FOREIGN_CODE"


class DocumentError(InputError):
    """A JSON document is malformed, too large, or not in the one form that its specification gives it."""

    code = "DOCUMENT_INVALID"


class SignatureError(TagcoreError):
    """The signature does not fit the bytes and the key."""

    code = "SIGNATURE_INVALID"


class TrustError(TagcoreError):
    """A trust bundle is malformed, contradicts itself or is not signed by its root."""

    code = "TRUST_INVALID"


class ProofError(TagcoreError):
    """A proof, or something that it rests on, does not hold; `step` is where, once it is known."""

    code = "PROOF_INVALID"

    def __init__(self, message: str, *, step: Step | None = None) -> None:
        super().__init__(message)
        self.step = step


class NoteError(ProofError):
    """Not a signed note, a verifier key or a checkpoint in C2SP's form, or not signed by the key that is asked for."""

    code = "NOTE_INVALID"


class TransitionError(TagcoreError):
    """A unit's state does not allow the action."""

    code = "TRANSITION_REFUSED"

    def __init__(self, state: str, action: str, why: str) -> None:
        super().__init__(f"{action} is refused for a unit that is {state}: {why}")
        self.state = state
        self.action = action
        self.why = why
