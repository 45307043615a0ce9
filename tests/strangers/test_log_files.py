"""Logs written with tagcore's modules alone, judged by tessera's fsck and by Go's sumdb (`make strangers`)."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tagcore.checkpoint import Checkpoint, open_checkpoint
from tagcore.cosignature import cosign
from tagcore.merkle import leaf_hash, root_from_leaf_hashes
from tagcore.note import Note, VerifierKey, format_note, format_verifier_key
from tests.strangers.programs import RefusedError, check_log, fsck, logcheck
from tests.strangers.writer import LogWriter
from tests.tagcore.logs import AT, LOG, ORIGIN, WITNESS_KEYS, WITNESSES
from tests.vectors.cast import TestKey

Judge = Callable[[LogWriter, Path], object]


def by_fsck(log: LogWriter, scratch: Path) -> None:
    fsck(log.folder, log.key, scratch)


def by_sumdb(log: LogWriter, scratch: Path) -> None:
    assert scratch.is_dir()
    check_log(log.folder, log.key)


judges = pytest.mark.parametrize("judge", [by_fsck, by_sumdb])


def entries(count: int, first: int = 0) -> list[bytes]:
    return [f"entry {number}".encode() for number in range(first, first + count)]


@pytest.fixture
def log(tmp_path: Path) -> LogWriter:
    folder = tmp_path / "log"
    folder.mkdir()
    return LogWriter(folder, ORIGIN, LOG)


@judges
@pytest.mark.parametrize("size", [1, 2, 3, 255, 256, 257, 511, 513, 1000])
def test_accept_a_log(log: LogWriter, tmp_path: Path, judge: Judge, size: int) -> None:
    log.append(entries(size))
    judge(log, tmp_path)


@judges
def test_accept_a_log_with_three_levels_of_tiles(log: LogWriter, tmp_path: Path, judge: Judge) -> None:
    log.append(entries(65_536 + 257))
    judge(log, tmp_path)


@judges
def test_accept_a_log_that_grew_bit_by_bit(log: LogWriter, tmp_path: Path, judge: Judge) -> None:
    for count in (1, 4, 250, 1, 1, 300):
        log.append(entries(count, len(log.entries)))
        judge(log, tmp_path)


@judges
def test_accept_the_longest_and_the_empty_entry(log: LogWriter, tmp_path: Path, judge: Judge) -> None:
    log.append([b"", b"x" * 65_535, b"y"])
    judge(log, tmp_path)


def test_sumdb_reads_what_we_signed(log: LogWriter) -> None:
    log.append(entries(300))
    answer = check_log(log.folder, log.key)
    assert (answer["origin"], answer["size"], answer["records"]) == (ORIGIN, 300, 300)


@judges
@pytest.mark.parametrize(
    "path", ["tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/000", "checkpoint"]
)
def test_refuse_a_changed_bit_in_any_file(log: LogWriter, tmp_path: Path, judge: Judge, path: str) -> None:
    log.append(entries(300))
    judge(log, tmp_path)
    log.change(path, position=30)
    with pytest.raises(RefusedError):
        judge(log, tmp_path)


@judges
def test_refuse_a_key_of_another_log(log: LogWriter, tmp_path: Path, judge: Judge) -> None:
    log.append(entries(3))
    log.key = VerifierKey(
        name=ORIGIN, algorithm=log.key.algorithm, public_key=TestKey("somebody else's log").public_key
    )
    with pytest.raises(RefusedError):
        judge(log, tmp_path)


@judges
def test_refuse_a_signed_checkpoint_over_another_root(log: LogWriter, tmp_path: Path, judge: Judge) -> None:
    log.append(entries(3))
    other = root_from_leaf_hashes(b"".join(map(leaf_hash, entries(3, first=7))))
    (log.folder / "checkpoint").write_bytes(log.signed(Checkpoint(origin=ORIGIN, size=3, root=other)))
    with pytest.raises(RefusedError):
        judge(log, tmp_path)


def test_sumdb_accepts_growth_from_any_earlier_checkpoint(log: LogWriter, tmp_path: Path) -> None:
    earlier = []
    for number, count in enumerate((1, 254, 1, 1, 300)):
        earlier.append(tmp_path / f"checkpoint-{number}")
        earlier[-1].write_bytes(log.append(entries(count, len(log.entries))))
    for checkpoint in earlier:
        check_log(log.folder, log.key, old=checkpoint)


def test_sumdb_refuses_a_log_that_was_written_anew(log: LogWriter, tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.write_bytes(log.append(entries(5)))
    log.entries = entries(5, first=1)
    log.append(entries(3, first=6))
    with pytest.raises(RefusedError, match="did not grow"):
        check_log(log.folder, log.key, old=old)


def test_sumdb_refuses_a_log_that_was_rolled_back(log: LogWriter, tmp_path: Path) -> None:
    shorter = log.append(entries(5))
    old = tmp_path / "old"
    old.write_bytes(log.append(entries(3, first=5)))
    (log.folder / "checkpoint").write_bytes(shorter)
    with pytest.raises(RefusedError, match="shrank"):
        check_log(log.folder, log.key, old=old)


# ------------------------------------------------------------------------------------------------ cosignatures


def policy(folder: Path, log: LogWriter, threshold: int) -> Path:
    lines = [f"log {format_verifier_key(log.key)}"]
    lines += [f"witness w{place} {format_verifier_key(key)}" for place, key in enumerate(WITNESS_KEYS)]
    names = " ".join(f"w{place}" for place in range(len(WITNESS_KEYS)))
    lines += [f"group enough {threshold} {names}", "quorum enough"]
    path = folder / "policy"
    path.write_text("\n".join(lines) + "\n")
    return path


def cosigned(log: LogWriter, count: int) -> Note:
    _, note = open_checkpoint(log.append(entries(3)), log.key)
    lines = tuple(
        cosign(note, key.name, signer, AT + timedelta(seconds=place))
        for place, (key, signer) in enumerate(zip(WITNESS_KEYS[:count], WITNESSES, strict=False))
    )
    return Note(text=note.text, signatures=note.signatures + lines)


def test_go_counts_our_cosignatures(log: LogWriter, tmp_path: Path) -> None:
    checkpoint = tmp_path / "cosigned"
    checkpoint.write_bytes(format_note(cosigned(log, 2)))
    answer = logcheck("policy", policy(tmp_path, log, 2), checkpoint)
    assert answer["signers"] == [ORIGIN, WITNESS_KEYS[0].name, WITNESS_KEYS[1].name]
    with pytest.raises(RefusedError):
        logcheck("policy", policy(tmp_path, log, 3), checkpoint)


def test_go_refuses_a_cosignature_with_another_time(log: LogWriter, tmp_path: Path) -> None:
    note = cosigned(log, 1)
    line = note.signatures[1]
    later = (int.from_bytes(line.signature[:8], "big") + 1).to_bytes(8, "big")
    moved = type(line)(name=line.name, key_id=line.key_id, signature=later + line.signature[8:])
    checkpoint = tmp_path / "moved"
    checkpoint.write_bytes(format_note(Note(text=note.text, signatures=(note.signatures[0], moved))))
    with pytest.raises(RefusedError):
        logcheck("policy", policy(tmp_path, log, 1), checkpoint)


def test_go_accepts_a_cosigned_checkpoint_as_the_head_of_the_log(log: LogWriter, tmp_path: Path) -> None:
    (log.folder / "checkpoint").write_bytes(format_note(cosigned(log, 3)))
    check_log(log.folder, log.key)
    fsck(log.folder, log.key, tmp_path)
