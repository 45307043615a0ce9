"""Private bytes stay where they are sealed: in no repr, log record, exception, file, row or answer."""

import io
import logging
import sqlite3
import traceback
from base64 import b64encode
from collections.abc import Iterator

import pytest

from tagserver.ports import KeyPurpose, KeystoreError, Scope
from tagserver.services.errors import ServiceError
from tests.tagserver.services.cast import DISTILLERY, SERIALS, Office, an_order, sight


def forms(secret: bytes) -> Iterator[bytes]:
    """How bytes may be written by accident."""
    yield secret
    yield secret.hex().encode()
    yield secret.hex().upper().encode()
    yield b64encode(secret).rstrip(b"=")[:-1]
    yield repr(secret).encode()[2:-1]
    yield ", ".join(map(str, secret)).encode()


def assert_absent(secrets: list[bytes], where: dict[str, bytes]) -> None:
    for name, content in where.items():
        for secret in secrets:
            for form in forms(secret):
                assert form not in content, name


def database(office: Office) -> dict[str, bytes]:
    """The database as text and as it lies on the disk."""
    with sqlite3.connect(office.folder / "origintag.db") as connection:
        dump = "\n".join(connection.iterdump()).encode()
    connection.close()
    files = {path.name: path.read_bytes() for path in office.folder.glob("origintag.db*")}
    return {"dump": dump, **files}


def test_private_keys_are_found_nowhere_but_sealed(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    key = office.services.keys.create(DISTILLERY)
    # A private key is 32 bytes, and so are salts, which are public: those of the key's file.
    private = office.randomness.given[0]
    assert len(private) == 32
    batch = office.issue(an_order(3))
    office.services.trust.sign(office.root)
    job = office.services.printing.job(office.caller(), batch.number, form="csv")
    verification = office.verify(office.urls(batch)[0], sight("somebody"))
    opened = office.keystore.signing_key(key.id, KeyPurpose.ISSUER)
    shown = [key, batch, job, job.press, opened, office.services, office.keystore, office.root, verification]
    shown += [vars(office.services.issuing), office.keystore.serial_cipher(SERIALS), office.services.trust]
    where = {
        "repr": repr(shown).encode(),
        "log": caplog.text.encode(),
        **{str(path): path.read_bytes() for path in office.folder.rglob("*") if path.is_file()},
        **database(office),
    }
    assert_absent([private], where)


def test_errors_about_keys_hold_no_byte_of_them(office: Office) -> None:
    office.services.keys.create(DISTILLERY)
    private = office.randomness.given[0]
    path = office.folder / "keys" / "distillery-1.key.json"
    path.write_text(path.read_text().replace("distillery-1", "distillery-2"))
    queued = office.services.issuing.request(office.caller(), an_order(), idempotency_key="key").batch
    failed = office.services.issuing.work_on(queued.number, owner="worker")
    assert failed.failure is not None
    with pytest.raises(KeystoreError) as caught:
        office.keystore.signing_key(queued.key_id, KeyPurpose.ISSUER)
    text = io.StringIO()
    traceback.TracebackException.from_exception(caught.value).print(file=text)
    assert_absent([private], {"failure": failed.failure.encode(), "traceback": text.getvalue().encode()})


def test_a_tokens_secret_is_stored_nowhere(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    token, text = office.services.access.create_token(
        DISTILLERY, name="for the press", scopes=[Scope.BATCHES], lifetime=None
    )
    secret = text.rpartition("_")[2]
    caller = office.services.access.authenticate(text)
    with pytest.raises(ServiceError) as caught:
        office.services.access.authenticate(text[:-1] + ("0" if text[-1] != "0" else "1"))
    shown = repr((token, caller, office.services.access.tokens(DISTILLERY), caught.value)).encode()
    where = {"repr": shown, "log": caplog.text.encode(), **database(office)}
    where["trail"] = repr(office.services.access.trail()).encode()
    assert_absent([bytes.fromhex(secret)], where)
    assert token.secret_hash.hex().encode() not in shown
