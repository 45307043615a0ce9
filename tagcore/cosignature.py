"""Cosignatures: a witness's word that it saw a checkpoint, found it consistent with all before, and when.

C2SP tlog-cosignature, the Ed25519 form. A policy says how many of which witnesses make a checkpoint witnessed;
with no policy it is unwitnessed, whoever signed.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tagcore.errors import NoteError, ProofError, SignatureError, Step
from tagcore.keys import Signer, verify_signature
from tagcore.note import COSIGNATURE_V1, Note, NoteSignature, VerifierKey

_TIME_BYTES = 8
_LATEST = int(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp())
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessPolicy:
    """Checkpoints are witnessed when `threshold` of `witnesses` cosigned them; none of none is "unwitnessed".

    Raises: ValueError unless the keys are cosignature keys, each once, and 1 <= threshold <= their number, or all
    is empty and 0.
    """

    threshold: int = 0
    witnesses: tuple[VerifierKey, ...] = ()

    def __post_init__(self) -> None:
        lowest = 1 if self.witnesses else 0
        if not lowest <= self.threshold <= len(self.witnesses):
            raise ValueError(
                f"got {self.threshold} of {len(self.witnesses)} witnesses, want 1 to all of them"
            )
        keys = Counter(witness.public_key for witness in self.witnesses)
        if any(number > 1 for number in keys.values()):
            raise ValueError("a witness's key is listed twice")
        if any(witness.algorithm != COSIGNATURE_V1 for witness in self.witnesses):
            raise ValueError(f"a witness's key is not of type {COSIGNATURE_V1}, cosignature/v1")


def cosign(note: Note, name: str, signer: Signer, at: datetime) -> NoteSignature:
    """The cosignature of `note`, a checkpoint, by the witness `name` at `at` (aware, from 1970 on, cut to seconds)."""
    seconds = (at - _EPOCH) // timedelta(seconds=1)
    key = VerifierKey(name=name, algorithm=COSIGNATURE_V1, public_key=signer.public_key)
    signature = seconds.to_bytes(_TIME_BYTES, "big") + signer.sign(_message(note, seconds))
    return NoteSignature(name=name, key_id=key.key_id, signature=signature)


def verify_cosignature(note: Note, signature: NoteSignature, witness: VerifierKey) -> datetime:
    """When `witness` cosigned `note`, whose text is a checkpoint. Raises: NoteError when it did not."""
    if witness.algorithm != COSIGNATURE_V1 or not signature.claims(witness):
        raise NoteError(f"this is no cosignature of {witness.name}, key {witness.key_id.hex()}")
    seconds = int.from_bytes(signature.signature[:_TIME_BYTES], "big")
    if seconds > _LATEST:
        raise NoteError(f"the cosignature of {witness.name} has an impossible time")
    try:
        verify_signature(witness.public_key, signature.signature[_TIME_BYTES:], _message(note, seconds))
    except SignatureError as error:
        raise NoteError(f"the cosignature of {witness.name} is wrong") from error
    return _EPOCH + timedelta(seconds=seconds)


def witnesses_of(note: Note, policy: WitnessPolicy) -> tuple[VerifierKey, ...]:
    """Those of the policy's witnesses that cosigned `note`, in the policy's order.

    Lines of others are passed over. Raises: NoteError when a line that claims to be of one of them is wrong.
    """
    return tuple(witness for witness in policy.witnesses if _signed(note, witness))


def verify_witnesses(note: Note, policy: WitnessPolicy) -> tuple[VerifierKey, ...]:
    """The witnesses of `note`, enough for the policy. Raises: ProofError, step WITNESSES."""
    try:
        found = witnesses_of(note, policy)
    except NoteError as error:
        raise ProofError(str(error), step=Step.WITNESSES) from error
    if len(found) < policy.threshold:
        raise ProofError(
            f"got the cosignatures of {len(found)} witnesses, want {policy.threshold} of {len(policy.witnesses)}",
            step=Step.WITNESSES,
        )
    return found


def _signed(note: Note, witness: VerifierKey) -> bool:
    """Whether any line is this witness's; each that claims to be has to verify."""
    claimed = [signature for signature in note.signatures if signature.claims(witness)]
    for signature in claimed:
        verify_cosignature(note, signature, witness)
    return bool(claimed)


def _message(note: Note, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{note.text}".encode()
