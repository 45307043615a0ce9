"""Second factors in SQL: a sealed TOTP secret and the hashes of recovery codes."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, func, insert, or_, select, update

from tagserver.ports import AccountId, NotStoredError, SecondFactor, StateConflictError
from tagserver.store.insertion import refusals_named
from tagserver.store.link import Link
from tagserver.store.schema import recovery_code, second_factor


class SqlSecondFactors:
    """Implements `tagserver.ports.SecondFactors` within one transaction."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def put(self, factor: SecondFactor) -> None:
        """Raises NotStoredError."""
        self._link.execute(delete(second_factor).where(second_factor.c.account_id == factor.account_id))
        with refusals_named("second factor of", factor.account_id, references="account"):
            self._link.execute(
                insert(second_factor).values(
                    account_id=factor.account_id,
                    sealed=factor.sealed,
                    enabled_at=factor.enabled_at,
                    last_step=factor.last_step,
                )
            )

    def find(self, account_id: AccountId) -> SecondFactor | None:
        """By primary key."""
        statement = select(second_factor).where(second_factor.c.account_id == account_id)
        row = self._link.execute(statement).one_or_none()
        if row is None:
            return None
        return SecondFactor(
            account_id=AccountId(row.account_id),
            sealed=bytes(row.sealed),
            enabled_at=row.enabled_at,
            last_step=row.last_step,
        )

    def use_step(self, account_id: AccountId, step: int) -> None:
        """One update that compares and sets: of two with the same code, one finds no row."""
        newer = or_(second_factor.c.last_step.is_(None), second_factor.c.last_step < step)
        statement = (
            update(second_factor)
            .where(second_factor.c.account_id == account_id, newer)
            .values(last_step=step)
        )
        if self._link.execute(statement).rowcount != 1:
            raise StateConflictError(
                f"second factor of {account_id!r}", expected=f"a last step before {step}", found="a later one"
            )

    def remove(self, account_id: AccountId) -> None:
        """Codes first."""
        self.set_recovery(account_id, ())
        self._link.execute(delete(second_factor).where(second_factor.c.account_id == account_id))

    def set_recovery(self, account_id: AccountId, code_hashes: Collection[bytes]) -> None:
        """Raises NotStoredError."""
        self._link.execute(delete(recovery_code).where(recovery_code.c.account_id == account_id))
        rows = [{"account_id": account_id, "code_hash": code_hash} for code_hash in code_hashes]
        if rows:
            with refusals_named("recovery codes of", account_id, references="account"):
                self._link.execute(insert(recovery_code), rows)

    def use_recovery(self, account_id: AccountId, code_hash: bytes) -> None:
        """Raises NotStoredError."""
        statement = delete(recovery_code).where(
            recovery_code.c.account_id == account_id, recovery_code.c.code_hash == code_hash
        )
        if self._link.execute(statement).rowcount != 1:
            raise NotStoredError("recovery code of", account_id)

    def recovery_left(self, account_id: AccountId) -> int:
        """At most ten rows."""
        statement = (
            select(func.count()).select_from(recovery_code).where(recovery_code.c.account_id == account_id)
        )
        return int(self._link.execute(statement).scalar_one())
