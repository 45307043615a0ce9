"""A real litewitness cosigns our checkpoints, refuses our forgeries, and survives what it has to survive."""

import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tagcore.checkpoint import Checkpoint, open_checkpoint
from tagcore.cosignature import WitnessPolicy, witnesses_of
from tagcore.merkle import consistency_proof
from tagcore.note import ED25519, VerifierKey, format_note, format_verifier_key
from tagcore.witnessing import (
    SIZE_MEDIA_TYPE,
    Submission,
    format_submission,
    parse_answer,
    parse_size,
)
from tagserver.log.witness_client import Answer, ask_witness
from tests.strangers.litewitness import NAME, Litewitness, running_litewitness
from tests.strangers.programs import logcheck
from tests.strangers.writer import LogWriter
from tests.tagcore.logs import LOG, ORIGIN
from tests.vectors.cast import TestKey


@pytest.fixture(scope="module")
def litewitness() -> Iterator[Litewitness]:
    with running_litewitness() as running:
        yield running


@pytest.fixture
def log(tmp_path: Path, litewitness: Litewitness, request: pytest.FixtureRequest) -> LogWriter:
    """A log of this test's own, which the witness watches."""
    folder = tmp_path / "log"
    folder.mkdir()
    writer = LogWriter(folder, f"{ORIGIN}/{request.node.name.replace('[', '-').rstrip(']')}", LOG)
    litewitness.watch(writer.key)
    return writer


def grow(log: LogWriter, count: int) -> None:
    log.append([f"entry {number}".encode() for number in range(len(log.entries), len(log.entries) + count)])


def offer(litewitness: Litewitness, log: LogWriter, old: int, *, note: bytes | None = None) -> Answer:
    """Ask as our server does."""
    size = len(log.entries)
    proof = consistency_proof(old, size, log.read) if 0 < old <= size else ()
    checkpoint = note or (log.folder / "checkpoint").read_bytes()
    body = format_submission(Submission(old_size=old, proof=proof, checkpoint=checkpoint))
    return ask_witness(litewitness.url, body)


def cosigned(litewitness: Litewitness, log: LogWriter, answer: Answer) -> bytes:
    """The checkpoint with the witness's line, which has to verify."""
    assert answer.status == 200, answer
    _, note = open_checkpoint((log.folder / "checkpoint").read_bytes(), log.key)
    note = replace(note, signatures=note.signatures + parse_answer(answer.body))
    assert witnesses_of(note, WitnessPolicy(threshold=1, witnesses=(litewitness.key,))) == (litewitness.key,)
    return format_note(note)


def test_its_key_is_one_that_we_can_read(litewitness: Litewitness) -> None:
    assert litewitness.key.name == NAME


def test_cosigns_a_log_that_grows(litewitness: Litewitness, log: LogWriter, tmp_path: Path) -> None:
    sizes, data = [0], b""
    for count in (1, 1, 5, 250, 300):
        grow(log, count)
        data = cosigned(litewitness, log, offer(litewitness, log, sizes[-1]))
        sizes.append(len(log.entries))
    policy, checkpoint = tmp_path / "policy", tmp_path / "checkpoint"
    key, witness = format_verifier_key(log.key), format_verifier_key(litewitness.key)
    policy.write_text(f"log {key}\nwitness w {witness}\nquorum w\n")
    checkpoint.write_bytes(data)
    assert logcheck("policy", policy, checkpoint)["signers"] == [log.key.name, NAME]


def test_the_same_checkpoint_is_cosigned_again(litewitness: Litewitness, log: LogWriter) -> None:
    grow(log, 4)
    cosigned(litewitness, log, offer(litewitness, log, 0))
    cosigned(litewitness, log, offer(litewitness, log, 4))


def test_tells_what_it_has_seen_when_we_remember_less(litewitness: Litewitness, log: LogWriter) -> None:
    grow(log, 4)
    offer(litewitness, log, 0)
    grow(log, 3)
    answer = offer(litewitness, log, 2)
    assert (answer.status, answer.media_type, parse_size(answer.body)) == (409, SIZE_MEDIA_TYPE, 4)
    cosigned(litewitness, log, offer(litewitness, log, 4))


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["stopped", "killed"])
def test_remembers_us_when_it_was_started_again(
    litewitness: Litewitness, log: LogWriter, how: signal.Signals
) -> None:
    grow(log, 4)
    cosigned(litewitness, log, offer(litewitness, log, 0))
    litewitness.stop(how)
    litewitness.start()
    grow(log, 9)
    assert offer(litewitness, log, 0).status == 409
    cosigned(litewitness, log, offer(litewitness, log, 4))


def test_refuses_a_fork(litewitness: Litewitness, log: LogWriter) -> None:
    grow(log, 4)
    cosigned(litewitness, log, offer(litewitness, log, 0))
    log.entries = [b"another past", *log.entries[1:]]
    grow(log, 3)
    assert offer(litewitness, log, 4).status == 422


def test_refuses_another_root_at_the_same_size(litewitness: Litewitness, log: LogWriter) -> None:
    grow(log, 4)
    cosigned(litewitness, log, offer(litewitness, log, 0))
    forged = log.signed(Checkpoint(origin=log.key.name, size=4, root=bytes(32)))
    assert offer(litewitness, log, 4, note=forged).status in (409, 422)


def test_refuses_a_log_that_was_rolled_back(litewitness: Litewitness, log: LogWriter) -> None:
    grow(log, 4)
    shorter = (log.folder / "checkpoint").read_bytes()
    grow(log, 4)
    cosigned(litewitness, log, offer(litewitness, log, 0))
    assert offer(litewitness, log, 4, note=shorter).status == 409


def test_refuses_a_checkpoint_that_another_key_signed(litewitness: Litewitness, log: LogWriter) -> None:
    grow(log, 4)
    thief = LogWriter(log.folder, log.key.name, TestKey("somebody else's log"))
    thief.append(log.entries)
    assert offer(litewitness, thief, 0).status == 403


def test_does_not_know_a_log_that_nobody_added(litewitness: Litewitness, tmp_path: Path) -> None:
    stranger = LogWriter(tmp_path, "unknown.example.com/log", LOG)
    grow(stranger, 2)
    assert offer(litewitness, stranger, 0).status == 404
    assert stranger.key == VerifierKey(
        name="unknown.example.com/log", algorithm=ED25519, public_key=LOG.public_key
    )
