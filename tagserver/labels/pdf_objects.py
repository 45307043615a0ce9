"""A PDF written from front to back (ISO 32000-1:2008, 7.5), for files larger than memory.

Libraries that we know build the whole document before they write it; a million labels are 42,000 pages and
half a gigabyte. Here an object is written as soon as it is known and only its offset is kept.
"""

from array import array
from functools import lru_cache
from typing import BinaryIO

_HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
"""The second line's bytes above 127 tell transfer programs that the file is binary (7.5.2)."""

LARGEST_OFFSET = 9_999_999_999
"""A cross-reference entry has ten digits (7.5.4)."""


class PdfObjects:
    """Writes numbered objects to a binary file that need not be seekable."""

    def __init__(self, out: BinaryIO) -> None:
        self._out, self._offsets, self._position = out, array("Q"), 0
        self._write(_HEADER)

    def reserve(self) -> int:
        """The number of an object that is written later, or was just announced to others."""
        self._offsets.append(0)
        return len(self._offsets)

    def write(self, number: int, body: bytes) -> None:
        """Writes the object of a reserved number."""
        self._offsets[number - 1] = self._position
        self._write(b"%d 0 obj\n%b\nendobj\n" % (number, body))

    def write_stream(self, number: int, entries: bytes, data: bytes) -> None:
        """Writes a stream; `entries` are those of its dictionary besides the length."""
        head = b"<<%b/Length %d>>\nstream\n" % (entries, len(data))
        self.write(number, b"%b%b\nendstream" % (head, data))

    def add(self, body: bytes) -> int:
        """Writes an object under the next number, and returns that."""
        number = self.reserve()
        self.write(number, body)
        return number

    def close(self, *, root: int, info: int) -> None:
        """Writes the cross-reference table and the trailer; every reserved object must be written.

        Raises: ValueError when an object is missing, or the file is too long for its table.
        """
        if 0 in self._offsets or self._position > LARGEST_OFFSET:
            raise ValueError("an object was announced but not written, or the file exceeds 10 GB")
        start, count = self._position, len(self._offsets) + 1
        self._write(b"xref\n0 %d\n0000000000 65535 f \n" % count)
        for offset in self._offsets:
            self._write(b"%010d 00000 n \n" % offset)
        trailer = b"<</Size %d/Root %d 0 R/Info %d 0 R>>" % (count, root, info)
        self._write(b"trailer\n%b\nstartxref\n%d\n%%%%EOF\n" % (trailer, start))

    def _write(self, data: bytes) -> None:
        self._out.write(data)
        self._position += len(data)


def name_object(text: str) -> bytes:
    """A name (7.3.5); letters, digits and hyphens only."""
    return b"/" + text.encode("ascii")


def text_string(text: str) -> bytes:
    """A text string in UTF-16 with its mark (7.9.2.2), in hexadecimal."""
    return b"<FEFF%b>" % text.encode("utf-16-be").hex().upper().encode()


def literal_string(text: str) -> bytes:
    """A string to show in a WinAnsi font (7.3.4.2)."""
    raw = text.encode("cp1252")
    return b"(%b)" % raw.replace(b"\\", rb"\\").replace(b"(", rb"\(").replace(b")", rb"\)")


@lru_cache(maxsize=8192)  # positions on a sheet repeat from page to page
def number(value: float) -> bytes:
    """A number with four decimals at most: 1/70,000 inch in a page's units."""
    return b"%d" % value if value == int(value) else (b"%.4f" % value).rstrip(b"0").rstrip(b".")
