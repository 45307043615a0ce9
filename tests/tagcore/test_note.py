from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagcore.errors import NoteError
from tagcore.note import (
    COSIGNATURE_V1,
    ED25519,
    MAX_NOTE_BYTES,
    Note,
    NoteSignature,
    VerifierKey,
    format_note,
    format_signature_line,
    format_verifier_key,
    parse_note,
    parse_signature_line,
    parse_verifier_key,
    sign_note,
    verify_note,
)
from tests.tagcore.logs import LOG, LOG_KEY, WITNESS_KEYS

TEXT = "first\n\nsecond — ends\n"
NOTE = Note(text=TEXT, signatures=(sign_note(TEXT, LOG_KEY.name, LOG),))
DATA = format_note(NOTE)
LINE = format_signature_line(NOTE.signatures[0])

# The example of C2SP signed-note, with the key that it names.
EXAMPLE = (
    "Ognuno sta solo sul cuor della terra\n"
    "trafitto da un raggio di sole:\n\n"
    "ed è subito sera.\n\n"
    "— quasimodo.example/salvatore "
    "NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n"
).encode()


def test_reads_the_specifications_example() -> None:
    note = parse_note(EXAMPLE)
    assert note.text.endswith("\n\ned è subito sera.\n")
    assert (note.signatures[0].name, note.signatures[0].key_id.hex()) == (
        "quasimodo.example/salvatore",
        "367ba04b",
    )
    assert format_note(note) == EXAMPLE


def test_a_note_reads_back_and_verifies() -> None:
    assert parse_note(DATA) == NOTE
    verify_note(parse_note(DATA), LOG_KEY)


def test_a_key_reads_back_from_its_text() -> None:
    for key in (LOG_KEY, *WITNESS_KEYS):
        assert parse_verifier_key(format_verifier_key(key)) == key


def test_the_key_id_depends_on_name_type_and_key() -> None:
    others = (
        replace(LOG_KEY, name="x"),
        replace(LOG_KEY, algorithm=COSIGNATURE_V1),
        replace(LOG_KEY, public_key=bytes(32)),
    )
    assert len({key.key_id for key in (LOG_KEY, *others)}) == 4


@pytest.mark.parametrize(
    ("attack", "text"),
    [
        ("empty", ""),
        ("no key", "name+00000000+"),
        ("another id", format_verifier_key(LOG_KEY).replace("+", "+0", 1)),
        (
            "id in upper case",
            format_verifier_key(LOG_KEY).replace(LOG_KEY.key_id.hex(), LOG_KEY.key_id.hex().upper()),
        ),
        ("short key", "name+00000000+AQ=="),
        ("unknown type", format_verifier_key(LOG_KEY).replace("+A", "+B")),
        ("not base 64", "name+00000000+??"),
        ("not ASCII", "name+00000000+é"),
        ("space in the name", format_verifier_key(LOG_KEY).replace("id.", "id ")),
        ("half a surrogate pair in the name", format_verifier_key(LOG_KEY).replace("id.", "\ud800")),
    ],
)
def test_refuses_a_verifier_key(attack: str, text: str) -> None:
    with pytest.raises(NoteError):
        parse_verifier_key(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u00a0b", "a\u2028b", "a\x01b", "\udfff"])
def test_refuses_a_key_name(name: str) -> None:
    with pytest.raises(NoteError, match="key name"):
        VerifierKey(name=name, algorithm=ED25519, public_key=bytes(32))


@pytest.mark.parametrize(
    ("attack", "data", "message"),
    [
        ("too large", b"x" * (MAX_NOTE_BYTES + 1), "at most"),
        ("not UTF-8", DATA[:-1] + b"\xff\n", "UTF-8"),
        ("tab", DATA.replace(b"first", b"fi\tst"), "control"),
        ("carriage return", DATA.replace(b"first\n", b"first\r\n"), "control"),
        ("no signature", TEXT.encode(), "dash"),
        ("no empty line", b"x\n", "no signatures"),
        ("last line does not end", DATA[:-1], "does not end"),
        ("hyphen for a dash", DATA.replace("— id".encode(), b"- id"), "dash"),
        ("two spaces", DATA.replace("— id".encode(), "—  id".encode()), "key name"),
        ("no base 64", DATA[:-2] + b"?\n", "base 64"),
        ("base 64 without padding", DATA.rstrip(b"=\n") + b"\n", "base 64"),
        ("only a key id", f"x\n\n— n {'AAAAAA=='}\n".encode(), "no more than its key id"),
        ("bits left over in base 64", f"x\n\n— n {'AAAAAAB='}\n".encode(), "base 64"),
        ("too many signatures", DATA + (LINE + "\n").encode() * 100, "at most 100"),
    ],
)
def test_refuses_a_note(attack: str, data: bytes, message: str) -> None:
    with pytest.raises(NoteError, match=message):
        parse_note(data)


def test_a_hundred_signatures_are_read() -> None:
    assert len(parse_note(DATA + (LINE + "\n").encode() * 99).signatures) == 100


def test_lines_of_unknown_keys_are_passed_over() -> None:
    stranger = NoteSignature(name="stranger", key_id=b"1234", signature=b"?")
    verify_note(replace(NOTE, signatures=(stranger, *NOTE.signatures)), LOG_KEY)


def test_refuses_a_note_of_another_key() -> None:
    with pytest.raises(NoteError, match="not signed by"):
        verify_note(NOTE, replace(LOG_KEY, public_key=WITNESS_KEYS[0].public_key))


def test_refuses_a_key_of_another_type_even_if_it_signed() -> None:
    key = replace(LOG_KEY, algorithm=COSIGNATURE_V1)
    signed = replace(NOTE, signatures=(replace(NOTE.signatures[0], key_id=key.key_id),))
    with pytest.raises(NoteError, match="not signed by"):
        verify_note(signed, key)


def test_one_wrong_line_of_a_known_key_spoils_the_note() -> None:
    wrong = replace(NOTE.signatures[0], signature=bytes(64))
    with pytest.raises(NoteError, match="is wrong"):
        verify_note(replace(NOTE, signatures=(*NOTE.signatures, wrong)), LOG_KEY)


def test_refuses_a_changed_text() -> None:
    with pytest.raises(NoteError, match="is wrong"):
        verify_note(replace(NOTE, text="other\n"), LOG_KEY)


@given(st.binary() | st.text().map(lambda text: f"{text}\n\n— {text} {text}\n".encode("utf-8", "replace")))
def test_any_bytes_are_read_back_or_raise_only_our_error(data: bytes) -> None:
    try:
        note = parse_note(data)
    except NoteError:
        return
    assert format_note(note) == data


@given(st.text() | st.text().map(lambda text: f"— {text}"))
def test_any_text_is_read_back_as_a_line_or_raises_only_our_error(text: str) -> None:
    try:
        signature = parse_signature_line(text)
    except NoteError:
        return
    assert format_signature_line(signature) == text


@given(st.integers(0, len(DATA) - 1), st.integers(1, 255))
def test_a_note_with_any_byte_changed_is_refused(place: int, change: int) -> None:
    data = bytearray(DATA)
    data[place] ^= change
    with pytest.raises(NoteError):
        verify_note(parse_note(bytes(data)), LOG_KEY)
