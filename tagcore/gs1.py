"""GS1 identification: GTIN, character set 82, expiry dates.

GS1 General Specifications 24: section 3 (application identifiers 01, 10, 17, 21), 7.9 (check digit),
7.11 (character set 82), 7.12 (century of a two-digit year).
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NewType

from tagcore.errors import Gs1SyntaxError, GtinError

Gtin = NewType("Gtin", str)
"""14 digits with a right check digit."""

REPEATED = 4096
"""How many parsed values of a kind are kept: the tags of a pallet share product, lot and date."""

GTIN_LENGTHS = (8, 12, 13, 14)

CSET82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
"""GS1 AI encodable character set 82 in ASCII order (General Specifications, figure 7.11-1)."""

DOT_SEGMENTS = (".", "..")
"""Legal in GS1, yet every URL reader takes them out of a path (RFC 3986, 5.2.4), so no lot or serial may be one."""

MAX_LOT_LENGTH = 20
MAX_SERIAL_LENGTH = 20

_DIGITS = re.compile(r"[0-9]+", re.ASCII)
_CSET82_SET = frozenset(CSET82)
_LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def check_digit(body: str) -> str:
    """The check digit for the digits before it, weights 3 and 1 from the right (7.9.1).

    Raises: ValueError when `body` is empty or not made of the digits 0-9.
    """
    if not _DIGITS.fullmatch(body):
        raise ValueError(f"got {body!r}, want digits")
    total = 3 * sum(map(int, body[::-2])) + sum(map(int, body[-2::-2]))
    return str(-total % 10)


@lru_cache(maxsize=REPEATED)
def parse_gtin(text: str) -> Gtin:
    """A 14-digit GTIN, as AI 01 carries it.

    Raises: GtinError when it is not 14 digits or the check digit is wrong.
    """
    if len(text) != 14 or not _DIGITS.fullmatch(text):
        raise GtinError(f"got {text[:24]!r}, want a GTIN of 14 digits")
    want = check_digit(text[:13])
    if text[13] != want:
        raise GtinError(f"check digit of GTIN {text} is {text[13]}, want {want}")
    return Gtin(text)


def gtin_from_any(text: str) -> Gtin:
    """A GTIN of 8, 12, 13 or 14 digits, as people type it, filled with zeros to 14 (3.3.2).

    Raises: GtinError.
    """
    digits = text.strip().replace(" ", "").replace("-", "")
    if len(digits) not in GTIN_LENGTHS:
        raise GtinError(f"got {text[:24]!r}, want a GTIN of 8, 12, 13 or 14 digits")
    return parse_gtin(digits.rjust(14, "0"))


def parse_cset82(text: str, what: str, shortest: int, longest: int) -> str:
    """`text` itself, when it is `shortest` to `longest` characters of set 82 and no dot segment.

    `what` names it in the error.

    Raises: Gs1SyntaxError.
    """
    if not shortest <= len(text) <= longest:
        raise Gs1SyntaxError(f"{what} has {len(text)} characters, want {shortest} to {longest}")
    if not _CSET82_SET.issuperset(text):
        strange = next(character for character in text if character not in _CSET82_SET)
        raise Gs1SyntaxError(f"{what} has the character {strange!r}, which GS1 character set 82 lacks")
    if text in DOT_SEGMENTS:
        raise Gs1SyntaxError(f"{what} is {text!r}, which no URL can carry")
    return text


def parse_lot(text: str) -> str:
    """A lot (AI 10) of 0-20 characters of set 82; empty means that the tag names no lot. Raises: Gs1SyntaxError."""
    return parse_cset82(text, "lot", 0, MAX_LOT_LENGTH)


def parse_serial(text: str) -> str:
    """A serial (AI 21) of 1-20 characters of set 82. Raises: Gs1SyntaxError."""
    return parse_cset82(text, "serial", 1, MAX_SERIAL_LENGTH)


@dataclass(frozen=True, slots=True, order=True)
class Expiry:
    """An expiry date as AI 17 carries it; day 0 stands for the last day of the month (3.4.7).

    `year` is the two digits 0-99, `month` 1-12, `day` 0-31.
    """

    year: int
    month: int
    day: int

    def __str__(self) -> str:
        """The six digits YYMMDD."""
        return f"{self.year:02d}{self.month:02d}{self.day:02d}"

    def last_day(self, reference_year: int) -> date:
        """The last day on which the unit is good, the century being that nearest to `reference_year` (7.12)."""
        return _last_day(self, reference_year)


@lru_cache(maxsize=REPEATED)
def parse_expiry(text: str) -> Expiry:
    """Six digits YYMMDD that are a day of the calendar, DD = 00 included.

    29 February passes whenever the two digits could be a leap year. Raises: Gs1SyntaxError.
    """
    if len(text) != 6 or not _DIGITS.fullmatch(text):
        raise Gs1SyntaxError(f"got expiry {text[:12]!r}, want YYMMDD")
    expiry = Expiry(int(text[:2]), int(text[2:4]), int(text[4:]))
    if not 1 <= expiry.month <= 12 or expiry.day > _longest_month(expiry.year, expiry.month):
        raise Gs1SyntaxError(f"expiry {text} is not a day of the calendar")
    return expiry


@lru_cache(maxsize=REPEATED)
def _last_day(expiry: Expiry, reference_year: int) -> date:
    year = _full_year(expiry.year, reference_year)
    month_end = calendar.monthrange(year, expiry.month)[1]
    return date(year, expiry.month, min(expiry.day or month_end, month_end))


def _longest_month(two_digit_year: int, month: int) -> int:
    # 2000 is a leap year; for the other years of two digits, the century makes no difference.
    return 28 if month == 2 and two_digit_year % 4 else _LONGEST_MONTHS[month - 1]


def _full_year(two_digit_year: int, reference_year: int) -> int:
    """General Specifications 7.12: 51 to 99 ahead is the century before, 50 to 99 behind the one after."""
    ahead = two_digit_year - reference_year % 100
    century = reference_year - reference_year % 100
    if ahead >= 51:
        century -= 100
    elif ahead <= -50:
        century += 100
    return century + two_digit_year
