"""The embedded journal: self-attested, and that much it keeps."""

from __future__ import annotations

import itertools
import multiprocessing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tagserver.chain.journal import Journal, read_line
from tagserver.keystore.signing_key import OpenedKey
from tagserver.ports import AnchorCode, AnchorError, KeyId, Store
from tagserver.ports.anchors import AnchorState, Sighting, SignedAnchor
from tests.tagserver.chain.cast import Office, commitment

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = OpenedKey(KeyId("journal-1"), Ed25519PrivateKey.from_private_bytes(b"\5" * 32))


def journal(path: Path) -> Journal:
    seconds = itertools.count()
    return Journal(path, key=lambda: KEY, clock=lambda: START + timedelta(seconds=next(seconds)))


def signed(found: Journal, size: int) -> SignedAnchor:
    return found.sign(commitment(size), replacing=(), after=None)


def write(path: Path, *sizes: int) -> list[SignedAnchor]:
    found = journal(path)
    lines = []
    for size in sizes:
        lines.append(signed(found, size))
        assert found.submit(lines[-1]).sighting is Sighting.FINALIZED
    return lines


def code(found: Journal, line: SignedAnchor, size: int) -> AnchorCode:
    with pytest.raises(AnchorError) as caught:
        found.confirm(commitment(size), tx_id=line.id, evidence=line.raw)
    return caught.value.code


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.jsonl"


def test_lines_are_signed_and_each_names_the_one_before(path: Path) -> None:
    lines = write(path, 1, 2, 3)
    assert path.read_bytes() == b"".join(line.raw + b"\n" for line in lines)
    found = [read_line(line.raw) for line in lines]
    assert [line.number for line in found] == [1, 2, 3]
    assert [line.previous for line in found] == [
        bytes(32),
        bytes.fromhex(lines[0].id),
        bytes.fromhex(lines[1].id),
    ]
    assert [line.commitment for line in found] == [commitment(size) for size in (1, 2, 3)]


def test_a_line_is_confirmed_by_reading_the_file_from_its_beginning(path: Path) -> None:
    lines = write(path, 1, 2)
    confirmed = journal(path).confirm(commitment(2), tx_id=lines[1].id, evidence=lines[1].raw)
    assert (confirmed.block, confirmed.sender) == (None, KEY.public_key.hex())


def test_anchoring_writes_one_line_and_is_done(path: Path, store: Store) -> None:
    office = Office(store=store, backends=(journal(path),))
    office.log.grow(5)
    office.run()
    office.run()
    anchor = office.anchor(5)
    assert anchor.state is AnchorState.FINALIZED
    assert anchor.observation is not None
    assert path.read_bytes() == anchor.observation.evidence + b"\n"
    assert office.anchoring.confirm(anchor).is_final


def test_a_line_that_was_written_before_a_crash_is_not_written_twice(path: Path) -> None:
    (line,) = write(path, 1)
    assert journal(path).submit(line).sighting is Sighting.FINALIZED
    assert journal(path).observe((line,)).sighting is Sighting.FINALIZED
    assert path.read_bytes().count(b"\n") == 1


def test_a_torn_line_is_cut_off_as_it_was_never_acknowledged(path: Path) -> None:
    lines = write(path, 1, 2)
    whole = path.read_bytes()
    for cut in (1, len(lines[1].raw) // 2, len(lines[1].raw)):
        path.write_bytes(whole[:-cut])
        found = journal(path)
        assert found.observe((lines[1],)).sighting is Sighting.ABSENT
        assert found.submit(lines[1]).sighting is Sighting.FINALIZED
        assert path.read_bytes() == whole


def test_a_line_signed_before_another_was_written_is_signed_anew(path: Path, store: Store) -> None:
    stale = signed(journal(path), 1)
    write(path, 2)
    assert journal(path).submit(stale).sighting is Sighting.EXPIRED
    assert journal(path).observe((stale,)).sighting is Sighting.EXPIRED


def test_a_changed_line_is_noticed(path: Path) -> None:
    lines = write(path, 1, 2, 3)
    path.write_bytes(path.read_bytes().replace(b'"number":2', b'"number":9'))
    assert code(journal(path), lines[2], 3) is AnchorCode.JOURNAL


def test_a_removed_line_is_noticed(path: Path) -> None:
    lines = write(path, 1, 2, 3)
    path.write_bytes(lines[0].raw + b"\n" + lines[2].raw + b"\n")
    assert code(journal(path), lines[2], 3) is AnchorCode.JOURNAL


def test_a_line_of_another_key_is_noticed_by_whoever_pins_the_key(path: Path) -> None:
    (line,) = write(path, 1)
    other = OpenedKey(KeyId("journal-2"), Ed25519PrivateKey.from_private_bytes(b"\6" * 32))
    forged = Journal(path.with_name("other"), key=lambda: other, clock=lambda: START).sign(
        commitment(1), replacing=(), after=None
    )
    assert read_line(forged.raw).key != read_line(line.raw).key


def test_a_line_that_is_not_there_is_not_confirmed(path: Path) -> None:
    (line,) = write(path, 1)
    path.write_bytes(b"")
    assert code(journal(path), line, 1) is AnchorCode.NOT_FOUND


def test_a_line_about_another_commitment_is_no_confirmation(path: Path) -> None:
    (line,) = write(path, 1)
    assert code(journal(path), line, 2) is AnchorCode.MISMATCH


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw[:-1],
        lambda raw: raw + b" ",
        lambda raw: raw.replace(b'"version":1', b'"version":2'),
        lambda raw: raw.replace(b'"number":1', b'"number":01'),
        lambda raw: b"[]",
        lambda raw: b"\xff",
        lambda raw: b"[" * 1000,
    ],
)
def test_refuses_what_is_not_written_as_we_write_it(path: Path, change: object) -> None:
    (line,) = write(path, 1)
    assert callable(change)
    with pytest.raises(AnchorError) as caught:
        read_line(change(line.raw))
    assert caught.value.code is AnchorCode.JOURNAL


def test_a_damaged_end_raises_an_alarm_instead_of_going_on(path: Path, store: Store) -> None:
    write(path, 1)
    path.write_bytes(b"something else\n")
    office = Office(store=store, backends=(journal(path),))
    office.log.grow(5)
    office.run()
    assert office.status.alarm == AnchorCode.JOURNAL


def test_a_file_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    with pytest.raises(AnchorError, match="cannot be opened"):
        journal(tmp_path / "missing" / "journal").health()


def many(path: Path, first: int) -> None:
    found = journal(path)
    for size in range(first, first + 20):
        while found.submit(signed(found, size)).sighting is not Sighting.FINALIZED:
            pass


def test_processes_that_write_at_once_make_one_chain_of_lines(path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=many, args=(path, first)) for first in (1, 101)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0]
    last = path.read_bytes().splitlines()[-1]
    line = read_line(last)
    assert line.number == 40
    name = journal(path).sign(line.commitment, replacing=(), after=None)
    confirmed = journal(path).confirm(
        line.commitment, tx_id=read_line(name.raw).previous.hex(), evidence=last
    )
    assert confirmed.is_final
