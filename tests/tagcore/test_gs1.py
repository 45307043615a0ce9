from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagcore.errors import Gs1SyntaxError, GtinError
from tagcore.gs1 import (
    CSET82,
    Expiry,
    check_digit,
    gtin_from_any,
    parse_expiry,
    parse_gtin,
    parse_lot,
    parse_serial,
)
from tests.tagcore.strategies import expiries, gtins


@pytest.mark.parametrize(
    "gtin",
    [
        "09506000134352",  # GS1 General Specifications' own examples and well-known products
        "00012345678905",
        "10614141543219",
        "00000096385074",
        "04006381333931",
    ],
)
def test_accepts_known_gtins(gtin: str) -> None:
    assert parse_gtin(gtin) == gtin


@given(gtins, st.integers(0, 13), st.integers(1, 9))
def test_finds_every_single_wrong_digit(gtin: str, place: int, offset: int) -> None:
    wrong = str((int(gtin[place]) + offset) % 10)
    with pytest.raises(GtinError, match="check digit"):
        parse_gtin(gtin[:place] + wrong + gtin[place + 1 :])


@pytest.mark.parametrize(
    "text", ["", "9506000134352", "009506000134352", "0950600013435x", "\uff10" * 14, "09506000134352\n"]
)
def test_rejects_what_is_not_14_digits(text: str) -> None:
    with pytest.raises(GtinError, match="14 digits"):
        parse_gtin(text)


@pytest.mark.parametrize("body", ["", "12a", "１２"])
def test_has_no_check_digit_for_what_is_no_digits(body: str) -> None:
    with pytest.raises(ValueError, match="want digits"):
        check_digit(body)


@pytest.mark.parametrize(
    ("text", "gtin"),
    [
        ("96385074", "00000096385074"),
        ("012345678905", "00012345678905"),
        ("9506000134352", "09506000134352"),
        (" 0 9506000 13435-2 ", "09506000134352"),
    ],
)
def test_fills_shorter_gtins_with_zeros(text: str, gtin: str) -> None:
    assert gtin_from_any(text) == gtin


@pytest.mark.parametrize("text", ["", "1234567", "123456789012345", "9506000134353", "abcdefgh"])
def test_rejects_what_no_gtin_can_be_made_of(text: str) -> None:
    with pytest.raises(GtinError):
        gtin_from_any(text)


def test_set_82_has_82_characters_in_ascii_order() -> None:
    assert len(CSET82) == 82
    assert list(CSET82) == sorted(set(CSET82))
    assert not set(CSET82) & set(" #$@[\\]^`{|}~")


@given(st.text(CSET82, min_size=3, max_size=20))
def test_accepts_every_text_of_set_82(text: str) -> None:
    if set(text) != {"."}:
        assert parse_lot(text) == parse_serial(text) == text


def test_a_lot_may_be_empty_and_a_serial_may_not() -> None:
    assert parse_lot("") == ""
    with pytest.raises(Gs1SyntaxError, match="serial has 0 characters, want 1 to 20"):
        parse_serial("")


def test_rejects_a_lot_of_21_characters() -> None:
    with pytest.raises(Gs1SyntaxError, match="lot has 21"):
        parse_lot("L" * 21)


@pytest.mark.parametrize(
    "character", [" ", "#", "$", "@", "[", "\\", "]", "^", "`", "{", "|", "}", "~", "\0", "\n", "é", "\uff21"]
)
def test_rejects_a_character_outside_set_82(character: str) -> None:
    with pytest.raises(Gs1SyntaxError, match="lacks"):
        parse_serial(f"A{character}B")


@pytest.mark.parametrize("text", [".", ".."])
def test_rejects_dot_segments(text: str) -> None:
    with pytest.raises(Gs1SyntaxError, match="no URL"):
        parse_lot(text)


@given(expiries)
def test_an_expiry_reads_back_as_it_is_written(expiry: Expiry) -> None:
    assert parse_expiry(str(expiry)) == expiry


@pytest.mark.parametrize(
    "text", ["", "27123", "2712310", "27123x", "\uff12\uff17\uff11\uff12\uff13\uff11", "271231\n"]
)
def test_rejects_an_expiry_that_is_not_six_digits(text: str) -> None:
    with pytest.raises(Gs1SyntaxError, match="YYMMDD"):
        parse_expiry(text)


@pytest.mark.parametrize("text", ["270031", "271331", "270432", "270431", "270229", "000230"])
def test_rejects_a_day_that_the_calendar_lacks(text: str) -> None:
    with pytest.raises(Gs1SyntaxError, match="calendar"):
        parse_expiry(text)


@pytest.mark.parametrize(
    ("text", "reference_year", "last"),
    [
        ("271231", 2026, date(2027, 12, 31)),
        ("280200", 2026, date(2028, 2, 29)),
        ("270200", 2026, date(2027, 2, 28)),
        ("280229", 2026, date(2028, 2, 29)),
        ("760101", 2026, date(2076, 1, 1)),  # 50 ahead
        ("770101", 2026, date(1977, 1, 1)),  # 51 ahead: the century before
        ("510101", 2099, date(2051, 1, 1)),  # 48 behind
        ("490101", 2099, date(2149, 1, 1)),  # 50 behind: the century after
        ("000229", 2090, date(2100, 2, 28)),  # the two digits allow a day that the century lacks
    ],
)
def test_finds_the_last_day_in_the_nearest_century(text: str, reference_year: int, last: date) -> None:
    assert parse_expiry(text).last_day(reference_year) == last
