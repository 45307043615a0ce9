from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagcore.checkpoint import (
    MAX_TREE_SIZE,
    Checkpoint,
    format_checkpoint,
    open_checkpoint,
    parse_checkpoint,
    sign_checkpoint,
)
from tagcore.errors import NoteError, ProofError, Step
from tagcore.note import Note, VerifierKey, format_note, sign_note
from tests.tagcore.logs import CHECKPOINT, LOG, LOG_KEY, NOTE, ORIGIN, WITNESS_KEYS

TEXT = format_checkpoint(CHECKPOINT)
ROOT = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


def test_is_three_lines() -> None:
    assert f"{ORIGIN}\n7\n{ROOT}\n" == TEXT


def test_reads_the_specifications_example() -> None:
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    checkpoint = parse_checkpoint(text)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert format_checkpoint(checkpoint) == text


@pytest.mark.parametrize(
    "checkpoint",
    [
        CHECKPOINT,
        replace(CHECKPOINT, size=0),
        replace(CHECKPOINT, size=MAX_TREE_SIZE),
        replace(CHECKPOINT, extensions=("one", "two")),
    ],
)
def test_a_signed_checkpoint_opens_as_itself(checkpoint: Checkpoint) -> None:
    data = format_note(sign_checkpoint(checkpoint, LOG))
    assert open_checkpoint(data, LOG_KEY)[0] == checkpoint


@pytest.mark.parametrize(
    ("attack", "text"),
    [
        ("empty", ""),
        ("last line does not end", TEXT[:-1]),
        ("two lines", f"{ORIGIN}\n7\n"),
        ("empty origin", f"\n7\n{ROOT}\n"),
        ("empty extension line", f"{TEXT}\n"),
        ("leading zero", f"{ORIGIN}\n07\n{ROOT}\n"),
        ("plus sign", f"{ORIGIN}\n+7\n{ROOT}\n"),
        ("other digits", f"{ORIGIN}\n٧\n{ROOT}\n"),
        ("beyond 63 bits", f"{ORIGIN}\n{MAX_TREE_SIZE + 1}\n{ROOT}\n"),
        ("short root", f"{ORIGIN}\n7\nAAEC\n"),
        ("root in hex", f"{ORIGIN}\n7\n{'00' * 31}!\n"),
    ],
)
def test_refuses_a_checkpoint(attack: str, text: str) -> None:
    with pytest.raises(NoteError):
        parse_checkpoint(text)


@pytest.mark.parametrize(
    "checkpoint",
    [
        replace(CHECKPOINT, origin=""),
        replace(CHECKPOINT, size=-1),
        replace(CHECKPOINT, root=b""),
        replace(CHECKPOINT, extensions=("",)),
        replace(CHECKPOINT, extensions=("one\ntwo",)),
    ],
)
def test_writes_nothing_that_does_not_read_back(checkpoint: Checkpoint) -> None:
    with pytest.raises(ValueError, match=r"."):
        format_checkpoint(checkpoint)


def signed_by(name: str) -> bytes:
    return format_note(Note(text=TEXT, signatures=(sign_note(TEXT, name, LOG),)))


@pytest.mark.parametrize(
    ("attack", "data", "log"),
    [
        ("another key", format_note(NOTE), replace(LOG_KEY, public_key=WITNESS_KEYS[0].public_key)),
        ("another log's name", format_note(NOTE), replace(LOG_KEY, name="id.example.com/other")),
        ("another key name", signed_by("id.example.com/other"), LOG_KEY),
        (
            "no checkpoint",
            format_note(Note(text="x\n", signatures=(sign_note("x\n", ORIGIN, LOG),))),
            LOG_KEY,
        ),
        ("no note", b"", LOG_KEY),
    ],
)
def test_opens_nothing_but_the_logs_own_checkpoint(attack: str, data: bytes, log: VerifierKey) -> None:
    with pytest.raises(ProofError) as caught:
        open_checkpoint(data, log)
    assert caught.value.step is Step.CHECKPOINT_SIGNATURE


@given(st.text() | st.tuples(st.text(), st.text(), st.text()).map(lambda lines: "\n".join(lines) + "\n"))
def test_any_text_is_read_back_or_raises_only_our_error(text: str) -> None:
    try:
        checkpoint = parse_checkpoint(text)
    except NoteError:
        return
    assert format_checkpoint(checkpoint) == text
