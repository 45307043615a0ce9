from base64 import b64encode
from dataclasses import replace

import pytest

from tagcore.checkpoint import Checkpoint, sign_checkpoint
from tagcore.cosignature import cosign
from tagcore.errors import NoteError
from tagcore.frontier import Frontier
from tagcore.merkle import EMPTY_ROOT, consistency_proof, leaf_hash
from tagcore.note import format_note, format_signature_line
from tagcore.witnessing import (
    MAX_PROOF_LINES,
    MAX_SUBMISSION_BYTES,
    Accepted,
    Known,
    Refused,
    Submission,
    format_submission,
    judge,
    parse_answer,
    parse_size,
    parse_submission,
)
from tests.tagcore.logs import AT, LOG, LOG_KEY, NOTE, ORIGIN, WITNESSES
from tests.vectors.cast import TestKey

HASHES = [leaf_hash(bytes([number])) for number in range(7)]


def read(level: int, start: int, stop: int) -> bytes:
    assert level == 0
    return b"".join(HASHES[start:stop])


def root(size: int) -> bytes:
    return Frontier().grown(HASHES[:size]).root


def checkpoint(
    size: int, *, origin: str = ORIGIN, signer: TestKey = LOG, other: bytes | None = None
) -> bytes:
    tree = Checkpoint(origin=origin, size=size, root=other or root(size))
    return format_note(sign_checkpoint(tree, signer))


def submission(old: int, size: int) -> Submission:
    proof = consistency_proof(old, size, read) if old else ()
    return Submission(old_size=old, proof=proof, checkpoint=checkpoint(size))


def known(size: int) -> Known:
    return Known(log=LOG_KEY, size=size, root=root(size))


def refused(sent: Submission, knows: Known | None) -> Refused:
    verdict = judge(sent, lambda origin: knows if origin == ORIGIN else None)
    assert isinstance(verdict, Refused)
    return verdict


@pytest.mark.parametrize(("old", "size"), [(0, 0), (0, 1), (0, 7), (3, 7), (4, 7), (6, 7), (7, 7)])
def test_accepts_a_log_that_only_grew(old: int, size: int) -> None:
    verdict = judge(submission(old, size), lambda _: known(old))
    assert isinstance(verdict, Accepted)
    assert verdict.checkpoint == Checkpoint(origin=ORIGIN, size=size, root=root(size))
    assert verdict.note.text.startswith(f"{ORIGIN}\n{size}\n")


def test_knows_of_a_new_log_that_it_is_empty() -> None:
    assert known(0).root == EMPTY_ROOT


def test_refuses_what_is_no_checkpoint() -> None:
    assert refused(replace(submission(0, 3), checkpoint=b"no note"), known(0)).status == 400


def test_refuses_a_log_that_it_does_not_know() -> None:
    sent = replace(submission(0, 3), checkpoint=checkpoint(3, origin="elsewhere.example/log"))
    assert refused(sent, known(0)).status == 404


def test_refuses_a_checkpoint_that_another_key_signed() -> None:
    sent = replace(submission(0, 3), checkpoint=checkpoint(3, signer=WITNESSES[0]))
    assert refused(sent, known(0)).status == 403


def test_refuses_an_old_size_beyond_the_new_one() -> None:
    assert refused(replace(submission(0, 3), old_size=4), known(4)).status == 400


@pytest.mark.parametrize("old", [0, 3, 5])
def test_tells_the_size_that_it_knows_when_asked_from_another(old: int) -> None:
    verdict = refused(submission(old, 7), known(4))
    assert (verdict.status, verdict.size) == (409, 4)


def test_refuses_a_second_root_for_one_size() -> None:
    sent = replace(submission(7, 7), checkpoint=checkpoint(7, other=bytes(32)))
    verdict = refused(sent, known(7))
    assert (verdict.status, verdict.size) == (409, 7)
    assert "two roots" in verdict.why


def test_refuses_a_log_that_changed_its_beginning() -> None:
    sent = replace(submission(3, 7), checkpoint=checkpoint(7, other=bytes(32)))
    assert refused(sent, known(3)).status == 422


@pytest.mark.parametrize("old", [0, 7])
def test_refuses_a_proof_where_none_is_needed(old: int) -> None:
    assert refused(replace(submission(old, 7), proof=(bytes(32),)), known(old)).status == 422


@pytest.mark.parametrize(("old", "size"), [(0, 0), (0, 5), (3, 7), (6, 7)])
def test_parses_what_it_formats(old: int, size: int) -> None:
    sent = submission(old, size)
    assert parse_submission(format_submission(sent)) == sent


def test_writes_it_as_the_specification_does() -> None:
    sent = Submission(old_size=9, proof=(bytes(32),), checkpoint=b"x\n")
    assert format_submission(sent) == b"old 9\n" + b64encode(bytes(32)) + b"\n\nx\n"


HASH = b64encode(bytes(32))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 1",
        b"old 1\n",
        b"old 01\n\nx",
        b"old -1\n\nx",
        b"old  1\n\nx",
        b"Old 1\n\nx",
        b"old 1\r\n\nx",
        b"old 1\nAAAA\n\nx",
        b"old 1\n!\n\nx",
        b"old 1\n\xff\n\nx",
        b"old 1\n" + (HASH + b"\n") * (MAX_PROOF_LINES + 1) + b"\nx",
        b"old 1\n\n" + bytes(MAX_SUBMISSION_BYTES),
    ],
)
def test_refuses_a_body_of_another_form(body: bytes) -> None:
    with pytest.raises(NoteError):
        parse_submission(body)


def test_reads_the_lines_of_an_answer() -> None:
    lines = [cosign(NOTE, f"w{number}.example.org", key, AT) for number, key in enumerate(WITNESSES)]
    body = "".join(f"{format_signature_line(line)}\n" for line in lines).encode()
    assert parse_answer(body) == tuple(lines)


@pytest.mark.parametrize("body", [b"", b"\n", b"\xff\n", b"x\n", "— w AAAAAA==".encode()])
def test_refuses_an_answer_of_another_form(body: bytes) -> None:
    with pytest.raises(NoteError):
        parse_answer(body)


def test_reads_the_size_that_a_witness_tells() -> None:
    assert [parse_size(b"0\n"), parse_size(b"20852163\n")] == [0, 20852163]


@pytest.mark.parametrize("body", [b"", b"7", b"07\n", b"-1\n", b"7\n\n", b"\xff\n", b"7" * 30 + b"\n"])
def test_refuses_a_size_of_another_form(body: bytes) -> None:
    with pytest.raises(NoteError):
        parse_size(body)
