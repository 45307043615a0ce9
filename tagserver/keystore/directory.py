"""A keystore in a folder: `keystore.json` and one `<id>.key.json` a key.

Whoever holds the folder without the passphrase learns the keys' names, purposes, public halves and ages, no
more.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Self

from tagcore.serials import SerialCipher
from tagserver.config import Secret
from tagserver.keystore.chain_key import OpenedChainKey, new_chain_secret
from tagserver.keystore.durable import replace, write_new
from tagserver.keystore.records import (
    MAX_FILE_BYTES,
    KeyRecord,
    KeystoreRecord,
    bound_to_key,
    bound_to_master,
    format_key,
    format_keystore,
    parse_key,
    parse_keystore,
)
from tagserver.keystore.seal import DEFAULT_COST, KEY_BYTES, SALT_BYTES, Random, ScryptCost, SealingKey
from tagserver.keystore.signing_key import (
    OpenedKey,
    format_private_key,
    new_private_key,
    parse_private_key,
)
from tagserver.ports import KeyId, KeyPurpose, KeystoreCode, KeystoreError, SealedKey

_KEY_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}", re.ASCII)
_SUFFIX = ".key.json"


class KeyDirectory:
    """Implements `tagserver.ports.Keystore`. Asks for the passphrase when first needed; safe to share by
    threads.
    """

    def __init__(self, folder: Path, passphrase: Secret, *, random: Random) -> None:
        self._folder = folder
        self._passphrase = passphrase
        self._random = random
        self._lock = Lock()
        self._master: SealingKey | None = None

    @classmethod
    def create(
        cls, folder: Path, passphrase: Secret, *, random: Random, cost: ScryptCost = DEFAULT_COST
    ) -> Self:
        """An empty keystore; the folder is made, mode 0700. Raises KeystoreError (EXISTS), ConfigError."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        record = _sealed_master(random(KEY_BYTES), passphrase, cost, random)
        try:
            write_new(folder / "keystore.json", format_keystore(record))
        except FileExistsError:
            raise KeystoreError(KeystoreCode.EXISTS) from None
        return cls(folder, passphrase, random=random)

    def change_passphrase(self, new: Secret, *, cost: ScryptCost = DEFAULT_COST) -> None:
        """Seal the master key anew. The key files stay as they are; copies of the old file still open as
        before.
        """
        with self._lock:
            master = self._open_master()
            record = _sealed_master(master, new, cost, self._random)
            replace(self._folder / "keystore.json", format_keystore(record))
            self._passphrase = new

    def create_signing_key(self, key_id: KeyId, purpose: KeyPurpose, *, at: datetime) -> OpenedKey:
        """Raises ValueError for a purpose that does not sign."""
        if purpose in {KeyPurpose.SERIAL, KeyPurpose.CHAIN}:
            raise ValueError(f"a {purpose} key does not sign with Ed25519")
        private = new_private_key(self._random)
        opened = OpenedKey(key_id, private)
        self._write(key_id, purpose, opened.public_key, format_private_key(private), at)
        return opened

    def signing_key(self, key_id: KeyId, purpose: KeyPurpose) -> OpenedKey:
        """Opened anew each time; the passphrase's slow part is not repeated."""
        record, secret = self._read(key_id, purpose)
        opened = OpenedKey(key_id, parse_private_key(secret))
        if opened.public_key != record.public.public_key:
            raise KeystoreError(KeystoreCode.DAMAGED, key_id)
        return opened

    def signing_key_of(self, public_key: bytes, purpose: KeyPurpose) -> OpenedKey:
        """Looked for among all."""
        for key in self.keys():
            if (key.public_key, key.purpose) == (public_key, purpose):
                return self.signing_key(key.id, purpose)
        raise KeystoreError(KeystoreCode.KEY_MISSING)

    def create_serial_key(self, key_id: KeyId, *, at: datetime) -> SerialCipher:
        """A cipher under 32 random bytes."""
        secret = self._random(KEY_BYTES)
        self._write(key_id, KeyPurpose.SERIAL, None, secret, at)
        return SerialCipher(secret)

    def serial_cipher(self, key_id: KeyId) -> SerialCipher:
        """The cipher again."""
        return SerialCipher(self._read(key_id, KeyPurpose.SERIAL)[1])

    def create_chain_key(self, key_id: KeyId, *, at: datetime) -> OpenedChainKey:
        """A key on secp256k1."""
        secret = new_chain_secret(self._random)
        opened = OpenedChainKey(key_id, secret)
        self._write(key_id, KeyPurpose.CHAIN, opened.public_key, secret, at)
        return opened

    def chain_key(self, key_id: KeyId) -> OpenedChainKey:
        """Opened anew each time."""
        record, secret = self._read(key_id, KeyPurpose.CHAIN)
        opened = OpenedChainKey(key_id, secret)
        if opened.public_key != record.public.public_key:
            raise KeystoreError(KeystoreCode.DAMAGED, key_id)
        return opened

    def keys(self) -> tuple[SealedKey, ...]:
        """In order of id."""
        if not (self._folder / "keystore.json").exists():
            raise KeystoreError(KeystoreCode.MISSING)
        ids = sorted(path.name.removesuffix(_SUFFIX) for path in self._folder.glob(f"[a-z0-9]*{_SUFFIX}"))
        return tuple(self._record(KeyId(key_id)).public for key_id in ids)

    def _write(
        self, key_id: KeyId, purpose: KeyPurpose, public_key: bytes | None, secret: bytes, at: datetime
    ) -> None:
        path = self._path(key_id)
        created_at = at.astimezone(UTC).replace(microsecond=0)
        public = SealedKey(id=key_id, purpose=purpose, public_key=public_key, created_at=created_at)
        sealed = self._opened().seal(secret, bound_to_key(public), self._random)
        try:
            write_new(path, format_key(KeyRecord(public=public, secret=sealed)))
        except FileExistsError:
            raise KeystoreError(KeystoreCode.KEY_EXISTS, key_id) from None

    def _read(self, key_id: KeyId, purpose: KeyPurpose) -> tuple[KeyRecord, bytes]:
        record = self._record(key_id)
        if record.public.purpose is not purpose:
            raise KeystoreError(KeystoreCode.WRONG_PURPOSE, key_id)
        secret = self._opened().open(record.secret, bound_to_key(record.public))
        if secret is None:
            raise KeystoreError(KeystoreCode.DAMAGED, key_id)
        return record, secret

    def _record(self, key_id: KeyId) -> KeyRecord:
        data = _read_file(self._path(key_id), KeystoreCode.KEY_MISSING, key_id)
        try:
            record = parse_key(data)
        except (ValueError, TypeError, KeyError):
            raise KeystoreError(KeystoreCode.DAMAGED, key_id) from None
        if record.public.id != key_id:
            raise KeystoreError(KeystoreCode.DAMAGED, key_id)
        return record

    def _opened(self) -> SealingKey:
        with self._lock:
            if self._master is None:
                self._master = SealingKey(self._open_master())
            return self._master

    def _open_master(self) -> bytes:
        data = _read_file(self._folder / "keystore.json", KeystoreCode.MISSING)
        try:
            record = parse_keystore(data)
        except (ValueError, TypeError, KeyError):
            raise KeystoreError(KeystoreCode.DAMAGED) from None
        key = SealingKey.from_passphrase(self._passphrase.reveal(), record.salt, record.cost)
        master = key.open(record.master, bound_to_master(record.cost, record.salt))
        if master is None:
            raise KeystoreError(KeystoreCode.WRONG_PASSPHRASE)
        return master

    def _path(self, key_id: KeyId) -> Path:
        if not _KEY_ID.fullmatch(key_id):
            raise KeystoreError(KeystoreCode.KEY_ID, key_id)
        return self._folder / f"{key_id}{_SUFFIX}"


def _sealed_master(master: bytes, passphrase: Secret, cost: ScryptCost, random: Random) -> KeystoreRecord:
    salt = random(SALT_BYTES)
    key = SealingKey.from_passphrase(passphrase.reveal(), salt, cost)
    sealed = key.seal(master, bound_to_master(cost, salt), random)
    return KeystoreRecord(cost=cost, salt=salt, master=sealed)


def _read_file(path: Path, missing: KeystoreCode, key_id: KeyId | None = None) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        raise KeystoreError(missing, key_id) from None
    if len(data) > MAX_FILE_BYTES:
        raise KeystoreError(KeystoreCode.DAMAGED, key_id)
    return data
