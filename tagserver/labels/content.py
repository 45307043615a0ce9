"""What one label says: the URL in the symbol and the lines for people.

The lines carry GS1 application identifiers in brackets (GS1 General Specifications, 4.14: human readable
interpretation). The domain stands there in words, because a forger prints his own URL and only the printed
domain tells a buyer which address is the right one.
"""

import unicodedata
from dataclasses import dataclass

from tagserver.labels.errors import ContentError
from tagserver.labels.segments import Mode, shape_of

NAME_MAX_CHARACTERS = 200
"""A longer product name could not be read on any label."""

DOMAIN_INTRODUCTION = "Verify only at"


def normal_name(text: str) -> str:
    """A product name in composed form (NFC), each run of white space made one space."""
    return " ".join(unicodedata.normalize("NFC", text).split())


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchText:
    """What the labels of one batch share. `product_name` is as `normal_name` makes it.

    `expiry` stands after (17), by GS1 as `YYMMDD`; lot and expiry may be empty, and then have no line.
    `domain` is the host in words, as a person would type it.

    Raises: ContentError when a field that must not be empty is, or one holds what does not print.
    """

    product_name: str
    gtin: str
    lot: str
    expiry: str
    domain: str

    def __post_init__(self) -> None:
        if not (self.product_name and self.gtin and self.domain):
            raise ContentError("got no name, GTIN or domain, want all three on every label")
        if len(self.product_name) > NAME_MAX_CHARACTERS:
            length = len(self.product_name)
            raise ContentError(f"got a name of {length} characters, want at most {NAME_MAX_CHARACTERS}")
        if not (self.product_name + self.gtin + self.lot + self.expiry + self.domain).isprintable():
            raise ContentError("got characters that do not print, want text on one line")

    @property
    def identifiers(self) -> tuple[str, ...]:
        """The lines above the serial, in their order."""
        pairs = (("(01)", self.gtin), ("(10)", self.lot), ("(17)", self.expiry))
        return tuple(f"{prefix} {value}" for prefix, value in pairs if value)

    @property
    def domain_words(self) -> tuple[str, str]:
        """Printed on one line or on two."""
        return DOMAIN_INTRODUCTION, self.domain


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelContent:
    """One label: the batch's text, this unit's serial (AI 21) and the URL in its symbol.

    Raises: ContentError when URL or serial are empty, or the serial does not print.
    """

    batch: BatchText
    serial: str
    url: str

    def __post_init__(self) -> None:
        if not (self.url and self.serial and self.serial.isprintable()):
            raise ContentError(f"got URL {self.url!r} and serial {self.serial!r}, want both, printable")

    @property
    def serial_line(self) -> str:
        return f"(21) {self.serial}"

    @property
    def shape(self) -> str:
        """That of the URL, see `url_shape`."""
        return url_shape(self.url)


def url_shape(url: str) -> str:
    """The URL's shape (`segments.shape_of`) with what follows /21/ widened to one mode.

    A serial that happens to be all digits must not make a smaller symbol than its neighbours have, and a million
    serials must not make a thousand shapes.
    """
    shape = shape_of(url)
    before, found, after = url.partition("/21/")
    if not found:
        return shape
    first, length = len(before) + len(found), len(after.partition("?")[0])
    widest = Mode.BYTE if Mode.BYTE in shape[first : first + length] else Mode.ALPHANUMERIC
    return shape[:first] + widest * length + shape[first + length :]
