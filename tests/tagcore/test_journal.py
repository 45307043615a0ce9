import json
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagcore.canonical import canonical_json
from tagcore.errors import DocumentError, SignatureError
from tagcore.journal import FIRST, JournalLine, format_line, line_hash, parse_line, sign_line, verify_line
from tests.vectors.proving import JOURNAL, STRANGER

LINE = sign_line(
    JournalLine(
        number=1,
        previous=FIRST,
        at=datetime(2026, 7, 1, 12, tzinfo=UTC),
        commitment=bytes(89),
        key=JOURNAL.public_key,
    ),
    JOURNAL,
)
DATA = format_line(LINE)


def test_a_line_reads_back_and_verifies() -> None:
    assert parse_line(DATA) == LINE
    verify_line(parse_line(DATA))


def test_the_key_signs_the_line_without_its_signature() -> None:
    unsigned = {name: value for name, value in json.loads(DATA).items() if name != "signature"}
    JOURNAL.private.public_key().verify(LINE.signature, b"origintag/journal/v1\n" + canonical_json(unsigned))


def test_the_next_line_names_this_one_by_its_hash() -> None:
    assert line_hash(DATA) == sha256(DATA).digest()


def test_signs_only_as_the_key_that_the_line_names() -> None:
    with pytest.raises(ValueError, match="not the key"):
        sign_line(LINE, STRANGER)


@pytest.mark.parametrize(
    "line",
    [
        replace(LINE, number=2),
        replace(LINE, previous=bytes(31) + b"\1"),
        replace(LINE, commitment=bytes(88)),
        replace(LINE, key=STRANGER.public_key),
        replace(LINE, signature=bytes(64)),
        replace(LINE, signature=b""),
    ],
)
def test_refuses_a_changed_line(line: JournalLine) -> None:
    with pytest.raises(SignatureError):
        verify_line(line)


@given(st.binary() | st.sampled_from(range(len(DATA))).map(lambda end: DATA[:end]))
def test_any_bytes_raise_only_our_error(data: bytes) -> None:
    with pytest.raises(DocumentError):
        parse_line(data)
