"""Console accounts and their set-up links in SQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, insert, select, update

from tagserver.ports import Account, AccountId, NotStoredError, OrgId, SetUpLink
from tagserver.store.insertion import refusals_named
from tagserver.store.link import Link
from tagserver.store.schema import account, set_up_link


class SqlAccounts:
    """Implements `tagserver.ports.Accounts` within one transaction."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def add(self, new: Account) -> None:
        """Raises AlreadyExistsError, NotStoredError."""
        with refusals_named("account", new.login, references="organisation of account"):
            self._link.execute(
                insert(account).values(
                    id=new.id,
                    org_id=new.org_id,
                    login=new.login,
                    name=new.name,
                    password_hash=new.password_hash,
                    created_at=new.created_at,
                    disabled_at=new.disabled_at,
                    last_login_at=new.last_login_at,
                )
            )

    def find(self, account_id: AccountId) -> Account | None:
        """By primary key."""
        return self._one(select(account).where(account.c.id == account_id))

    def hold(self, account_id: AccountId) -> Account | None:
        """PostgreSQL locks the row; SQLite has one writer anyway."""
        return self._one(select(account).where(account.c.id == account_id).with_for_update())

    def find_by_login(self, login: str) -> Account | None:
        """By a unique index."""
        return self._one(select(account).where(account.c.login == login))

    def of_organisation(self, org_id: OrgId | None = None) -> tuple[Account, ...]:
        """In order of login."""
        statement = select(account).order_by(account.c.login)
        if org_id is not None:
            statement = statement.where(account.c.org_id == org_id)
        return tuple(_account(row) for row in self._link.execute(statement))

    def set_password(self, account_id: AccountId, password_hash: str | None) -> None:
        """Raises NotStoredError."""
        self._change(account_id, password_hash=password_hash)

    def set_disabled(self, account_id: AccountId, at: datetime | None) -> None:
        """Raises NotStoredError."""
        self._change(account_id, disabled_at=at)

    def note_login(self, account_id: AccountId, *, at: datetime) -> None:
        """Raises NotStoredError."""
        self._change(account_id, last_login_at=at)

    def give_link(self, link: SetUpLink) -> None:
        """Raises NotStoredError."""
        self.drop_link(link.account_id)
        with refusals_named("set-up link of", link.account_id, references="account"):
            self._link.execute(
                insert(set_up_link).values(
                    account_id=link.account_id, token_hash=link.token_hash, expires_at=link.expires_at
                )
            )

    def find_link(self, token_hash: bytes) -> SetUpLink | None:
        """By a unique index."""
        statement = select(set_up_link).where(set_up_link.c.token_hash == token_hash)
        row = self._link.execute(statement).one_or_none()
        return None if row is None else _link(row)

    def take_link(self, token_hash: bytes) -> SetUpLink | None:
        """The row is gone with the answer."""
        statement = delete(set_up_link).where(set_up_link.c.token_hash == token_hash).returning(set_up_link)
        row = self._link.execute(statement).one_or_none()
        return None if row is None else _link(row)

    def drop_link(self, account_id: AccountId) -> None:
        """Harmless without one."""
        self._link.execute(delete(set_up_link).where(set_up_link.c.account_id == account_id))

    def _one(self, statement: Select[Any]) -> Account | None:
        row = self._link.execute(statement).one_or_none()
        return None if row is None else _account(row)

    def _change(self, account_id: AccountId, **values: object) -> None:
        statement = update(account).where(account.c.id == account_id).values(**values)
        if self._link.execute(statement).rowcount != 1:
            raise NotStoredError("account", account_id)


def _account(row: Row[Any]) -> Account:
    return Account(
        id=AccountId(row.id),
        org_id=OrgId(row.org_id),
        login=row.login,
        name=row.name,
        password_hash=row.password_hash,
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        last_login_at=row.last_login_at,
    )


def _link(row: Row[Any]) -> SetUpLink:
    return SetUpLink(
        account_id=AccountId(row.account_id), token_hash=row.token_hash, expires_at=row.expires_at
    )
