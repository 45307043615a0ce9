"""A log checked from its files alone, by the words of the standards: nothing here calls what wrote it."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.tagcore.rfc6962 import mth

Read = Callable[[str], bytes | None]


@dataclass(frozen=True, kw_only=True)
class CheckedLog:
    """What a log's files hold, once every one of them was found right."""

    origin: str
    entries: tuple[bytes, ...]
    root: bytes


def in_folder(folder: Path) -> Read:
    def read(path: str) -> bytes | None:
        file = folder / path
        return file.read_bytes() if file.is_file() else None

    return read


def check_log(read: Read, public_key: bytes) -> CheckedLog:
    """Checkpoint, every bundle and every tile of every level."""
    note = read("checkpoint")
    assert note is not None, "no checkpoint"
    text, _, signatures = note.decode().rpartition("\n\n")
    origin, size_text, root_text = (text + "\n").splitlines()[:3]
    blob = b64decode(signatures.splitlines()[0].split(" ")[2])
    Ed25519PublicKey.from_public_bytes(public_key).verify(blob[4:], (text + "\n").encode())
    size, root = int(size_text), b64decode(root_text)
    entries = _entries(read, size)
    assert mth(entries) == root, "the entries do not lead to the root"
    level = [sha256(b"\x00" + entry).digest() for entry in entries]
    number = 0
    while level:
        for start in range(0, len(level), 256):
            tile = level[start : start + 256]
            assert read(_path(str(number), start // 256, len(tile))) == b"".join(tile)
        level = [_tile_root(level[start : start + 256]) for start in range(0, len(level) // 256 * 256, 256)]
        number += 1
    return CheckedLog(origin=origin, entries=tuple(entries), root=root)


def _entries(read: Read, size: int) -> list[bytes]:
    found: list[bytes] = []
    for start in range(0, size, 256):
        bundle = read(_path("entries", start // 256, min(256, size - start)))
        assert bundle is not None, f"no bundle from {start}"
        while bundle:
            length = int.from_bytes(bundle[:2], "big")
            found.append(bundle[2 : 2 + length])
            bundle = bundle[2 + length :]
    assert len(found) == size
    return found


def _path(level: str, index: int, width: int) -> str:
    digits = f"{index:03}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[place : place + 3] for place in range(0, len(digits), 3)]
    name = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return f"tile/{level}/{name}" + ("" if width == 256 else f".p/{width}")


def _tile_root(hashes: list[bytes]) -> bytes:
    while len(hashes) > 1:
        hashes = [
            sha256(b"\x01" + hashes[place] + hashes[place + 1]).digest() for place in range(0, len(hashes), 2)
        ]
    return hashes[0]
