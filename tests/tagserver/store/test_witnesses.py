from dataclasses import replace

import pytest

from tagserver.ports import (
    AlreadyExistsError,
    Cosignature,
    NotStoredError,
    Store,
    WatchedLog,
    Witness,
)
from tests.tagserver.store.cast import MINUTE, NOW

WITNESS = Witness(name="w1.example", vkey="w1.example+…", url="https://w1.example", added_at=NOW)
WATCHED = WatchedLog(origin="other.example/log", vkey="other.example/log+…", added_at=NOW)


def signed(size: int, name: str) -> Cosignature:
    return Cosignature(size=size, witness=name, line=f"— {name} {size}", at=NOW)


@pytest.fixture
def watched(store: Store) -> Store:
    with store.write() as tx:
        tx.witnesses.add(WITNESS)
        tx.watched_logs.add(WATCHED)
    return store


def test_a_witness_has_its_name_once(watched: Store) -> None:
    with pytest.raises(AlreadyExistsError), watched.write() as tx:
        tx.witnesses.add(replace(WITNESS, url="https://elsewhere.example"))


def test_notes_what_came_of_asking(watched: Store) -> None:
    with watched.write() as tx:
        tx.witnesses.note("w1.example", size=7, retry_at=NOW + MINUTE, problem="asleep")
        tx.witnesses.note("nobody", size=9)
        assert tx.witnesses.all() == (replace(WITNESS, size=7, retry_at=NOW + MINUTE, problem="asleep"),)


def test_what_a_witness_signed_stays_when_it_is_taken_off_the_list(watched: Store) -> None:
    with watched.write() as tx:
        tx.witnesses.cosign(signed(3, "w1.example"))
        assert tx.witnesses.remove("w1.example") == WITNESS
    with watched.read() as tx:
        assert tx.witnesses.all() == ()
        assert tx.witnesses.cosignatures(3) == (signed(3, "w1.example"),)
    with pytest.raises(NotStoredError), watched.write() as tx:
        tx.witnesses.remove("w1.example")


def test_keeps_the_first_signature_of_a_witness(watched: Store) -> None:
    with watched.write() as tx:
        tx.witnesses.cosign(signed(3, "w1.example"))
        tx.witnesses.cosign(replace(signed(3, "w1.example"), line="later"))
        assert tx.witnesses.cosignatures(3) == (signed(3, "w1.example"),)


def test_finds_the_newest_size_that_enough_have_signed(watched: Store) -> None:
    with watched.write() as tx:
        for size, name in ((3, "a"), (3, "b"), (5, "a"), (7, "c"), (7, "d")):
            tx.witnesses.cosign(signed(size, name))
        ask = tx.witnesses.newest_cosigned
        assert ask(threshold=2, names=["a", "b"]) == 3
        assert ask(threshold=1, names=["a", "b"]) == 5
        assert ask(threshold=3, names=["a", "b"]) is None
        assert ask(threshold=1, names=[]) is None


def test_a_watched_log_moves_on(watched: Store) -> None:
    with watched.write() as tx:
        tx.watched_logs.advance(WATCHED.origin, size=4, root=bytes(32), note=b"note")
        found = tx.watched_logs.hold(WATCHED.origin)
    assert found == replace(WATCHED, size=4, root=bytes(32), note=b"note")
    with pytest.raises(NotStoredError), watched.write() as tx:
        tx.watched_logs.advance("unknown", size=1, root=b"", note=b"")


def test_a_log_is_watched_once_and_may_be_let_go(watched: Store) -> None:
    with pytest.raises(AlreadyExistsError), watched.write() as tx:
        tx.watched_logs.add(WATCHED)
    with watched.write() as tx:
        tx.watched_logs.remove(WATCHED.origin)
        assert tx.watched_logs.all() == ()
        assert tx.watched_logs.hold(WATCHED.origin) is None
    with pytest.raises(NotStoredError), watched.write() as tx:
        tx.watched_logs.remove(WATCHED.origin)
