"""Reading single values: from the environment they are text, from the settings file they have TOML's
types.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

_HOST = re.compile(
    r"(?=.{1,253}(?::|$))(?:[A-Z0-9](?:[A-Z0-9-]{0,61}[A-Z0-9])?\.)*[A-Z0-9](?:[A-Z0-9-]{0,61}[A-Z0-9])?"
    r"(?::[1-9][0-9]{0,4})?",
    re.ASCII,
)
_PUBLIC_KEY = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)
_RATE_STORAGE = re.compile(
    r"(?:redis|rediss|redis\+sentinel|redis\+cluster|valkey|memcached)://\S+", re.ASCII
)
_BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9!_.*'()/-]*)?", re.ASCII)
_ORIGIN = re.compile(r"[!-*,-~]{1,200}", re.ASCII)
_BLOCK_ID = re.compile(r"0x[0-9a-f]{64}", re.ASCII)
_OBJECT_ID = re.compile(r"[0-2](?:\.(?:0|[1-9][0-9]*))+", re.ASCII)
_HEADER = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)


def text(value: object) -> str:
    """One line of text. Raises ValueError, as all of these do."""
    if not isinstance(value, str):
        raise ValueError("want text")
    if not value.isprintable():
        raise ValueError("want one line of printable text")
    return value.strip()


def host_name(value: object) -> str:
    """A domain in upper case, as tags carry it: RFC 1123, 2.1, with an optional port."""
    host = text(value).upper()
    if not _HOST.fullmatch(host):
        raise ValueError("want a domain such as ID.EXAMPLE.COM")
    return host


def url(value: object) -> str:
    """An http or https address without path, or nothing."""
    address = text(value).rstrip("/")
    parts = urlsplit(address)
    if address and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query):
        raise ValueError("want an address such as https://id.example.com")
    return address


def rate_storage(value: object) -> str:
    """Where requests are counted: an address that `limits` knows for Redis or Memcached, or nothing."""
    address = text(value)
    if address and not _RATE_STORAGE.fullmatch(address):
        raise ValueError("want an address such as redis://localhost:6379 or memcached://localhost:11211")
    return address


def bucket_or_nothing(value: object) -> str:
    """An S3 bucket with a prefix in it, or nothing."""
    address = text(value)
    if address and not _BUCKET.fullmatch(address):
        raise ValueError("want a bucket such as s3://my-bucket/log")
    return address


def log_origin(value: object) -> str:
    """A log's name (C2SP tlog-checkpoint): printable ASCII without spaces or plus, or nothing."""
    origin = text(value)
    if origin and not _ORIGIN.fullmatch(origin):
        raise ValueError("want a name such as id.example.com/log, without spaces or plus")
    return origin


def addresses(value: object) -> str:
    """Http or https addresses of nodes, separated by spaces, or nothing."""
    given = text(value).split()
    for address in given:
        parts = urlsplit(address)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.fragment:
            raise ValueError("want addresses such as https://node.example.com, separated by spaces")
    return " ".join(given)


def block_id(value: object) -> str:
    """The id of a block: 0x and 64 hex digits, or nothing."""
    digits = text(value).lower()
    if digits and not _BLOCK_ID.fullmatch(digits):
        raise ValueError("want 0x and 64 hex digits")
    return digits


def link_template(value: object) -> str:
    """An address with {transaction} or {block} in it, or nothing."""
    template = text(value)
    filled = template.replace("{transaction}", "0x00").replace("{block}", "0")
    parts = urlsplit(filled)
    if template and (
        parts.scheme not in {"http", "https"} or not parts.hostname or filled == template or "{" in filled
    ):
        raise ValueError("want an address such as https://explorer.example.com/tx/{transaction}")
    return template


def object_id(value: object) -> str:
    """An object identifier such as 1.2.3.4, or nothing."""
    identifier = text(value)
    if identifier and not _OBJECT_ID.fullmatch(identifier):
        raise ValueError("want an object identifier such as 1.2.3.4")
    return identifier


def header_name(value: object) -> str:
    """The name of an HTTP header, or nothing."""
    name = text(value)
    if name and not _HEADER.fullmatch(name):
        raise ValueError("want the name of a header such as CF-IPCountry")
    return name


def optional_path(value: object) -> Path | None:
    """A path, or None for nothing."""
    name = text(value)
    return Path(name) if name else None


def number(least: int, most: int) -> Callable[[object], int]:
    """A reader of whole numbers from `least` to `most`, both included; `_` may group digits."""

    def parse(value: object) -> int:
        if isinstance(value, str) and re.fullmatch(r"[0-9]+(_[0-9]+)*", value.strip(), re.ASCII):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ValueError(f"want a whole number from {least:,} to {most:,}")
        return value

    return parse


def real(least: float, most: float) -> Callable[[object], float]:
    """A reader of numbers from `least` to `most`, both included."""

    def parse(value: object) -> float:
        if isinstance(value, str) and re.fullmatch(r"[0-9]+(\.[0-9]+)?", value.strip(), re.ASCII):
            value = float(value)
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise ValueError(f"want a number from {least:,} to {most:,}")
        return float(value)

    return parse


def public_key(value: object) -> bytes:
    """An Ed25519 public key: 64 hex digits."""
    digits = text(value)
    if not _PUBLIC_KEY.fullmatch(digits):
        raise ValueError("want 64 hex digits")
    return bytes.fromhex(digits)
