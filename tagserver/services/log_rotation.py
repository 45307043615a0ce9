"""Changing the log's key: a new one signs beside the former, which is then retired, or revoked if others may have it.

Each step is an entry of the log, in the transaction that takes it. The private half is durable before that: killed
between, the sealed key is left, and the next rotation takes it.
"""

from __future__ import annotations

import re

from tagcore.entries import KeyChange, KeyRole
from tagcore.keys import KeyStatus, fingerprint
from tagcore.log_trust import MAX_KEYS
from tagcore.note import format_verifier_key
from tagserver.ports import (
    Clock,
    KeyId,
    KeyPurpose,
    Keystore,
    LogState,
    SigningKey,
    Store,
)
from tagserver.ports.log_keys import LogKey, log_keys
from tagserver.services.access import audit
from tagserver.services.errors import Refusal, ServiceError
from tagserver.services.log_entries import log_other_key

_NUMBERED = re.compile(r"log-([0-9]{1,9})", re.ASCII)


class LogRotation:
    """The keys of one workspace's log."""

    def __init__(self, *, store: Store, keystore: Keystore, clock: Clock) -> None:
        self._store = store
        self._keystore = keystore
        self._clock = clock

    def keys(self) -> tuple[LogKey, ...]:
        """The newest first. Raises: ServiceError NOT_FOUND without a log."""
        with self._store.read() as transaction:
            return log_keys(transaction.log, _state(transaction.log.state()))

    def rotate(self) -> LogKey:
        """A new key, which signs from the next checkpoint on; former ones sign too until they are retired.

        Raises: ServiceError NOT_FOUND, INPUT_INVALID when verifiers could be told of no more keys; KeystoreError.
        """
        known = self.keys()
        if sum(one.is_believed for one in known) >= MAX_KEYS:
            message = (
                f"verifiers are told of at most {MAX_KEYS} keys: revoke one whose checkpoints nobody needs"
            )
            raise ServiceError(Refusal.INPUT_INVALID, message)
        now = self._clock()
        key = self._left_behind(known) or self._keystore.create_signing_key(
            self._free_id(), KeyPurpose.LOG, at=now
        )
        with self._store.write() as transaction:
            state = _state(transaction.log.hold())
            transaction.log.set_key(key.id, key.public_key)
            log_other_key(transaction, KeyRole.LOG, KeyChange.ADDED, state.origin, key.public_key, now)
            audit(transaction, None, now, "log.rotate", state.origin, key=key.id)
        return self.keys()[0]

    def retire(self, name: str) -> LogKey:
        """A former key signs no more; what it signed stays good. `name` is its verifier key or its fingerprint.

        Raises: ServiceError NOT_FOUND; INPUT_INVALID for the newest key, or one that does not sign any more.
        """
        return self._end(name, KeyChange.RETIRED)

    def revoke(self, name: str) -> LogKey:
        """Others may have a former key: verifiers with the next bundle believe nothing that it alone signed.

        Raises: as `retire`.
        """
        return self._end(name, KeyChange.REVOKED)

    def _end(self, name: str, change: KeyChange) -> LogKey:
        now = self._clock()
        with self._store.write() as transaction:
            state = _state(transaction.log.hold())
            known = log_keys(transaction.log, state)
            found = _named(known, name)
            if found == known[0]:
                message = "this is the log's newest key: make another first, with `tagserver log rotate-key`"
                raise ServiceError(Refusal.INPUT_INVALID, message, field="key")
            may_sign = found.status is KeyStatus.ACTIVE
            if not (may_sign if change is KeyChange.RETIRED else found.is_believed):
                raise ServiceError(Refusal.INPUT_INVALID, f"this key is {found.status} already", field="key")
            public_key = found.key.public_key
            log_other_key(transaction, KeyRole.LOG, change, state.origin, public_key, now)
            audit(transaction, None, now, f"log.key.{change}", state.origin, key=fingerprint(public_key))
            return _named(log_keys(transaction.log, state), name)

    def _left_behind(self, known: tuple[LogKey, ...]) -> SigningKey | None:
        """A sealed key that no entry names: a rotation was cut short."""
        named = {one.key.public_key for one in known}
        sealed = self._keystore.keys()
        for key in sealed:
            if key.purpose is KeyPurpose.LOG and key.public_key not in named:
                return self._keystore.signing_key(key.id, KeyPurpose.LOG)
        return None

    def _free_id(self) -> KeyId:
        sealed = self._keystore.keys()
        numbers = [int(found[1]) for key in sealed if (found := _NUMBERED.fullmatch(key.id))]
        return KeyId(f"log-{max(numbers, default=0) + 1}")


def _state(state: LogState | None) -> LogState:
    if state is None:
        raise ServiceError(Refusal.NOT_FOUND, "this workspace has no log yet: `tagserver log create`")
    return state


def _named(known: tuple[LogKey, ...], name: str) -> LogKey:
    for one in known:
        if name in (format_verifier_key(one.key), fingerprint(one.key.public_key)):
            return one
    raise ServiceError(Refusal.NOT_FOUND, f"the log has no key {name[:100]!r}")
