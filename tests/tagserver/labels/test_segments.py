from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagserver.labels.errors import SymbolTextError
from tagserver.labels.segments import (
    GROUPS,
    Level,
    Mode,
    Segment,
    bits_for,
    capacity_bits,
    fit,
    shape_of,
    smallest_version,
    split,
)

SHAPES = st.lists(st.tuples(st.sampled_from("0Ab"), st.integers(1, 18)), min_size=1, max_size=7).map(
    lambda runs: "".join(letter * count for letter, count in runs)
)


def payload_by_the_book(mode: str, count: int) -> int:
    """ISO/IEC 18004:2015, 7.4.3 to 7.4.5, word for word."""
    match mode:
        case "0":
            return 10 * (count // 3) + (0, 4, 7)[count % 3]
        case "A":
            return 11 * (count // 2) + 6 * (count % 2)
        case _:
            return 8 * count


def header_by_the_book(mode: str, group: int) -> int:
    """Table 2 and Table 3."""
    return 4 + {"0": (10, 12, 14), "A": (9, 11, 13), "b": (8, 16, 16)}[mode][group]


def writable(shape: str, mode: str) -> bool:
    return set(shape) <= {"0": {"0"}, "A": {"0", "A"}, "b": {"0", "A", "b"}}[mode]


def least_bits(shape: str, group: int) -> int:
    """Over all ends of the last segment: quadratic, and plainly right."""
    best = [0]
    for end in range(1, len(shape) + 1):
        best.append(
            min(
                best[start] + header_by_the_book(mode, group) + payload_by_the_book(mode, end - start)
                for start in range(end)
                for mode in "0Ab"
                if writable(shape[start:end], mode)
            )
        )
    return best[-1]


def pieces_of(shape: str, cuts: tuple[bool, ...]) -> list[str]:
    """The shape cut before each character but the first for which `cuts` says so."""
    ends = [0, *(at for at, cut in enumerate(cuts, 1) if cut), len(shape)]
    return [shape[start:end] for start, end in pairwise(ends)]


def least_bits_of_all_splits(shape: str, group: int) -> int:
    """Every way to cut, every mode for every piece: exponential, and beyond doubt."""
    return min(
        sum(
            header_by_the_book(mode, group) + payload_by_the_book(mode, len(piece))
            for mode, piece in zip(modes, pieces, strict=True)
        )
        for cuts in product((False, True), repeat=len(shape) - 1)
        for pieces in [pieces_of(shape, cuts)]
        for modes in product("0Ab", repeat=len(pieces))
        if all(map(writable, pieces, modes))
    )


@pytest.mark.parametrize("group", [0, 1, 2])
def test_no_split_of_a_short_text_is_cheaper(group: int) -> None:
    for length in range(1, 6):
        for letters in product("0Ab", repeat=length):
            shape = "".join(letters)
            assert bits_for(split(shape, group), GROUPS[group][0]) == least_bits_of_all_splits(shape, group)


@given(shape=SHAPES, group=st.sampled_from([0, 1, 2]))
def test_no_split_is_cheaper(shape: str, group: int) -> None:
    segments = split(shape, group)
    assert bits_for(segments, GROUPS[group][0]) == least_bits(shape, group)
    assert sum(segment.count for segment in segments) == len(shape)


@given(shape=SHAPES, group=st.sampled_from([0, 1, 2]))
def test_every_segment_can_write_its_characters(shape: str, group: int) -> None:
    start = 0
    for segment in split(shape, group):
        assert writable(shape[start : start + segment.count], segment.mode)
        start += segment.count


def test_a_digital_link_ends_with_its_signature_in_numeric_mode() -> None:
    url = "HTTPS://ID.EXAMPLE.COM/01/09506000134352/10/L26-0914/21/4T7QMZ9C1R5KD?17=271231&s=" + "7" * 157
    version, segments = fit(shape_of(url), Level.M)
    assert version == 8
    assert segments[-1] == Segment(mode=Mode.NUMERIC, count=157)


def test_shape_names_the_narrowest_mode_of_each_character() -> None:
    assert shape_of("HTTPS://A.B/01?s=9~") == "AAAAAAAAAAAA00bbb0b"


@pytest.mark.parametrize("text", ["", "https://example.com/é", "酒"])
def test_refuses_what_is_no_ascii_url(text: str) -> None:
    with pytest.raises(SymbolTextError) as caught:
        shape_of(text)
    assert caught.value.code == "LABEL_URL_NOT_ENCODABLE"


def test_capacities_are_those_of_table_7() -> None:
    in_bits = {
        (1, Level.L): 152,
        (8, Level.M): 1232,
        (7, Level.M): 992,
        (6, Level.M): 864,
        (40, Level.H): 10208,
    }
    assert {key: capacity_bits(*key) for key in in_bits} == in_bits


def test_a_symbol_is_full_before_the_next_version_is_taken() -> None:
    digits = 552  # version 9 at L holds so many (Table 7)
    assert smallest_version("7" * digits, Level.L) == 9
    assert smallest_version("7" * (digits + 1), Level.L) == 10


def test_count_indicators_widen_at_version_10_and_27() -> None:
    assert smallest_version("7" * 3283, Level.L) == 26  # Table 7
    assert smallest_version("7" * 3284, Level.L) == 27


def test_refuses_a_text_that_no_version_holds() -> None:
    assert smallest_version("7" * 7089, Level.L) == 40
    with pytest.raises(SymbolTextError):
        smallest_version("7" * 7090, Level.L)
