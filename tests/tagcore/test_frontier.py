from hashlib import sha256

import pytest

from tagcore.frontier import Frontier, format_frontier, parse_frontier
from tagcore.merkle import EMPTY_ROOT
from tests.tagcore.rfc6962 import mth

LEAVES = [bytes([number]) for number in range(70)]
HASHES = [sha256(b"\x00" + leaf).digest() for leaf in LEAVES]


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 5, 7, 8, 31, 32, 33, 64, 70])
def test_its_root_is_that_of_the_standards_own_words(size: int) -> None:
    assert Frontier().grown(HASHES[:size]).root == mth(LEAVES[:size])


@pytest.mark.parametrize("first", range(9))
def test_growing_twice_is_growing_once(first: int) -> None:
    assert Frontier().grown(HASHES[:first]).grown(HASHES[first:]) == Frontier().grown(HASHES)


def test_the_empty_tree_has_the_empty_root_and_no_peaks() -> None:
    assert Frontier().root == EMPTY_ROOT
    assert format_frontier(Frontier()) == b""


@pytest.mark.parametrize("size", [0, 1, 6, 64, 70])
def test_parses_what_it_formats(size: int) -> None:
    frontier = Frontier().grown(HASHES[:size])
    assert parse_frontier(size, format_frontier(frontier)) == frontier


@pytest.mark.parametrize(
    ("size", "peaks"), [(-1, b""), (0, bytes(32)), (1, b""), (2, bytes(64)), (3, bytes(32)), (1, bytes(31))]
)
def test_refuses_peaks_that_are_none_of_its_size(size: int, peaks: bytes) -> None:
    with pytest.raises(ValueError, match=r"peak"):
        parse_frontier(size, peaks)
