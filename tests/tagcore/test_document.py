import json
import sys
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagcore.canonical import Json, canonical_json
from tagcore.document import MAX_DEPTH, Members, parse_document
from tagcore.entries import parse_entry
from tagcore.errors import DocumentError, TrustError
from tagcore.proof_file import parse_proof
from tagcore.trust import parse_trust


class Word(StrEnum):
    YES = "yes"


@pytest.mark.parametrize(
    ("attack", "data"),
    [
        ("too large", b"[" + b"1," * 60 + b"1]"),
        ("not UTF-8", b'"\xff"'),
        ("byte order mark", b"\xef\xbb\xbf{}"),
        ("not JSON", b"{"),
        ("empty", b""),
        ("white space", b'{"a": 1}'),
        ("newline behind", b"{}\n"),
        ("members unsorted", b'{"b":1,"a":2}'),
        ("a member twice", b'{"a":1,"a":1}'),
        ("fraction", b'{"a":1.0}'),
        ("exponent", b'{"a":1e2}'),
        ("not a number", b'{"a":NaN}'),
        ("beyond 53 bits", b'{"a":9007199254740992}'),
        ("minus zero", b'{"a":-0}'),
        ("needless escape", rb'{"a":"\u0041"}'),
        ("half a surrogate pair", rb'{"a":"\ud800"}'),
        ("two values", b"{}{}"),
        ("nested too deep", b"[" * 100),
    ],
)
def test_refuses_whatever_is_not_the_one_form(attack: str, data: bytes) -> None:
    with pytest.raises(DocumentError):
        parse_document(data, 100)


@pytest.fixture
def no_limit_of_recursion() -> Iterator[None]:
    """As in a process in which somebody's library has raised it: there a deep document would end the process."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(10**6)
    yield
    sys.setrecursionlimit(before)


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 30_000,
        b"[" * 30_000 + b"]" * 30_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b'["]"' + b',[""' * 33,
        rb'["\\"' + b',["\\""' * 33,
    ],
)
def test_deep_nesting_raises_only_our_errors(data: bytes, no_limit_of_recursion: None) -> None:
    for parse in (parse_entry, parse_proof, lambda found: parse_document(found, 100_000)):
        with pytest.raises(DocumentError, match="more than 32 deep"):
            parse(data)
    with pytest.raises(TrustError, match="more than 32 deep"):
        parse_trust(data)


def test_brackets_in_texts_are_no_nesting() -> None:
    value: Json = ["[" * 100, '"[' * 100, "\\", {'{"': "\\" * 33}]
    assert parse_document(canonical_json(value), 10_000) == value
    deepest: Json = 1
    for _ in range(MAX_DEPTH):
        deepest = [deepest]
    assert parse_document(canonical_json(deepest), 1000) == deepest


@given(st.binary() | st.text().map(lambda text: json.dumps({"a": text}).encode()))
def test_any_bytes_are_read_back_or_raise_only_our_error(data: bytes) -> None:
    try:
        value = parse_document(data, 1000)
    except DocumentError:
        return
    assert canonical_json(value) == data


def take_all(members: Members) -> tuple[object, ...]:
    taken = (
        members.text("text"),
        members.word("word", Word),
        members.integer("integer", 0, 5),
        members.hex("hex", 2),
        members.base64("base64"),
        members.moment("moment").year,
        members.items("items", 2),
        members.object("object").integer("x", 1),
        members.is_null("null"),
        members.is_null("absent"),
    )
    members.constant("constant", 1, "one")
    members.done()
    return taken


GOOD: dict[str, Json] = {
    "text": "a",
    "word": "yes",
    "integer": 5,
    "hex": "00ff",
    "base64": "AA==",
    "moment": "2026-07-01T12:30:15Z",
    "items": [1, "2"],
    "object": {"x": 1},
    "null": None,
    "constant": "one",
}


def test_takes_each_member_in_its_type() -> None:
    assert take_all(Members(GOOD)) == (
        "a", Word.YES, 5, b"\x00\xff", b"\0", 2026, (1, "2"), 1, True, False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("text", 1),
        ("word", "no"),
        ("word", 1),
        ("integer", 6),
        ("integer", -1),
        ("integer", True),
        ("integer", "5"),
        ("hex", "00FF"),
        ("hex", "00 ff"),
        ("hex", "00"),
        ("hex", "zzzz"),
        ("base64", "AA"),
        ("moment", "now"),
        ("items", {}),
        ("items", [1, 2, 3]),
        ("object", []),
        ("object", {}),
        ("constant", "two"),
        ("constant", True),
        ("unknown", None),
        ("null", 0),
    ],
)
def test_refuses_a_member_of_another_form(name: str, value: Any) -> None:  # noqa: ANN401 (JSON)
    with pytest.raises(DocumentError):
        take_all(Members({**GOOD, name: value}))


@pytest.mark.parametrize("name", sorted(set(GOOD) - {"null"}))
def test_refuses_a_document_without_the_member(name: str) -> None:
    with pytest.raises(DocumentError, match="missing"):
        take_all(Members({other: value for other, value in GOOD.items() if other != name}))


@pytest.mark.parametrize("value", [None, 1, "x", [], True])
def test_refuses_what_is_no_object(value: Json) -> None:
    with pytest.raises(DocumentError, match="want an object"):
        Members(value)
