import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagcore.gs1 import CSET82
from tagserver.ports import BatchNumber, SerialIndexError, SerialIndexes
from tagserver.store import SerialDirectory

BATCH = BatchNumber(7)
SERIALS = ("B2", "A", "ZZZ", "b2", "A1", "20-characters-long-x")


@pytest.fixture
def index(tmp_path: Path) -> SerialIndexes:
    return SerialDirectory(tmp_path)


def test_a_serial_leads_to_its_index_and_back(index: SerialIndexes) -> None:
    assert index.write(BATCH, SERIALS) == 6
    assert [index.index_of(BATCH, serial) for serial in SERIALS] == [0, 1, 2, 3, 4, 5]
    assert index.serials(BATCH, 0, 6) == SERIALS
    assert index.serials(BATCH, 2, 2) == SERIALS[2:4]


@pytest.mark.parametrize("stranger", ["", "B", "B20", "b", "0", "zzzz", "A\0", "é", "x" * 21])
def test_a_serial_that_the_batch_lacks_leads_nowhere(index: SerialIndexes, stranger: str) -> None:
    index.write(BATCH, SERIALS)
    assert index.index_of(BATCH, stranger) is None


@given(serials=st.lists(st.text(CSET82, min_size=1, max_size=20), min_size=1, unique=True))
def test_any_serials_of_set_82_are_found_again(serials: list[str]) -> None:
    with TemporaryDirectory() as folder:
        index = SerialDirectory(Path(folder))
        index.write(BATCH, serials)
        assert index.serials(BATCH, 0, len(serials)) == tuple(serials)
        assert [index.index_of(BATCH, serial) for serial in serials] == list(range(len(serials)))


def test_refuses_a_serial_that_comes_twice_and_names_it(index: SerialIndexes, tmp_path: Path) -> None:
    with pytest.raises(SerialIndexError, match="'A' comes twice"):
        index.write(BATCH, ["B", "A", "C", "A"])
    assert list(tmp_path.iterdir()) == []


def test_refuses_an_empty_list(index: SerialIndexes) -> None:
    with pytest.raises(SerialIndexError, match="there are none"):
        index.write(BATCH, [])


@pytest.mark.parametrize("impossible", ["", "x" * 21, "é", "A\0"])
def test_refuses_what_can_be_no_serial(index: SerialIndexes, impossible: str) -> None:
    with pytest.raises(ValueError, match="want 1 to 20"):
        index.write(BATCH, ["A", impossible])


def test_refuses_indices_outside_the_batch(index: SerialIndexes) -> None:
    index.write(BATCH, SERIALS)
    with pytest.raises(ValueError, match="want 0 to 5"):
        index.serials(BATCH, 5, 2)


def test_a_second_writing_replaces_the_first(index: SerialIndexes) -> None:
    index.write(BATCH, SERIALS)
    index.write(BATCH, ["Q"])
    assert index.serials(BATCH, 0, 1) == ("Q",)
    assert index.index_of(BATCH, "A") is None


def test_says_so_when_there_is_no_index(index: SerialIndexes) -> None:
    with pytest.raises(SerialIndexError, match="no index"):
        index.index_of(BATCH, "A")


def _cut(size: int) -> Callable[[Path], None]:
    return lambda path: os.truncate(path, size)


def _other_magic(path: Path) -> None:
    path.write_bytes(b"X" + path.read_bytes()[1:])


@pytest.mark.parametrize("damage", [_cut(0), _cut(27), _cut(60), _other_magic])
def test_notices_a_damaged_index(
    index: SerialIndexes, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    index.write(BATCH, SERIALS)
    damage(tmp_path / "7.serials")
    with pytest.raises(SerialIndexError, match="damaged"):
        index.index_of(BATCH, "A")


def test_a_writing_that_fails_leaves_no_file(
    index: SerialIndexes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        index.write(BATCH, SERIALS)
    assert list(tmp_path.iterdir()) == []
