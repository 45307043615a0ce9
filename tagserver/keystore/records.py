"""The JSON files of a keystore: strict reading, and the fields that each binds to its secret."""

from __future__ import annotations

import binascii
import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tagcore.canonical import Json
from tagserver.keystore.seal import NONCE_BYTES, SALT_BYTES, ScryptCost, Sealed
from tagserver.ports import KeyId, KeyPurpose, SealedKey

MAX_FILE_BYTES = 16 * 1024
"""A file of ours has under 1 KiB."""

_KEYSTORE = "origintag-keystore"
_KEY = "origintag-sealed-key"
_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class KeystoreRecord:
    """The keystore's own file: how the passphrase opens the sealed master key. `salt` is scrypt's."""

    cost: ScryptCost
    salt: bytes
    master: Sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRecord:
    """One key's file: what anyone may know of it, and its sealed secret."""

    public: SealedKey
    secret: Sealed


def bound_to_master(cost: ScryptCost, salt: bytes) -> dict[str, Json]:
    """The fields of the keystore file that go with the master key."""
    return {
        "format": _KEYSTORE,
        "version": _VERSION,
        "kdf": "scrypt",
        "n": cost.n,
        "r": cost.r,
        "p": cost.p,
        "kdf_salt": _format_bytes(salt),
    }


def bound_to_key(public: SealedKey) -> dict[str, Json]:
    """The fields of a key file that go with its secret."""
    return {
        "format": _KEY,
        "version": _VERSION,
        "id": public.id,
        "purpose": public.purpose.value,
        "public_key": None if public.public_key is None else public.public_key.hex(),
        "created_at": public.created_at.isoformat(),
    }


def format_keystore(record: KeystoreRecord) -> bytes:
    """The keystore file."""
    return _format(bound_to_master(record.cost, record.salt), record.master)


def format_key(record: KeyRecord) -> bytes:
    """A key file."""
    return _format(bound_to_key(record.public), record.secret)


def parse_keystore(data: bytes) -> KeystoreRecord:
    """Raises ValueError (TypeError, KeyError are turned into it) for anything but a file that we wrote."""
    fields = _parse(data, _KEYSTORE)
    cost = ScryptCost(n=int(fields["n"]), r=int(fields["r"]), p=int(fields["p"]))
    record = KeystoreRecord(
        cost=cost, salt=_parse_bytes(fields["kdf_salt"], SALT_BYTES), master=_sealed(fields)
    )
    _check_canonical(data, format_keystore(record))
    return record


def parse_key(data: bytes) -> KeyRecord:
    """Raises ValueError for anything but a file that we wrote."""
    fields = _parse(data, _KEY)
    public_key = fields["public_key"]
    public = SealedKey(
        id=KeyId(str(fields["id"])),
        purpose=KeyPurpose(fields["purpose"]),
        public_key=None if public_key is None else bytes.fromhex(public_key),
        created_at=datetime.fromisoformat(fields["created_at"]),
    )
    record = KeyRecord(public=public, secret=_sealed(fields))
    _check_canonical(data, format_key(record))
    return record


def _format(bound: dict[str, Json], sealed: Sealed) -> bytes:
    secret = {
        "salt": _format_bytes(sealed.salt),
        "nonce": _format_bytes(sealed.nonce),
        "sealed": _format_bytes(sealed.ciphertext),
    }
    return json.dumps({**bound, **secret}, indent=2).encode("ascii") + b"\n"


def _parse(data: bytes, kind: str) -> dict[str, Any]:
    fields = json.loads(data)
    if not isinstance(fields, dict) or (fields.get("format"), fields.get("version")) != (kind, _VERSION):
        raise ValueError(f"not a file of format {kind} {_VERSION}")
    return fields


def _sealed(fields: dict[str, Any]) -> Sealed:
    return Sealed(
        salt=_parse_bytes(fields["salt"], SALT_BYTES),
        nonce=_parse_bytes(fields["nonce"], NONCE_BYTES),
        ciphertext=_parse_bytes(fields["sealed"], None),
    )


def _format_bytes(value: bytes) -> str:
    return b64encode(value).decode("ascii")


def _parse_bytes(text: str, length: int | None) -> bytes:
    try:
        value = b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if length is not None and len(value) != length:
        raise ValueError(f"got {len(value)} bytes, want {length}")
    return value


def _check_canonical(data: bytes, again: bytes) -> None:
    if data != again:
        raise ValueError("not written as we write it")
