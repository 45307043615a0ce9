"""Witnesses: our own server answers our own client, by every status of the specification."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from tagcore.cosignature import WitnessPolicy, witnesses_of
from tagcore.entries import EntryKind
from tagcore.note import format_verifier_key, parse_note, parse_verifier_key
from tagcore.proof import verify_proof
from tagcore.trust import parse_trust
from tagcore.witnessing import SIZE_MEDIA_TYPE, parse_submission
from tagserver.log.witness_client import Answer
from tagserver.ports import NewEntry, NotStoredError, StoreUnavailableError
from tagserver.services.errors import ServiceError
from tagserver.web.witness_app import create_witness_app
from tests.tagserver.log.checking import check_log, in_folder
from tests.tagserver.services.cast import NOW, ORIGIN, WITNESS, Office, furnish, open_office

URL = "https://witness.example"


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A log, and a witness of another house; `asked` are the bodies that went over."""

    office: Office
    witness: Office
    asked: list[bytes]
    answers: dict[str, Callable[[bytes], Answer]]

    def add(self, *names: str) -> None:
        with self.office.store.write() as tx:
            for name in names:
                tx.log.add(NewEntry(kind=EntryKind.BATCH, subject="test", data=name.encode(), at=NOW))

    def problem(self) -> str:
        (witness,) = self.office.services.logs.status().witnesses
        return witness.problem

    def cosigners(self) -> list[str]:
        note = parse_note((self.office.folder / "log" / "checkpoint").read_bytes())
        policy = WitnessPolicy(threshold=1, witnesses=(self.witness.services.witnessing.key(),))
        return [key.name for key in witnesses_of(note, policy)]


@pytest.fixture
def pair(office: Office, tmp_path: Path) -> Iterator[Pair]:
    house = tmp_path / "witness"
    furnish(house)
    database = f"sqlite:///{house / 'origintag.db'}"
    from tagserver.store import open_engine, upgrade

    engine = open_engine(database)
    upgrade(engine)
    engine.dispose()
    witness = open_office(house, database, seed=b"witness")
    app = create_witness_app(witness.services.witnessing)
    asked: list[bytes] = []

    def over_http(body: bytes) -> Answer:
        asked.append(body)
        response = app.test_client().post("/add-checkpoint", data=body)
        return Answer(status=response.status_code, media_type=response.mimetype or "", body=response.data)

    answers: dict[str, Callable[[bytes], Answer]] = {URL: over_http}
    office.store.close()
    office = open_office(office.folder, office.database_url, seed=b"log", witnesses=answers, threshold=1)
    office.services.logs.create()
    witness.services.witnessing.create_key()
    office.services.logs.add_witness(format_verifier_key(witness.services.witnessing.key()), URL)
    witness.services.witnessing.watch(format_verifier_key(office.services.logs.status().key))
    yield Pair(office=office, witness=witness, asked=asked, answers=answers)
    office.store.close()
    witness.store.close()


def test_a_witness_signs_what_only_grew(pair: Pair) -> None:
    for turn in range(3):
        pair.add(*(f"{turn} {number}" for number in range(100)))
        progress = pair.office.services.logs.run()
        assert progress.cosigned == 1
        assert pair.cosigners() == [WITNESS]
        assert pair.problem() == ""
    assert [parse_submission(body).old_size for body in pair.asked] == [0, 104, 204]
    (watched,) = pair.witness.services.witnessing.logs()
    status = pair.office.services.logs.status()
    assert (watched.origin, watched.size) == (ORIGIN, status.state.published)
    assert status.vouchers.is_witnessed
    check_log(in_folder(pair.office.folder / "log"), status.state.public_key)


def test_what_is_signed_already_is_not_asked_again(pair: Pair) -> None:
    pair.office.services.logs.run()
    assert pair.office.services.logs.run().cosigned == 0
    assert len(pair.asked) == 1


def test_a_proof_carries_the_witness_and_the_bundle_asks_for_it(pair: Pair) -> None:
    batch = pair.office.issue()
    with pytest.raises(ServiceError, match="waits"):
        pair.office.services.proofs.of_text(pair.office.urls(batch)[0])
    pair.office.services.logs.run()
    data = pair.office.services.proofs.of_text(pair.office.urls(batch)[0])
    pair.office.services.trust.sign(pair.office.root)
    published = pair.office.services.trust.published()
    assert published is not None
    proven = verify_proof(data, parse_trust(published, pair.office.root.public_key), pair.office.clock())
    assert [key.name for key in proven.witnesses] == [WITNESS]
    assert proven.is_witnessed


def test_while_witnesses_are_silent_the_log_goes_on_and_proofs_wait(pair: Pair) -> None:
    batch = pair.office.issue()
    answering = pair.answers.pop(URL)
    assert pair.office.services.logs.run().placed > 0
    assert pair.problem() == "no answer: nobody there"
    with pytest.raises(ServiceError, match="waits for witnesses"):
        pair.office.services.proofs.of_text(pair.office.urls(batch)[0])
    pair.answers[URL] = answering
    assert pair.office.services.logs.run().cosigned == 0, "left in peace for a while"
    pair.office.clock.advance(timedelta(seconds=30))
    assert pair.office.services.logs.run().cosigned == 1
    assert pair.office.services.proofs.of_text(pair.office.urls(batch)[0])


def test_a_witness_that_has_seen_more_than_is_known_is_asked_from_there(pair: Pair) -> None:
    pair.office.services.logs.run()
    with pair.office.store.write() as tx:
        tx.witnesses.note(WITNESS, size=0)
    pair.add("more")
    assert pair.office.services.logs.run().cosigned == 1
    assert [parse_submission(body).old_size for body in pair.asked] == [0, 0, 4]


def answered(status: int, body: bytes = b"", media_type: str = "text/plain") -> Callable[[bytes], Answer]:
    return lambda _: Answer(status=status, media_type=media_type, body=body)


def test_a_witness_that_another_process_was_faster_to_ask_is_no_alarm(pair: Pair) -> None:
    over_http = pair.answers[URL]

    def overtaken(body: bytes) -> Answer:
        pair.answers[URL] = over_http
        pair.add("meanwhile")
        assert pair.office.services.logs.run().cosigned == 1
        return over_http(body)

    pair.answers[URL] = overtaken
    assert pair.office.services.logs.run().cosigned == 0
    assert pair.problem() == ""
    assert pair.cosigners() == [WITNESS]


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (answered(404), "does not know this log"),
        (answered(403), "by another key"),
        (answered(400), "status 400"),
        (answered(500), "status 500"),
        (answered(422), "DISAGREES"),
        (answered(409), "DISAGREES"),
        (answered(409, b"99\n", SIZE_MEDIA_TYPE), "DISAGREES: it has seen another log of 99 entries"),
        (answered(409, b"0\n", SIZE_MEDIA_TYPE), "DISAGREES"),
        (answered(409, b"x", SIZE_MEDIA_TYPE), "DISAGREES"),
        (answered(200, b"x"), "its answer is wrong"),
        (answered(200, "— other.example AAAAAAAA\n".encode()), "no signature of its key"),
    ],
)
def test_every_answer_of_a_witness_is_told_apart(
    pair: Pair, answer: Callable[[bytes], Answer], problem: str
) -> None:
    pair.answers[URL] = answer
    progress = pair.office.services.logs.run()
    assert (progress.cosigned, progress.placed) == (0, 4)
    assert problem in pair.problem()
    assert pair.office.services.logs.status().state.fork is None, "a witness alone stops no log"


def test_the_signature_of_another_checkpoint_is_refused(pair: Pair) -> None:
    pair.office.services.logs.run()
    (line,) = pair.office.services.logs.status().cosignatures
    pair.add("more")
    pair.answers[URL] = answered(200, f"{line.line}\n".encode())
    assert pair.office.services.logs.run().cosigned == 0
    assert "is wrong" in pair.problem()


def test_a_removed_witness_is_asked_no_more(pair: Pair) -> None:
    pair.office.services.logs.run()
    pair.office.services.logs.remove_witness(WITNESS)
    pair.add("more")
    pair.office.services.logs.run()
    assert len(pair.asked) == 1
    with pytest.raises(NotStoredError):
        pair.office.services.logs.remove_witness(WITNESS)


def test_the_witness_answers_by_the_statuses_of_the_specification(pair: Pair) -> None:
    pair.office.services.logs.run()
    (first,) = pair.asked
    ask = pair.answers[URL]
    size = pair.office.services.logs.status().state.published
    assert (ask(first).status, ask(first).body) == (409, b"%d\n" % size)
    assert ask(first).media_type == SIZE_MEDIA_TYPE
    note = parse_submission(first).checkpoint
    assert ask(b"old %d\n\n" % size + note).status == 200
    assert ask(b"old %d\n\n" % (size + 1) + note).status == 400
    assert ask(b"nonsense").status == 400
    assert ask(b"old 0\n\nnonsense").status == 400
    assert ask(b"old 4\n\n" + note.replace(ORIGIN.encode(), b"elsewhere.example/log")).status == 404
    assert ask(b"old 4\n\n" + note.replace(b"\n4\n", b"\n5\n")).status == 403
    proof = b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
    assert ask(b"old %d\n" % size + proof + b"\n" + note).status == 422
    app = create_witness_app(pair.witness.services.witnessing)
    assert app.test_client().get("/add-checkpoint").status_code == 405
    assert app.test_client().get("/").status_code == 404
    assert app.test_client().post("/add-checkpoint", data=bytes(1_000_001)).status_code == 413


def test_two_histories_of_one_log_are_not_both_signed(pair: Pair, tmp_path: Path) -> None:
    """The log's operator restores an older database and throws its files away: only the witness remembers."""
    import shutil

    pair.office.services.logs.run()
    pair.office.store.close()
    folder = pair.office.folder
    for suffix in ("", "-wal", "-shm"):
        file = folder / f"origintag.db{suffix}"
        if file.exists():
            shutil.copy(file, tmp_path / file.name)

    def again() -> Pair:
        office = open_office(
            folder, pair.office.database_url, seed=b"again", witnesses=pair.answers, threshold=1
        )
        return replace(pair, office=office)

    first = again()
    first.add("one history")
    assert first.office.services.logs.run().cosigned == 1
    first.office.store.close()
    for suffix in ("", "-wal", "-shm"):
        (folder / f"origintag.db{suffix}").unlink(missing_ok=True)
    for file in tmp_path.glob("origintag.db*"):
        shutil.copy(file, folder / file.name)
    shutil.rmtree(folder / "log")
    (folder / "log").mkdir()
    second = again()
    second.add("another history")
    assert second.office.services.logs.run().cosigned == 0
    assert second.problem().startswith("DISAGREES")
    second.office.store.close()


def test_a_witness_that_cannot_keep_what_it_saw_signs_nothing(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StoreUnavailableError

    from tagserver.store.witnesses import SqlWatchedLogs

    monkeypatch.setattr(SqlWatchedLogs, "advance", fail)
    assert pair.office.services.logs.run().cosigned == 0
    assert pair.problem() == "it answered with status 503"


def test_only_logs_keys_are_watched(pair: Pair) -> None:
    witnessing = pair.witness.services.witnessing
    for wrong in ("nonsense", format_verifier_key(witnessing.key())):
        with pytest.raises(ServiceError) as caught:
            witnessing.watch(wrong)
        assert caught.value.field == "vkey"
    witnessing.unwatch(ORIGIN)
    assert witnessing.logs() == ()
    assert parse_verifier_key(format_verifier_key(witnessing.key())).name == WITNESS
