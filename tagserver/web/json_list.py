"""A list in one JSON document, item by item: no more of it is in memory than the longest item may take.

The document is an array of items, or an object with the array as `items` and perhaps a `place`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NoReturn, TextIO

_PIECE_CHARS = 64 * 1024
_SPACE = re.compile(r"[ \t\n\r]*")


class JsonListError(ValueError):
    """The document is no such list; it says where and why."""


def json_items(text: TextIO, *, longest: int) -> Iterator[tuple[object, str]]:
    """Each item, and how it was written (at most `longest` characters).

    Raises: JsonListError, as late as where the document is wrong.
    """
    found = False
    for name, document in _members(text, longest):
        if name == "items":
            found = True
            yield from document.array()
        else:
            document.value()
    if not found:
        raise JsonListError("want a JSON array, or an object with an array 'items'")


def json_place(text: TextIO, *, longest: int) -> object:
    """The member `place`, None without one. Raises: JsonListError."""
    place: object = None
    for name, document in _members(text, longest):
        if name == "place":
            place, _ = document.value()
        else:
            for _ in document.array():
                pass
    return place


def _members(text: TextIO, longest: int) -> Iterator[tuple[str, _Document]]:
    """The document at the beginning of each member's value; who iterates takes the value before the next."""
    document = _Document(text, longest)
    if document.peek() == "[":
        yield "items", document
    else:
        document.expect("{", "an array or an object")
        names: set[str] = set()
        while document.peek() != "}" or names:
            name, _ = document.value()
            if name not in ("items", "place") or name in names:
                raise JsonListError(
                    f"got member {str(name)[:40]!r}, want 'items' and perhaps 'place', once each"
                )
            names.add(str(name))
            document.expect(":", "a colon")
            yield str(name), document
            if document.peek() != ",":
                break
            document.expect(",", "a comma")
        document.expect("}", "the object's end")
    if document.peek():
        raise JsonListError(f"got {document.peek()!r} after the end")


class _Document:
    """A window over the text that moves on."""

    def __init__(self, text: TextIO, longest: int) -> None:
        self._text = text
        self._longest = longest
        self._window = ""
        self._at = 0
        self._decode = json.JSONDecoder(parse_constant=_no_constant).raw_decode

    def peek(self) -> str:
        """The next character that is no white space, "" at the end."""
        while True:
            self._at = _skip_space(self._window, self._at)
            if self._at < len(self._window):
                return self._window[self._at]
            if not self._fill(1):
                return ""

    def expect(self, character: str, what: str) -> None:
        """Take `character`. Raises: JsonListError."""
        if (got := self.peek()) != character:
            raise JsonListError(f"got {got or 'the end'!r}, want {what}")
        self._at += 1

    def value(self) -> tuple[object, str]:
        """Take a value. Raises: JsonListError."""
        self.peek()
        self._fill(self._longest)
        start = self._at
        try:
            value, self._at = self._decode(self._window, start)
        except (ValueError, RecursionError):
            begins = self._window[start : start + 40]
            message = f"got {begins!r}, want JSON values of at most {self._longest} characters"
            raise JsonListError(message) from None
        if self._at - start > self._longest:
            raise JsonListError(f"an item has more than {self._longest} characters")
        return value, self._window[start : self._at]

    def array(self) -> Iterator[tuple[object, str]]:
        """Take an array, value by value. Raises: JsonListError."""
        self.expect("[", "an array")
        if self.peek() == "]":
            self._at += 1
            return
        while True:
            yield self.value()
            if self.peek() != ",":
                break
            self._at += 1
        self.expect("]", "a comma or the array's end")

    def _fill(self, least: int) -> bool:
        """Have `least` characters ahead, or all there are; whether there is one."""
        while len(self._window) - self._at < least:
            piece = self._text.read(_PIECE_CHARS)
            if not piece:
                break
            self._window, self._at = self._window[self._at :] + piece, 0
        return self._at < len(self._window)


def _skip_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    assert found is not None
    return found.end()


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
