"""Being a witness of other logs: cosigning what only grew, and never two histories of one log.

C2SP tlog-witness. The checkpoint is on record, durably, before it is signed; looking at what was cosigned last and
putting the next in its place is one transaction that holds the log's row.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from tagcore.cosignature import cosign
from tagcore.errors import NoteError
from tagcore.merkle import EMPTY_ROOT
from tagcore.note import (
    COSIGNATURE_V1,
    ED25519,
    VerifierKey,
    format_signature_line,
    format_verifier_key,
    parse_verifier_key,
)
from tagcore.witnessing import SIZE_MEDIA_TYPE, Accepted, Known, Refused, judge, parse_submission
from tagserver.ports import (
    Clock,
    KeyId,
    KeyPurpose,
    Keystore,
    SigningKey,
    Store,
    Transaction,
    WatchedLog,
)
from tagserver.services.access import audit
from tagserver.services.errors import Refusal, ServiceError

WITNESS_KEY = KeyId("witness-1")
TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessAnswer:
    """An answer as it goes out by HTTP."""

    status: int
    media_type: str
    body: bytes


class Witnessing:
    """A workspace as a witness of others' logs, under the key name `name`."""

    def __init__(self, *, store: Store, keystore: Keystore, clock: Clock, name: str) -> None:
        self._store = store
        self._keystore = keystore
        self._clock = clock
        self._name = name
        self._signer: SigningKey | None = None

    def create_key(self) -> VerifierKey:
        """Make the key that cosigns. Raises: KeystoreError KEY_EXISTS."""
        now = self._clock()
        made = self._keystore.create_signing_key(WITNESS_KEY, KeyPurpose.WITNESS, at=now)
        with self._store.write() as transaction:
            audit(transaction, None, now, "witness.key", self._name, key=made.id)
        return self._verifier(made)

    def key(self) -> VerifierKey:
        """What logs that are witnessed here, and verifiers, need. Raises: KeystoreError KEY_MISSING."""
        return self._verifier(self._opened())

    def watch(self, vkey: str) -> WatchedLog:
        """Cosign this log from now on. Raises: ServiceError INPUT_INVALID; AlreadyExistsError."""
        key = _log_key(vkey)
        now = self._clock()
        log = WatchedLog(origin=key.name, vkey=format_verifier_key(key), added_at=now, root=EMPTY_ROOT)
        with self._store.write() as transaction:
            transaction.watched_logs.add(log)
            audit(transaction, None, now, "witness.watch", key.name)
        return log

    def rekey(self, vkey: str) -> str:
        """A log that is cosigned here signs with this key from now on; it goes on from where it was seen.

        Its origin. Raises: ServiceError INPUT_INVALID; NotStoredError for a log that is not cosigned here.
        """
        key = _log_key(vkey)
        with self._store.write() as transaction:
            transaction.watched_logs.rekey(key.name, format_verifier_key(key))
            audit(transaction, None, self._clock(), "witness.rekey", key.name)
        return key.name

    def unwatch(self, origin: str) -> None:
        """Cosign it no more. Watched again, it begins anew. Raises: NotStoredError."""
        with self._store.write() as transaction:
            transaction.watched_logs.remove(origin)
            audit(transaction, None, self._clock(), "witness.unwatch", origin)

    def logs(self) -> tuple[WatchedLog, ...]:
        """The logs that are cosigned."""
        with self._store.read() as transaction:
            return transaction.watched_logs.all()

    def add_checkpoint(self, body: bytes) -> WitnessAnswer:
        """Answer one submission. Raises: KeystoreError; StoreUnavailableError, with nothing signed."""
        try:
            submission = parse_submission(body)
        except NoteError as error:
            return _refusal(HTTPStatus.BAD_REQUEST, str(error))
        signer = self._opened()
        with self._store.write() as transaction:
            verdict = judge(submission, lambda origin: _known(transaction, origin))
            if isinstance(verdict, Accepted):
                seen = verdict.checkpoint
                transaction.watched_logs.advance(
                    seen.origin, size=seen.size, root=seen.root, note=submission.checkpoint
                )
        if isinstance(verdict, Refused):
            if verdict.size is None:
                return _refusal(verdict.status, verdict.why)
            told = f"{verdict.size}\n".encode()
            return WitnessAnswer(status=verdict.status, media_type=SIZE_MEDIA_TYPE, body=told)
        line = format_signature_line(cosign(verdict.note, self._name, signer, self._clock()))
        return WitnessAnswer(status=HTTPStatus.OK, media_type=TEXT, body=f"{line}\n".encode())

    def _opened(self) -> SigningKey:
        if self._signer is None:
            self._signer = self._keystore.signing_key(WITNESS_KEY, KeyPurpose.WITNESS)
        return self._signer

    def _verifier(self, key: SigningKey) -> VerifierKey:
        return VerifierKey(name=self._name, algorithm=COSIGNATURE_V1, public_key=key.public_key)


def _log_key(vkey: str) -> VerifierKey:
    try:
        key = parse_verifier_key(vkey)
    except NoteError as error:
        raise ServiceError(Refusal.INPUT_INVALID, str(error), field="vkey") from error
    if key.algorithm != ED25519:
        raise ServiceError(Refusal.INPUT_INVALID, "this is no log's key (type 1)", field="vkey")
    return key


def _known(transaction: Transaction, origin: str) -> Known | None:
    log = transaction.watched_logs.hold(origin)
    return None if log is None else Known(log=parse_verifier_key(log.vkey), size=log.size, root=log.root)


def _refusal(status: int, why: str) -> WitnessAnswer:
    return WitnessAnswer(status=status, media_type=TEXT, body=f"{why}\n".encode())
