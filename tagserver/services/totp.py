"""Codes at log-in (RFC 6238), turned on and off by the person. Turning on needs the password and a first code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from tagserver.ports import Account, Clock, SecondFactor, Store, Transaction
from tagserver.services.access import audit_account
from tagserver.services.codes import Codes, recovery_hash
from tagserver.services.credentials import Credentials, note_failure, unchanged
from tagserver.services.errors import AccessError, Refusal, ServiceError
from tagserver.services.sessions import Session
from tagserver.services.throttle import Throttle

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """What an authenticator needs: `uri` for a QR symbol, `secret` (base 32) to type. Shown once."""

    uri: str = field(repr=False)
    secret: str = field(repr=False)


class SecondFactors:
    """The person's own second factor."""

    def __init__(
        self, *, store: Store, clock: Clock, credentials: Credentials, throttle: Throttle, codes: Codes
    ) -> None:
        self._store = store
        self._clock = clock
        self._credentials = credentials
        self._throttle = throttle
        self._codes = codes

    def is_on(self, session: Session) -> bool:
        """Whether logging in asks for a code."""
        with self._store.read() as transaction:
            factor = transaction.second_factors.find(session.account.id)
        return factor is not None and factor.enabled_at is not None

    def recovery_left(self, session: Session) -> int:
        """Recovery codes that were not used."""
        with self._store.read() as transaction:
            return transaction.second_factors.recovery_left(session.account.id)

    def begin(self, session: Session, *, password: str, address: str) -> Enrolment:
        """A new secret, which counts once `enable` has seen a code of it.

        Raises: AccessError LOGIN_REFUSED (field `password`); ThrottledError; ServiceError TOTP_ON.
        """
        account = self._credentials.verify(session.account.login, password, address=address, field="password")
        secret = self._codes.new_secret()
        with self._store.write() as transaction:
            held = unchanged(transaction, account)
            self._credentials.settle(transaction, held, address=address, all_proved=True)
            _require_off(transaction.second_factors.find(held.id))
            sealed = self._codes.seal(secret, held.id)
            transaction.second_factors.put(SecondFactor(account_id=held.id, sealed=sealed))
        return Enrolment(uri=self._codes.uri(secret, account.login), secret=secret)

    def enable(self, session: Session, code: str, *, address: str) -> tuple[str, ...]:
        """Turn codes on; ten recovery codes, shown this once.

        Raises: AccessError CODE_REFUSED; ThrottledError; ServiceError TOTP_ON, TOTP_NOT_BEGUN.
        """

        def turn_on(transaction: Transaction, account: Account) -> tuple[str, ...]:
            now, factor = self._clock(), transaction.second_factors.find(account.id)
            _require_off(factor)
            if factor is None:
                raise ServiceError(
                    Refusal.TOTP_NOT_BEGUN, "there is no secret yet that this could be a code of"
                )
            step = self._codes.step_of(code, factor, now)
            transaction.second_factors.put(replace(factor, enabled_at=now, last_step=step))
            audit_account(transaction, account, now, "totp.on")
            return self._new_recovery(transaction, account)

        return self._with_code(session, address, turn_on)

    def disable(self, session: Session, code: str, *, address: str) -> None:
        """Turn codes off, with a last one. Raises: AccessError CODE_REFUSED; ThrottledError; ServiceError TOTP_OFF."""

        def turn_off(transaction: Transaction, account: Account) -> None:
            now = self._clock()
            proof = self._spend(transaction, account, code)
            transaction.second_factors.remove(account.id)
            audit_account(transaction, account, now, "totp.off", proof=proof)

        self._with_code(session, address, turn_off)

    def renew_recovery(self, session: Session, code: str, *, address: str) -> tuple[str, ...]:
        """Ten new recovery codes; older ones end. Raises: as `disable`."""

        def renew(transaction: Transaction, account: Account) -> tuple[str, ...]:
            proof = self._spend(transaction, account, code)
            audit_account(transaction, account, self._clock(), "recovery.renew", proof=proof)
            return self._new_recovery(transaction, account)

        return self._with_code(session, address, renew)

    def _with_code(self, session: Session, address: str, verb: Callable[[Transaction, Account], T]) -> T:
        """Count the try, carry out `verb`, and count it no more when its code was right."""
        origin, own = self._throttle.address(address), self._throttle.codes(session.account.id)
        self._throttle.admit(origin, own)
        try:
            with self._store.write() as transaction:
                result = verb(transaction, unchanged(transaction, session.account))
                transaction.tries.give_back(origin.key)
                transaction.tries.clear(own.key)
                return result
        except AccessError as error:
            if error.code is Refusal.CODE_REFUSED:
                with self._store.write() as transaction:
                    note_failure(transaction, session.account, self._clock(), "code")
            raise

    def _spend(self, transaction: Transaction, account: Account, code: str) -> str:
        factor = transaction.second_factors.find(account.id)
        if factor is None or factor.enabled_at is None:
            raise ServiceError(Refusal.TOTP_OFF, "codes at log-in are not on")
        return self._codes.spend(transaction, account.id, code, self._clock())

    def _new_recovery(self, transaction: Transaction, account: Account) -> tuple[str, ...]:
        fresh = self._codes.new_recovery()
        hashes = [recovery_hash(account.id, code) for code in fresh]
        transaction.second_factors.set_recovery(account.id, hashes)
        return fresh


def _require_off(factor: SecondFactor | None) -> None:
    if factor is not None and factor.enabled_at is not None:
        raise ServiceError(Refusal.TOTP_ON, "codes at log-in are on already")
