"""JSON documents that have exactly one form: RFC 8785, no member more or less than their specification names.

A verifier that passed over a member it does not know could pass over a restriction, so whatever does not come out
again byte for byte is refused.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from itertools import accumulate
from typing import Any, NoReturn, TypeVar

from tagcore.base64_text import parse_base64
from tagcore.canonical import Json, canonical_json
from tagcore.errors import DocumentError
from tagcore.moment import parse_moment

_Word = TypeVar("_Word", bound=str)

MAX_INTEGER = 2**53 - 1

MAX_DEPTH = 32
"""Objects and lists within each other. No document here has more than eight; how a parser ends that goes much deeper
depends on the stack of whoever runs it.
"""

_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_NO_BRACKETS = bytes(set(range(256)) - set(_STEPS))


def parse_document(data: bytes, max_bytes: int) -> Json:
    """The value that canonical JSON stands for. Raises: DocumentError when it is larger, or not canonical."""
    if len(data) > max_bytes:
        raise DocumentError(f"got {len(data)} bytes, want at most {max_bytes}")
    check_depth(data)
    try:
        value: Json = json.loads(data.decode("utf-8"), parse_float=_refuse, parse_constant=_refuse)
        canonical = canonical_json(value)
    except ValueError as error:
        raise DocumentError(f"not canonical JSON: {error}") from error
    if canonical != data:
        raise DocumentError("the JSON is not in its canonical form")
    return value


def check_depth(data: bytes) -> None:
    """Raises: DocumentError when JSON nests deeper than `MAX_DEPTH`; says nothing else about it. Linear in its size."""
    escaped = data.replace(rb"\\", b"").replace(rb"\"", b"")
    outside_strings = b"".join(escaped.split(b'"')[::2])
    brackets = outside_strings.translate(None, _NO_BRACKETS)
    if any(depth > MAX_DEPTH for depth in accumulate(map(_STEPS.__getitem__, brackets))):
        raise DocumentError(f"the JSON is nested more than {MAX_DEPTH} deep")


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"got the number {text[:24]}, want integers")


class Members:
    """The members of a JSON object, each taken out once, with its type checked; `done` refuses what is left."""

    def __init__(self, value: Json) -> None:
        if not isinstance(value, Mapping):
            raise DocumentError(f"got {type(value).__name__}, want an object")
        self._rest: dict[str, Any] = dict(value)

    def done(self) -> None:
        """Raises: DocumentError when a member is left that nobody asked for."""
        if self._rest:
            raise DocumentError(f"got the unknown members {', '.join(sorted(self._rest))[:200]}")

    def take(self, name: str) -> Any:  # noqa: ANN401 (JSON before it is checked)
        """The member, whatever it is; each method raises DocumentError when it is missing or of another form."""
        if name not in self._rest:
            raise DocumentError(f"the member {name} is missing")
        return self._rest.pop(name)

    def text(self, name: str) -> str:
        """A string."""
        value = self.take(name)
        if not isinstance(value, str):
            raise DocumentError(f"{name}: got {type(value).__name__}, want text")
        return value

    def word(self, name: str, kind: type[_Word]) -> _Word:
        """A string that is one of the words of the enumeration `kind`."""
        text = self.text(name)
        try:
            return kind(text)
        except ValueError:
            raise DocumentError(f"{name}: got {text[:40]!r}, which is none of its words") from None

    def constant(self, name: str, *wanted: str | int | None) -> None:
        """Refuses any other value than one of `wanted`."""
        value = self.take(name)
        if not any(type(value) is type(one) and value == one for one in wanted):
            raise DocumentError(f"{name}: got {str(value)[:40]!r}, want {' or '.join(map(str, wanted))}")

    def integer(self, name: str, lowest: int, highest: int = MAX_INTEGER) -> int:
        """An integer from `lowest` to `highest`, both included."""
        value = self.take(name)
        if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
            raise DocumentError(f"{name}: got {str(value)[:40]}, want an integer of {lowest} to {highest}")
        return value

    def hex(self, name: str, length: int) -> bytes:
        """`length` bytes as lower-case hex digits."""
        text = self.text(name)
        try:
            data = bytes.fromhex(text)
        except ValueError:
            data = b""
        if data.hex() != text or len(data) != length:
            raise DocumentError(f"{name}: want {2 * length} hex digits in lower case")
        return data

    def base64(self, name: str) -> bytes:
        """Bytes in canonical base 64."""
        try:
            return parse_base64(self.text(name))
        except ValueError as error:
            raise DocumentError(f"{name}: {error}") from None

    def moment(self, name: str) -> datetime:
        """A time `YYYY-MM-DDTHH:MM:SSZ`."""
        try:
            return parse_moment(self.text(name))
        except ValueError as error:
            raise DocumentError(f"{name}: {error}") from None

    def items(self, name: str, most: int) -> tuple[Json, ...]:
        """A list of at most `most` values."""
        value = self.take(name)
        if not isinstance(value, list) or len(value) > most:
            raise DocumentError(f"{name}: want a list of at most {most}")
        return tuple(value)

    def texts(self, name: str, most: int) -> tuple[str, ...]:
        """A list of at most `most` strings."""
        values = self.items(name, most)
        if not all(isinstance(value, str) for value in values):
            raise DocumentError(f"{name}: want a list of texts")
        return tuple(str(value) for value in values)

    def base64_list(self, name: str, most: int) -> tuple[bytes, ...]:
        """A list of at most `most` byte strings in base 64."""
        try:
            return tuple(parse_base64(text) for text in self.texts(name, most))
        except ValueError as error:
            raise DocumentError(f"{name}: {error}") from None

    def object(self, name: str) -> "Members":
        """An object within."""
        return Members(self.take(name))

    def is_null(self, name: str) -> bool:
        """Whether the member is there and null; then it is taken."""
        if self._rest.get(name, "") is None:
            self.take(name)
            return True
        return False
