from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagcore.commitment import (
    COMMITMENT_BYTES,
    Commitment,
    commitment_of,
    format_commitment,
    parse_commitment,
)
from tagcore.errors import ProofError
from tests.tagcore.logs import CHECKPOINT, ORIGIN

COMMITMENT = commitment_of(CHECKPOINT)
DATA = format_commitment(COMMITMENT)


def test_is_89_bytes_of_magic_version_origin_size_and_root() -> None:
    assert (
        b"origintag/anchor\x01" + sha256(ORIGIN.encode()).digest() + b"\0" * 7 + b"\7" + CHECKPOINT.root
        == DATA
    )
    assert len(DATA) == COMMITMENT_BYTES
    assert parse_commitment(DATA) == COMMITMENT


@pytest.mark.parametrize(
    ("attack", "data"),
    [
        ("empty", b""),
        ("short", DATA[:-1]),
        ("long", DATA + b"\0"),
        ("other magic", b"O" + DATA[1:]),
        ("later version", DATA[:16] + b"\2" + DATA[17:]),
        ("size beyond 63 bits", DATA[:49] + b"\x80" + DATA[50:]),
    ],
)
def test_refuses_other_bytes(attack: str, data: bytes) -> None:
    with pytest.raises(ProofError):
        parse_commitment(data)


@pytest.mark.parametrize(
    "commitment",
    [
        replace(COMMITMENT, origin_hash=bytes(31), root=bytes(33)),
        replace(COMMITMENT, origin_hash=bytes(33), root=bytes(31)),
    ],
)
def test_writes_no_hash_of_another_length(commitment: Commitment) -> None:
    with pytest.raises(ValueError, match="not 32 bytes"):
        format_commitment(commitment)


@given(st.binary(max_size=100) | st.binary(min_size=72, max_size=72).map(lambda rest: DATA[:17] + rest))
def test_any_bytes_are_read_back_or_raise_only_our_error(data: bytes) -> None:
    try:
        commitment = parse_commitment(data)
    except ProofError:
        return
    assert format_commitment(commitment) == data
