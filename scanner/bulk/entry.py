"""One thing to check, and where it came from."""

from collections.abc import Mapping
from dataclasses import dataclass

from tagcore.errors import InputError
from tagcore.evidence import NotOurs, Ours, Typed
from tagcore.gs1 import gtin_from_any, parse_expiry, parse_lot, parse_serial
from tagcore.reading import read
from tagcore.serials import normalise_typed

NUMBERS = ("gtin", "serial", "lot", "expiry")

MAX_TEXT = 8_000
"""A QR symbol holds 7,089 digits at most (ISO/IEC 18004, table 7); a server takes no more either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """Why there is nothing to check: a stable code and a sentence. `is_empty`: a picture without a code."""

    code: str
    detail: str
    is_empty: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An item: `source` is a picture's path, or a list's name and line."""

    source: str
    what: str | Typed | Flaw

    @property
    def text(self) -> str:
        """The text that was read; typed numbers in GS1's form for people."""
        match self.what:
            case str():
                return self.what
            case Typed(gtin=gtin, serial=serial):
                return f"(01){gtin}(21){serial}"
            case Flaw():
                return ""

    @property
    def numbers(self) -> Mapping[str, str]:
        """GTIN, lot, serial and expiry, as far as they were read; empty for what is no tag."""
        reading = read(self.what, None) if isinstance(self.what, str) else self.what
        match reading:
            case Ours(tag=tag):
                identity = tag.identity
                return _named(identity.gtin, identity.serial, identity.lot, identity.expiry)
            case Typed(gtin=gtin, serial=serial, lot=lot, expiry=expiry):
                return _named(gtin, serial, lot, expiry)
            case NotOurs() | Flaw():
                return {}


def _named(*values: object) -> Mapping[str, str]:
    return {name: str(value) for name, value in zip(NUMBERS, values, strict=True) if value}


def entry_of(source: str, item: Mapping[str, str]) -> Entry:
    """An item of a list: a `text`, or `gtin` and `serial`, with `lot` and `expiry` if they are there."""
    text = item.get("text")
    if text is not None:
        if not 0 < len(text) <= MAX_TEXT or not _is_text(text):
            return flawed(source, f"want a text of 1 to {MAX_TEXT} characters")
        return Entry(source=source, what=text)
    if "gtin" not in item or "serial" not in item:
        return flawed(source, "want a text, or gtin and serial")
    try:
        typed = Typed(
            gtin=gtin_from_any(item["gtin"]),
            serial=parse_serial(normalise_typed(item["serial"])),
            lot=parse_lot(item["lot"]) if "lot" in item else None,
            expiry=parse_expiry(item["expiry"]) if "expiry" in item else None,
        )
    except InputError as error:
        return Entry(source=source, what=Flaw(code=error.code, detail=str(error)))
    return Entry(source=source, what=typed)


def flawed(source: str, detail: str) -> Entry:
    """An item that cannot be read."""
    return Entry(source=source, what=Flaw(code="INPUT_INVALID", detail=detail))


def _is_text(text: str) -> bool:
    """False with lone surrogates: bytes that were no UTF-8."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
