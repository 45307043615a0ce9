import copy
import json
import pickle
import stat
import traceback
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import shake_256
from itertools import count
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tagcore.keys import verify_signature
from tagserver.config import ConfigError, Secret
from tagserver.keystore import DEFAULT_COST, KeyDirectory, ScryptCost
from tagserver.ports import KeyId, KeyPurpose, Keystore, KeystoreCode, KeystoreError, SealedKey
from tagserver.store import SqlStore, open_engine, upgrade
from tests.tagserver.store.cast import all_at_once, issuer_key, organisation

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CHEAP = ScryptCost(n=2**10, r=1, p=1)
PASSPHRASE = Secret("passphrase", "correct horse battery staple")
OTHER_PASSPHRASE = Secret("passphrase", "another horse battery staple")
KEY = KeyId("distillery-1")


class Randomness:
    """Bytes that look random and that a test can look for afterwards; it never gives the same ones twice."""

    def __init__(self, seed: bytes = b"") -> None:
        self._calls = count()
        self._seed = seed
        self.given: list[bytes] = []

    def __call__(self, length: int) -> bytes:
        self.given.append(shake_256(b"%b %d" % (self._seed, next(self._calls))).digest(length))
        return self.given[-1]


@pytest.fixture
def randomness() -> Randomness:
    return Randomness()


@pytest.fixture
def keystore(tmp_path: Path, randomness: Randomness) -> KeyDirectory:
    return KeyDirectory.create(tmp_path / "keys", PASSPHRASE, random=randomness, cost=CHEAP)


def reopened(keystore: KeyDirectory, passphrase: Secret = PASSPHRASE) -> KeyDirectory:
    return KeyDirectory(keystore._folder, passphrase, random=Randomness(b"again"))


def refusal(act: Callable[[], object]) -> KeystoreCode:
    with pytest.raises(KeystoreError) as caught:
        act()
    return caught.value.code


def key_file(keystore: KeyDirectory, key_id: KeyId = KEY) -> Path:
    return keystore._folder / f"{key_id}.key.json"


def test_a_signing_key_signs_the_same_after_it_was_sealed_and_opened(keystore: KeyDirectory) -> None:
    made = keystore.create_signing_key(KEY, KeyPurpose.ISSUER, at=NOW)
    opened = reopened(keystore).signing_key(KEY, KeyPurpose.ISSUER)
    assert (opened.id, opened.public_key) == (KEY, made.public_key)
    assert opened.sign(b"tag") == made.sign(b"tag")
    verify_signature(made.public_key, opened.sign(b"tag"), b"tag")


def test_a_serial_key_makes_the_same_serials_after_it_was_sealed_and_opened(keystore: KeyDirectory) -> None:
    made = keystore.create_serial_key(KeyId("serial"), at=NOW)
    assert reopened(keystore).serial_cipher(KeyId("serial")).encrypt(1, 2) == made.encrypt(1, 2)


def test_it_is_a_keystore_as_services_know_it(keystore: KeyDirectory) -> None:
    known: Keystore = keystore
    assert known.keys() == ()


def test_lists_what_anyone_may_know_without_the_passphrase(keystore: KeyDirectory) -> None:
    issuer = keystore.create_signing_key(KEY, KeyPurpose.ISSUER, at=NOW)
    root = keystore.create_signing_key(KeyId("root"), KeyPurpose.ROOT, at=NOW)
    keystore.create_serial_key(KeyId("a-serial"), at=NOW)
    locked = reopened(keystore, Secret("passphrase"))
    assert locked.keys() == (
        SealedKey(id=KeyId("a-serial"), purpose=KeyPurpose.SERIAL, public_key=None, created_at=NOW),
        SealedKey(id=KEY, purpose=KeyPurpose.ISSUER, public_key=issuer.public_key, created_at=NOW),
        SealedKey(id=KeyId("root"), purpose=KeyPurpose.ROOT, public_key=root.public_key, created_at=NOW),
    )


def test_files_are_for_their_owner_alone(keystore: KeyDirectory) -> None:
    keystore.create_signing_key(KEY, KeyPurpose.ISSUER, at=NOW)
    assert stat.S_IMODE(keystore._folder.stat().st_mode) == 0o700
    assert sorted(path.name for path in keystore._folder.iterdir()) == [
        "distillery-1.key.json",
        "keystore.json",
    ]
    assert {stat.S_IMODE(path.stat().st_mode) for path in keystore._folder.iterdir()} == {0o600}


def test_the_files_give_away_no_byte_of_a_secret(keystore: KeyDirectory, randomness: Randomness) -> None:
    keystore.create_signing_key(KEY, KeyPurpose.ISSUER, at=NOW)
    keystore.create_serial_key(KeyId("serial"), at=NOW)
    files = b"".join(path.read_bytes() for path in keystore._folder.iterdir())
    secrets = [random for random in randomness.given if random not in _published(keystore)]
    assert len([secret for secret in secrets if len(secret) == 32]) == 3  # master, signing and serial key
    for secret in secrets:
        _assert_absent(secret, files)
    _assert_absent(PASSPHRASE.reveal().encode(), files)


def test_an_opened_key_shows_no_byte_of_itself(keystore: KeyDirectory, randomness: Randomness) -> None:
    opened = keystore.create_signing_key(KEY, KeyPurpose.ISSUER, at=NOW)
    private = _private_bytes(randomness, opened.public_key)
    keystore.signing_key(KEY, KeyPurpose.ISSUER)
    shown = f"{opened!r} {opened} {keystore!r} {vars(keystore)}".encode()
    _assert_absent(private, shown)
    for secret in randomness.given:
        if secret not in _published(keystore):
            _assert_absent(secret, shown)
    assert opened.public_key.hex() in repr(opened)


def test_no_error_on_the_way_shows_a_secret(keystore: KeyDirectory, randomness: Randomness) -> None:
    opened = keystore.create_signing_key(KEY, KeyPurpose.ISSUER, at=NOW)
    private = _private_bytes(randomness, opened.public_key)
    traces = [
        _trace_of(lambda: keystore.create_signing_key(KEY, KeyPurpose.ISSUER, at=NOW)),
        _trace_of(lambda: keystore.signing_key(KEY, KeyPurpose.ROOT)),
        _trace_of(lambda: reopened(keystore, OTHER_PASSPHRASE).signing_key(KEY, KeyPurpose.ISSUER)),
        _trace_of(lambda: opened.sign("no bytes")),  # type: ignore[arg-type]  # misuse, on purpose
    ]
    for trace in traces:
        for secret in (private, PASSPHRASE.reveal().encode(), OTHER_PASSPHRASE.reveal().encode()):
            _assert_absent(secret, trace)


def test_the_database_holds_the_public_half_alone(
    keystore: KeyDirectory, randomness: Randomness, tmp_path: Path
) -> None:
    opened = keystore.create_signing_key(KEY, KeyPurpose.ISSUER, at=NOW)
    engine = open_engine(f"sqlite:///{tmp_path / 'origintag.db'}")
    upgrade(engine)
    with SqlStore(engine).write() as tx:
        tx.organisations.add(organisation())
        tx.keys.add(replace(issuer_key(KEY), public_key=opened.public_key))
    engine.dispose()
    dump = b"".join(path.read_bytes() for path in tmp_path.glob("origintag.db*"))
    assert opened.public_key in dump
    _assert_absent(_private_bytes(randomness, opened.public_key), dump)


def test_an_opened_key_cannot_be_pickled_or_copied(keystore: KeyDirectory) -> None:
    opened = keystore.create_signing_key(KEY, KeyPurpose.ISSUER, at=NOW)
    for held in (opened, keystore._opened()):
        for spread in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match="cannot be pickled or copied"):
                spread(held)


def test_a_wrong_passphrase_opens_nothing_and_is_not_told(keystore: KeyDirectory) -> None:
    keystore.create_signing_key(KEY, KeyPurpose.ISSUER, at=NOW)
    wrong = reopened(keystore, OTHER_PASSPHRASE)
    with pytest.raises(KeystoreError) as caught:
        wrong.signing_key(KEY, KeyPurpose.ISSUER)
    assert caught.value.code is KeystoreCode.WRONG_PASSPHRASE
    assert str(caught.value) == "the passphrase does not open this keystore"
    assert caught.value.__cause__ is None
    assert refusal(lambda: wrong.create_serial_key(KeyId("x"), at=NOW)) is KeystoreCode.WRONG_PASSPHRASE


def test_a_passphrase_that_was_not_given_is_named(keystore: KeyDirectory) -> None:
    keystore.create_signing_key(KEY, KeyPurpose.ISSUER, at=NOW)
    with pytest.raises(ConfigError, match="ORIGINTAG_PASSPHRASE"):
        reopened(keystore, Secret("passphrase")).signing_key(KEY, KeyPurpose.ISSUER)


def test_a_new_passphrase_takes_the_place_of_the_old(keystore: KeyDirectory) -> None:
    made = keystore.create_signing_key(KEY, KeyPurpose.ISSUER, at=NOW)
    keystore.change_passphrase(OTHER_PASSPHRASE, cost=CHEAP)
    opened = reopened(keystore, OTHER_PASSPHRASE).signing_key(KEY, KeyPurpose.ISSUER)
    assert opened.public_key == made.public_key
    old = reopened(keystore)
    assert refusal(lambda: old.signing_key(KEY, KeyPurpose.ISSUER)) is KeystoreCode.WRONG_PASSPHRASE


def test_refuses_to_make_a_keystore_over_another(keystore: KeyDirectory) -> None:
    before = (keystore._folder / "keystore.json").read_bytes()
    again = refusal(
        lambda: KeyDirectory.create(keystore._folder, PASSPHRASE, random=Randomness(), cost=CHEAP)
    )
    assert again is KeystoreCode.EXISTS
    assert (keystore._folder / "keystore.json").read_bytes() == before


def test_refuses_to_make_a_key_over_another(keystore: KeyDirectory) -> None:
    made = keystore.create_signing_key(KEY, KeyPurpose.ISSUER, at=NOW)
    again = refusal(lambda: keystore.create_signing_key(KEY, KeyPurpose.ISSUER, at=NOW))
    assert again is KeystoreCode.KEY_EXISTS
    assert keystore.signing_key(KEY, KeyPurpose.ISSUER).public_key == made.public_key
    assert len(list(keystore._folder.iterdir())) == 2


def test_of_makers_of_one_key_at_once_one_wins(keystore: KeyDirectory) -> None:
    answers = all_at_once([lambda: keystore.create_signing_key(KEY, KeyPurpose.ISSUER, at=NOW).id] * 4)
    assert answers.count(KEY) == 1
    assert [answer.code for answer in answers if isinstance(answer, KeystoreError)] == [
        KeystoreCode.KEY_EXISTS
    ] * 3


@pytest.mark.parametrize("key_id", ["", "A", "-a", "a/b", "../a", "a.b", "a\n", "a" * 65, "é"])
def test_refuses_an_id_that_is_no_plain_name(keystore: KeyDirectory, key_id: str) -> None:
    assert refusal(lambda: keystore.signing_key(KeyId(key_id), KeyPurpose.ISSUER)) is KeystoreCode.KEY_ID
    assert refusal(lambda: keystore.create_serial_key(KeyId(key_id), at=NOW)) is KeystoreCode.KEY_ID


def test_a_key_made_for_one_purpose_is_not_opened_for_another(keystore: KeyDirectory) -> None:
    keystore.create_signing_key(KEY, KeyPurpose.ISSUER, at=NOW)
    assert refusal(lambda: keystore.signing_key(KEY, KeyPurpose.ROOT)) is KeystoreCode.WRONG_PURPOSE
    assert refusal(lambda: keystore.serial_cipher(KEY)) is KeystoreCode.WRONG_PURPOSE
    with pytest.raises(ValueError, match="does not sign"):
        keystore.create_signing_key(KeyId("x"), KeyPurpose.SERIAL, at=NOW)


def test_says_so_when_a_key_or_the_keystore_is_not_there(keystore: KeyDirectory, tmp_path: Path) -> None:
    nowhere = KeyDirectory(tmp_path, PASSPHRASE, random=Randomness())
    assert refusal(lambda: keystore.signing_key(KEY, KeyPurpose.ISSUER)) is KeystoreCode.KEY_MISSING
    assert refusal(nowhere.keys) is KeystoreCode.MISSING
    assert refusal(lambda: nowhere.create_serial_key(KEY, at=NOW)) is KeystoreCode.MISSING


@pytest.mark.parametrize("field", ["purpose", "public_key", "created_at", "salt", "nonce", "sealed"])
def test_a_field_taken_from_another_key_is_noticed(keystore: KeyDirectory, field: str) -> None:
    keystore.create_signing_key(KEY, KeyPurpose.ISSUER, at=NOW)
    keystore.create_signing_key(KeyId("root"), KeyPurpose.ROOT, at=NOW.replace(year=2027))
    mine, other = (json.loads(key_file(keystore, key_id).read_bytes()) for key_id in (KEY, KeyId("root")))
    assert mine[field] != other[field]
    mine[field] = other[field]
    key_file(keystore).write_text(json.dumps(mine, indent=2) + "\n")
    purpose = KeyPurpose(mine["purpose"])
    assert refusal(lambda: reopened(keystore).signing_key(KEY, purpose)) is KeystoreCode.DAMAGED


def test_a_key_file_under_another_keys_name_is_noticed(keystore: KeyDirectory) -> None:
    keystore.create_signing_key(KEY, KeyPurpose.ISSUER, at=NOW)
    key_file(keystore).rename(key_file(keystore, KeyId("other")))
    moved = refusal(lambda: keystore.signing_key(KeyId("other"), KeyPurpose.ISSUER))
    assert moved is KeystoreCode.DAMAGED


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "cut": lambda data: data[:-40],
    "not an object": lambda _: b"[]",
    "no text": lambda _: b"\xff",
    "a later version": lambda data: data.replace(b'"version": 1', b'"version": 2'),
    "a field missing": lambda data: data.replace(b'"nonce"', b'"once"'),
    "a number for text": lambda data: data.replace(b'"salt": "', b'"salt": 7, "x": "'),
    "not base64": lambda data: data.replace(b'"salt": "', b'"salt": "!'),
    "a short nonce": lambda data: _with_nonce(data, "AAAA"),
    "a trailing space": lambda data: data + b" ",
    "far too long": lambda data: data + b" " * 20_000,
}


def _with_nonce(data: bytes, nonce: str) -> bytes:
    return json.dumps({**json.loads(data), "nonce": nonce}, indent=2).encode() + b"\n"


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", ["keystore.json", "distillery-1.key.json"])
def test_a_damaged_file_is_noticed(keystore: KeyDirectory, name: str, damage: str) -> None:
    keystore.create_signing_key(KEY, KeyPurpose.ISSUER, at=NOW)
    path = keystore._folder / name
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    assert refusal(lambda: reopened(keystore).signing_key(KEY, KeyPurpose.ISSUER)) is KeystoreCode.DAMAGED


@pytest.mark.parametrize(("name", "value"), [("n", 2**30), ("n", 1_000), ("r", 1_000), ("p", 0)])
def test_a_cost_that_would_exhaust_the_machine_is_refused(
    keystore: KeyDirectory, name: str, value: int
) -> None:
    path = keystore._folder / "keystore.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), name: value}, indent=2) + "\n")
    assert refusal(lambda: reopened(keystore).create_serial_key(KEY, at=NOW)) is KeystoreCode.DAMAGED


def test_the_slow_part_is_done_once_a_process(
    keystore: KeyDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    monkeypatch.setattr("tagserver.keystore.seal.Scrypt", _counting(calls))
    again = reopened(keystore)
    for key_id in ("a", "b", "c"):
        again.create_serial_key(KeyId(key_id), at=NOW)
        again.serial_cipher(KeyId(key_id))
    assert calls == ["scrypt"]


def test_the_default_cost_is_the_recommended_one() -> None:
    assert (DEFAULT_COST.n, DEFAULT_COST.r, DEFAULT_COST.p) == (131_072, 8, 1)


def _trace_of(act: Callable[[], object]) -> bytes:
    try:
        act()
    except Exception:  # noqa: BLE001 - any of them must keep silent
        return traceback.format_exc().encode()
    raise AssertionError("no error came")


def _counting(calls: list[str]) -> Callable[..., object]:
    def make(*, salt: bytes, length: int, n: int, r: int, p: int) -> object:
        calls.append("scrypt")
        return Scrypt(salt=salt, length=length, n=n, r=r, p=p)

    return make


def _published(keystore: KeyDirectory) -> set[bytes]:
    """Random bytes that stand in the files on purpose: salts and nonces."""
    return {
        b64decode(value)
        for path in keystore._folder.iterdir()
        for name, value in json.loads(path.read_bytes()).items()
        if name in {"kdf_salt", "salt", "nonce"}
    }


def _private_bytes(randomness: Randomness, public_key: bytes) -> bytes:
    return next(
        secret
        for secret in randomness.given
        if len(secret) == 32
        and Ed25519PrivateKey.from_private_bytes(secret)
        .public_key()
        .public_bytes(Encoding.Raw, PublicFormat.Raw)
        == public_key
    )


def _assert_absent(secret: bytes, shown: bytes) -> None:
    for written in (secret, secret.hex().encode(), b64encode(secret), repr(secret).encode()):
        assert written not in shown
    assert b64encode(secret)[:16] not in shown
