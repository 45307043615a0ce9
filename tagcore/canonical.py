"""Canonical JSON: the one byte string that stands for a value when it is signed or hashed.

RFC 8785 (JCS) for the values used here: no floating-point numbers, object keys in ASCII.
"""

import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = "str | int | bool | Sequence[Json] | Mapping[str, Json] | None"

_LARGEST_INTEGER = 2**53 - 1  # RFC 8785, 3.2.2.3: numbers are IEEE 754 doubles


def canonical_json(value: Json) -> bytes:
    """`value` in RFC 8785 form, UTF-8.

    Raises: ValueError for a float, an integer beyond 2^53 - 1, a key outside ASCII or a lone surrogate.
    """
    _check(value)
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)
    return text.encode("utf-8")


def _check(value: Json) -> None:
    match value:
        case float():
            raise ValueError(f"got the float {value}, want integers only")
        case bool() | None | str():
            pass
        case int():
            if abs(value) > _LARGEST_INTEGER:
                raise ValueError(f"{value} is beyond the integers that JSON readers agree on")
        case Mapping():
            for key, item in value.items():
                if not key.isascii():
                    raise ValueError(f"key {key!r} is outside ASCII")
                _check(item)
        case _:
            for item in value:
                _check(item)
