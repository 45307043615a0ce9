"""Witnesses of this log, what they signed, and the logs of others that are witnessed here, in SQL."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, insert, select, update

from tagserver.ports import NotStoredError
from tagserver.ports.log import Cosignature, WatchedLog, Witness
from tagserver.store.insertion import insert_if_absent, refusals_named
from tagserver.store.link import Link
from tagserver.store.prepared import Prepared
from tagserver.store.schema import cosignature, watched_log, witness

_COSIGNATURES = Prepared(
    select(cosignature).where(cosignature.c.size == bindparam("of_size")).order_by(cosignature.c.witness)
)


class SqlWitnesses:
    """Implements `tagserver.ports.Witnesses` within one transaction."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def add(self, new: Witness) -> None:
        """Raises AlreadyExistsError."""
        with refusals_named("witness", new.name):
            self._link.execute(
                insert(witness).values(
                    name=new.name,
                    vkey=new.vkey,
                    url=new.url,
                    added_at=new.added_at,
                    size=new.size,
                    retry_at=new.retry_at,
                    problem=new.problem,
                )
            )

    def remove(self, name: str) -> Witness:
        """Raises NotStoredError."""
        row = self._link.execute(select(witness).where(witness.c.name == name)).first()
        if row is None:
            raise NotStoredError("witness", name)
        self._link.execute(delete(witness).where(witness.c.name == name))
        return _witness(row)

    def all(self) -> tuple[Witness, ...]:
        """In order of name."""
        return tuple(_witness(row) for row in self._link.execute(select(witness).order_by(witness.c.name)))

    def note(self, name: str, *, size: int, retry_at: datetime | None = None, problem: str = "") -> None:
        """One row, or none."""
        self._link.execute(
            update(witness)
            .where(witness.c.name == name)
            .values(size=size, retry_at=retry_at, problem=problem)
        )

    def cosign(self, new: Cosignature) -> None:
        """The first stays."""
        values = {"size": new.size, "witness": new.witness, "line": new.line, "at": new.at}
        insert_if_absent(self._link, cosignature, values)

    def cosignatures(self, size: int) -> tuple[Cosignature, ...]:
        """Along the primary key."""
        rows = _COSIGNATURES.all(self._link, of_size=size)
        return tuple(
            Cosignature(size=row.size, witness=row.witness, line=row.line, at=row.at) for row in rows
        )

    def newest_cosigned(self, *, threshold: int, names: Collection[str]) -> int | None:
        """Grouped by size, from the largest on."""
        enough = (
            select(cosignature.c.size)
            .where(cosignature.c.witness.in_(names))
            .group_by(cosignature.c.size)
            .having(func.count() >= threshold)
            .order_by(cosignature.c.size.desc())
            .limit(1)
        )
        size: int | None = self._link.execute(enough).scalar_one_or_none()
        return size


class SqlWatchedLogs:
    """Implements `tagserver.ports.WatchedLogs` within one transaction."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def add(self, new: WatchedLog) -> None:
        """Raises AlreadyExistsError."""
        with refusals_named("watched log", new.origin):
            self._link.execute(
                insert(watched_log).values(
                    origin=new.origin,
                    vkey=new.vkey,
                    added_at=new.added_at,
                    size=new.size,
                    root=new.root,
                    note=new.note,
                )
            )

    def remove(self, origin: str) -> None:
        """Raises NotStoredError."""
        removed = self._link.execute(delete(watched_log).where(watched_log.c.origin == origin)).rowcount
        if removed != 1:
            raise NotStoredError("watched log", origin)

    def all(self) -> tuple[WatchedLog, ...]:
        """In order of origin."""
        rows = self._link.execute(select(watched_log).order_by(watched_log.c.origin))
        return tuple(_watched(row) for row in rows)

    def hold(self, origin: str) -> WatchedLog | None:
        """Locked; in SQLite a writing transaction is alone anyway."""
        statement = select(watched_log).where(watched_log.c.origin == origin).with_for_update()
        row = self._link.execute(statement).first()
        return None if row is None else _watched(row)

    def rekey(self, origin: str, vkey: str) -> None:
        """Raises NotStoredError."""
        self._update(origin, vkey=vkey)

    def advance(self, origin: str, *, size: int, root: bytes, note: bytes) -> None:
        """Raises NotStoredError."""
        self._update(origin, size=size, root=root, note=note)

    def _update(self, origin: str, **values: str | int | bytes) -> None:
        statement = update(watched_log).where(watched_log.c.origin == origin).values(**values)
        if self._link.execute(statement).rowcount != 1:
            raise NotStoredError("watched log", origin)


def _witness(row: Row[Any]) -> Witness:
    return Witness(
        name=row.name,
        vkey=row.vkey,
        url=row.url,
        added_at=row.added_at,
        size=row.size,
        retry_at=row.retry_at,
        problem=row.problem,
    )


def _watched(row: Row[Any]) -> WatchedLog:
    return WatchedLog(
        origin=row.origin,
        vkey=row.vkey,
        added_at=row.added_at,
        size=row.size,
        root=bytes(row.root),
        note=bytes(row.note),
    )
