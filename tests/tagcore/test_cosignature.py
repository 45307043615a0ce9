from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tagcore.cosignature import (
    WitnessPolicy,
    cosign,
    verify_cosignature,
    verify_witnesses,
    witnesses_of,
)
from tagcore.errors import NoteError, ProofError, Step
from tagcore.note import Note, NoteSignature, format_note, parse_note
from tests.tagcore.logs import AT, LOG_KEY, NOTE, WITNESS_KEYS, WITNESSES

POLICY = WitnessPolicy(threshold=2, witnesses=WITNESS_KEYS)
COSIGNATURES = tuple(
    cosign(NOTE, key.name, signer, AT) for key, signer in zip(WITNESS_KEYS, WITNESSES, strict=True)
)


def with_lines(*lines: NoteSignature) -> Note:
    return parse_note(format_note(replace(NOTE, signatures=(*NOTE.signatures, *lines))))


@pytest.mark.parametrize(
    ("at", "want"),
    [
        (AT, AT),
        (AT + timedelta(milliseconds=999), AT),
        (datetime(1970, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)),
        (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_cosignature_tells_when_it_was_given(at: datetime, want: datetime) -> None:
    line = cosign(NOTE, WITNESS_KEYS[0].name, WITNESSES[0], at)
    assert verify_cosignature(NOTE, line, WITNESS_KEYS[0]) == want


def test_the_signed_message_is_that_of_the_specification() -> None:
    class Recorder:
        public_key = bytes(32)
        seen = b""

        def sign(self, message: bytes) -> bytes:
            Recorder.seen = message
            return bytes(64)

    cosign(NOTE, "w", Recorder(), datetime(2023, 3, 20, 12, 25, 47, tzinfo=UTC))
    assert Recorder.seen == f"cosignature/v1\ntime 1679315147\n{NOTE.text}".encode()


def test_refuses_a_line_of_another_witness() -> None:
    with pytest.raises(NoteError, match="no cosignature of"):
        verify_cosignature(NOTE, COSIGNATURES[0], WITNESS_KEYS[1])


def test_refuses_a_logs_signature_for_a_cosignature() -> None:
    with pytest.raises(NoteError, match="no cosignature of"):
        verify_cosignature(NOTE, NOTE.signatures[0], LOG_KEY)


@pytest.mark.parametrize("place", [0, 7, 8, 40, 71])
def test_refuses_a_changed_time_or_signature(place: int) -> None:
    data = bytearray(COSIGNATURES[0].signature)
    data[place] ^= 1
    with pytest.raises(NoteError, match=r"impossible time|is wrong"):
        verify_cosignature(NOTE, replace(COSIGNATURES[0], signature=bytes(data)), WITNESS_KEYS[0])


@pytest.mark.parametrize("length", [0, 7, 8, 71, 73])
def test_refuses_a_cosignature_of_another_length(length: int) -> None:
    data = (COSIGNATURES[0].signature + b"?")[:length]
    with pytest.raises(NoteError, match="is wrong"):
        verify_cosignature(NOTE, replace(COSIGNATURES[0], signature=data), WITNESS_KEYS[0])


def test_refuses_a_cosignature_of_another_checkpoint() -> None:
    other = replace(NOTE, text=NOTE.text.replace("\n7\n", "\n8\n"))
    with pytest.raises(NoteError, match="is wrong"):
        verify_cosignature(other, COSIGNATURES[0], WITNESS_KEYS[0])


def test_finds_the_policys_witnesses_and_nobody_else() -> None:
    stranger = cosign(NOTE, "stranger.example", LOG_WITNESS, AT)
    note = with_lines(COSIGNATURES[2], stranger, COSIGNATURES[0])
    assert witnesses_of(note, POLICY) == (WITNESS_KEYS[0], WITNESS_KEYS[2])
    assert verify_witnesses(note, POLICY) == (WITNESS_KEYS[0], WITNESS_KEYS[2])


LOG_WITNESS = WITNESSES[1]


def test_a_witness_that_signs_twice_counts_once() -> None:
    later = cosign(NOTE, WITNESS_KEYS[0].name, WITNESSES[0], AT + timedelta(hours=1))
    with pytest.raises(ProofError, match="got the cosignatures of 1 witnesses, want 2 of 3") as caught:
        verify_witnesses(with_lines(COSIGNATURES[0], later), POLICY)
    assert caught.value.step is Step.WITNESSES


def test_one_wrong_line_of_a_known_witness_spoils_it() -> None:
    wrong = replace(COSIGNATURES[2], signature=COSIGNATURES[2].signature[:-1] + b"?")
    with pytest.raises(ProofError, match="is wrong") as caught:
        verify_witnesses(with_lines(COSIGNATURES[0], COSIGNATURES[1], wrong), POLICY)
    assert caught.value.step is Step.WITNESSES


def test_no_policy_is_unwitnessed_whoever_signed() -> None:
    assert verify_witnesses(with_lines(*COSIGNATURES), WitnessPolicy()) == ()


@pytest.mark.parametrize(
    ("threshold", "witnesses"),
    [
        (1, ()),
        (0, WITNESS_KEYS),
        (4, WITNESS_KEYS),
        (1, (WITNESS_KEYS[0], replace(WITNESS_KEYS[0], name="again"))),
        (1, (LOG_KEY,)),
    ],
)
def test_refuses_a_policy_that_is_none(threshold: int, witnesses: tuple[object, ...]) -> None:
    with pytest.raises(ValueError, match="witness"):
        WitnessPolicy(threshold=threshold, witnesses=witnesses)  # type: ignore[arg-type]  # (parametrised)
