"""A whole tag as one decimal number, the form that fits the smallest symbol.

Specification: docs/spec/tag-format.md, section 5. The number is mixed-radix, least significant part first::

    signature (2^512) · slot (256) · format (4) · GTIN without check digit (10^13) · expiry (38401)
    · serial kind (2) · serial (2^64, or the strings of 0-20 characters of set 82) · lot alphabet (2) · lot

QR's numeric mode carries it at 3.33 bits a digit.
"""

import re
from functools import lru_cache

from tagcore.errors import TagSyntaxError, UnsupportedFormatError
from tagcore.gs1 import (
    CSET82,
    MAX_LOT_LENGTH,
    MAX_SERIAL_LENGTH,
    REPEATED,
    Expiry,
    Gtin,
    check_digit,
    parse_expiry,
    parse_lot,
    parse_serial,
)
from tagcore.identity import Identity
from tagcore.serials import int_to_serial, is_generated, serial_to_int

FORMAT = 1
LATER_FORMATS = (2, 3)

LOT_ALPHABET = "-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""The 39 characters that nearly all lots are made of; a lot with any other is written over all of set 82."""

_LOT_LETTERS = frozenset(LOT_ALPHABET)
_EXPIRY_RADIX = 1 + 100 * 12 * 32
_NUMBER = re.compile(r"[1-9][0-9]{156,251}", re.ASCII)  # 2^520 to the longest lot and serial of set 82


def _count_strings(radix: int, longest: int) -> int:
    """How many strings of 0 to `longest` characters an alphabet of `radix` characters has."""
    return sum(radix**length for length in range(longest + 1))


_SUPPLIED_RADIX = _count_strings(len(CSET82), MAX_SERIAL_LENGTH)
_LOT_LIMITS = tuple(_count_strings(len(letters), MAX_LOT_LENGTH) for letters in (LOT_ALPHABET, CSET82))


def is_number(text: str) -> bool:
    """Whether `text` can be a compact tag: a decimal number without leading zeros, of a tag's size."""
    return _NUMBER.fullmatch(text) is not None


def encode(identity: Identity, signature: bytes) -> int:
    """The number of a tag."""
    plain = _is_plain(identity.lot)
    number = _string_to_int(identity.lot, LOT_ALPHABET if plain else CSET82)
    number = number * 2 + (0 if plain else 1)
    if is_generated(identity.serial):
        number = number * 2**64 + serial_to_int(identity.serial)
        number = number * 2
    else:
        number = number * _SUPPLIED_RADIX + _string_to_int(identity.serial, CSET82)
        number = number * 2 + 1
    number = number * _EXPIRY_RADIX + _expiry_to_int(identity.expiry)
    number = number * 10**13 + int(identity.gtin[:13])
    number = (number * 4 + FORMAT) * 256 + identity.slot
    return number << 512 | int.from_bytes(signature, "big")


def decode(number: int) -> tuple[Identity, bytes]:
    """(identity, signature of 64 bytes) of a number of a tag's size.

    A number is one tag's only: where two ways to write a field exist, the longer is refused. Raises: InputError.
    """
    rest, signature = divmod(number, 1 << 512)
    rest, slot = divmod(rest, 256)
    rest, tag_format = divmod(rest, 4)
    if tag_format != FORMAT:
        raise format_error(tag_format)
    rest, body = divmod(rest, 10**13)
    rest, expiry = divmod(rest, _EXPIRY_RADIX)
    rest, serial = _take_serial(rest)
    identity = Identity(
        gtin=_body_to_gtin(body),
        lot=_rest_to_lot(rest),
        serial=parse_serial(serial),
        expiry=_int_to_expiry(expiry),
        slot=slot,
    )
    return identity, signature.to_bytes(64, "big")


def format_error(tag_format: int) -> TagSyntaxError | UnsupportedFormatError:
    """The error for a format number that is not ours: a later release's, or none at all."""
    if tag_format in LATER_FORMATS:
        return UnsupportedFormatError(f"tag format {tag_format} is later than this reader knows")
    return TagSyntaxError(f"tag format {tag_format} does not exist")


def _take_serial(rest: int) -> tuple[int, str]:
    """(what is left, the serial)."""
    rest, supplied = divmod(rest, 2)
    if not supplied:
        rest, value = divmod(rest, 2**64)
        return rest, int_to_serial(value)
    rest, value = divmod(rest, _SUPPLIED_RADIX)
    serial = _int_to_string(value, CSET82)
    if is_generated(serial):
        raise TagSyntaxError("the serial has to be written as a generated one")
    return rest, serial


@lru_cache(maxsize=REPEATED)
def _body_to_gtin(body: int) -> Gtin:
    digits = f"{body:013d}"
    return Gtin(digits + check_digit(digits))


@lru_cache(maxsize=REPEATED)
def _rest_to_lot(rest: int) -> str:
    rest, wide = divmod(rest, 2)
    if rest >= _LOT_LIMITS[wide]:
        raise TagSyntaxError(f"the lot is longer than {MAX_LOT_LENGTH} characters")
    lot = _int_to_string(rest, CSET82 if wide else LOT_ALPHABET)
    if wide and _is_plain(lot):
        raise TagSyntaxError("the lot has to be written in the smaller alphabet")
    return parse_lot(lot)


def _is_plain(lot: str) -> bool:
    return _LOT_LETTERS.issuperset(lot)


def _expiry_to_int(expiry: Expiry | None) -> int:
    return 0 if expiry is None else 1 + (expiry.year * 12 + expiry.month - 1) * 32 + expiry.day


@lru_cache(maxsize=REPEATED)
def _int_to_expiry(value: int) -> Expiry | None:
    if value == 0:
        return None
    months, day = divmod(value - 1, 32)
    year, month = divmod(months, 12)
    return parse_expiry(f"{year:02d}{month + 1:02d}{day:02d}")


def _string_to_int(text: str, alphabet: str) -> int:
    """Bijective numeration: "" is 0, then all strings by length, then in the alphabet's order."""
    value = 0
    for character in text:
        value = value * len(alphabet) + alphabet.index(character) + 1
    return value


def _int_to_string(value: int, alphabet: str) -> str:
    characters = []
    while value:
        value, digit = divmod(value - 1, len(alphabet))
        characters.append(alphabet[digit])
    return "".join(reversed(characters))
