import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagcore.errors import ProofError
from tagcore.tiles import (
    Tile,
    entries_path,
    format_entry_bundle,
    parse_entry_bundle,
    tile_path,
    tiles_of_growth,
    tiles_of_size,
)


@pytest.mark.parametrize(
    ("path", "want"),
    [
        (tile_path(0, 0), "tile/0/000"),
        (tile_path(0, 0, 1), "tile/0/000.p/1"),
        (tile_path(63, 999), "tile/63/999"),
        (tile_path(1, 1000, 255), "tile/1/x001/000.p/255"),
        (entries_path(1234067), "tile/entries/x001/x234/067"),
        (entries_path(0, 112), "tile/entries/000.p/112"),
    ],
)
def test_paths_are_those_of_the_specification(path: str, want: str) -> None:
    assert path == want


@pytest.mark.parametrize(
    ("level", "index", "width"), [(-1, 0, 1), (64, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)]
)
def test_refuses_a_tile_that_cannot_be(level: int, index: int, width: int) -> None:
    with pytest.raises(ValueError, match="got"):
        tile_path(level, index, width)


def test_a_log_of_70000_has_the_tiles_that_the_specification_counts() -> None:
    tiles = list(tiles_of_size(70_000))
    assert [sum(tile.level == level and tile.width == 256 for tile in tiles) for level in range(3)] == [
        273,
        1,
        0,
    ]
    partial = [tile for tile in tiles if tile.width < 256]
    assert partial == [
        Tile(level=0, index=273, width=112),
        Tile(level=1, index=1, width=17),
        Tile(level=2, index=0, width=1),
    ]
    assert (partial[1].start, partial[1].stop) == (256, 273)


def test_a_log_of_256_has_a_full_tile_and_one_hash_above() -> None:
    assert list(tiles_of_size(256)) == [Tile(level=0, index=0), Tile(level=1, index=0, width=1)]


def test_an_empty_log_has_no_tile() -> None:
    assert list(tiles_of_size(0)) == []


@given(st.integers(0, 200_000), st.integers(0, 2000))
def test_growth_writes_exactly_the_tiles_that_are_new(old: int, more: int) -> None:
    grown = list(tiles_of_growth(old, old + more))
    assert set(grown) == set(tiles_of_size(old + more)) - set(tiles_of_size(old))
    assert len(set(grown)) == len(grown)


def test_growth_goes_forward() -> None:
    with pytest.raises(ValueError, match="growth"):
        list(tiles_of_growth(2, 1))


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_a_bundle_reads_back(entries: list[bytes]) -> None:
    assert parse_entry_bundle(format_entry_bundle(entries), len(entries)) == tuple(entries)


def test_the_longest_entry_fits() -> None:
    assert parse_entry_bundle(format_entry_bundle([b"x" * 65_535]), 1) == (b"x" * 65_535,)


@pytest.mark.parametrize("entries", [[], [b""] * 257, [b"x" * 65_536]])
def test_refuses_to_write_a_bundle_that_cannot_be(entries: list[bytes]) -> None:
    with pytest.raises(ValueError, match="want"):
        format_entry_bundle(entries)


@pytest.mark.parametrize(
    ("data", "width"),
    [
        (b"", 1),
        (b"\x00", 1),
        (b"\x00\x00", 2),
        (b"\x00\x01", 1),
        (b"\x00\x00\x00", 1),
        (b"\x00\x02x", 1),
    ],
)
def test_refuses_a_bundle_that_holds_more_or_less(data: bytes, width: int) -> None:
    with pytest.raises(ProofError, match="does not hold exactly"):
        parse_entry_bundle(data, width)


@given(st.binary(), st.integers(1, 256))
def test_any_bytes_are_read_back_or_raise_only_our_error(data: bytes, width: int) -> None:
    try:
        entries = parse_entry_bundle(data, width)
    except ProofError:
        return
    assert format_entry_bundle(entries) == data
