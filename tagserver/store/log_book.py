"""The transparency log in SQL: its entries, the places they get, its checkpoints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Row,
    Select,
    bindparam,
    func,
    insert,
    select,
    update,
)

from tagcore.entries import EntryKind
from tagserver.ports import KeyId, StateConflictError
from tagserver.ports.log import LogEntry, LogState, NewEntry, StoredCheckpoint
from tagserver.store.insertion import insert_if_absent, refusals_named
from tagserver.store.link import Link
from tagserver.store.prepared import Prepared
from tagserver.store.schema import log, log_checkpoint, log_entry

_ONE = 1

_OF_SUBJECT = Prepared(
    select(log_entry)
    .where(log_entry.c.kind == bindparam("of_kind"), log_entry.c.subject == bindparam("of_subject"))
    .order_by(log_entry.c.id)
)
_STATE = Prepared(select(log))
_CHECKPOINT = Prepared(select(log_checkpoint).where(log_checkpoint.c.size == bindparam("of_size")))


class SqlLogBook:
    """Implements `tagserver.ports.LogBook` within one transaction."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def add(self, entry: NewEntry) -> None:
        """One row without a place."""
        self._link.execute(insert(log_entry).values(**_columns(entry)))

    def create(self, state: LogState) -> None:
        """Raises AlreadyExistsError."""
        with refusals_named("log", state.origin):
            self._link.execute(
                insert(log).values(
                    id=_ONE,
                    origin=state.origin,
                    key_id=state.key_id,
                    public_key=state.public_key,
                    created_at=state.created_at,
                    size=state.size,
                    peaks=state.peaks,
                    published=state.published,
                    fork=state.fork,
                )
            )

    def state(self) -> LogState | None:
        """The one row."""
        row = _STATE.first(self._link)
        return None if row is None else _state(row)

    def hold(self) -> LogState | None:
        """Locked; in SQLite a writing transaction is alone anyway."""
        row = self._link.execute(select(log).with_for_update()).first()
        return None if row is None else _state(row)

    def pending(self, limit: int) -> tuple[LogEntry, ...]:
        """Along the index of what waits."""
        waiting = select(log_entry).where(log_entry.c.leaf_index.is_(None))
        return self._entries(waiting.order_by(log_entry.c.id).limit(limit))

    def pending_count(self) -> int:
        """Along the same index."""
        waiting = select(func.count()).select_from(log_entry).where(log_entry.c.leaf_index.is_(None))
        return int(self._link.execute(waiting).scalar_one())

    def place(self, ids: Sequence[int], checkpoint: StoredCheckpoint, peaks: bytes) -> None:
        """The log's row is moved on by compare and set, whoever holds it; so are the entries."""
        before = checkpoint.size - len(ids)
        self._grow(before, checkpoint.size, peaks)
        placed = self._link.execute(
            update(log_entry)
            .where(log_entry.c.id == bindparam("of_id"), log_entry.c.leaf_index.is_(None))
            .values(leaf_index=bindparam("at_index")),
            [{"of_id": entry, "at_index": before + place} for place, entry in enumerate(ids)],
        ).rowcount
        if placed not in (len(ids), -1):
            raise StateConflictError("log entries", expected=f"{len(ids)} without a place", found=str(placed))
        self._insert_checkpoint(checkpoint)

    def adopt(self, entry: NewEntry, index: int) -> None:
        """The oldest that waits with the same bytes, else a new row."""
        waiting = self._link.execute(
            select(log_entry.c.id)
            .where(
                log_entry.c.kind == entry.kind.value,
                log_entry.c.subject == entry.subject,
                log_entry.c.data == entry.data,
                log_entry.c.leaf_index.is_(None),
            )
            .order_by(log_entry.c.id)
        ).first()
        if waiting is None:
            values = {**_columns(entry), "leaf_index": index}
            self._link.execute(insert(log_entry).values(**values))
        else:
            of_id = log_entry.c.id == waiting.id
            self._link.execute(update(log_entry).where(of_id).values(leaf_index=index))

    def adopt_checkpoint(self, checkpoint: StoredCheckpoint, peaks: bytes) -> None:
        """Only forwards."""
        self._link.execute(update(log).values(size=checkpoint.size, peaks=peaks))
        self._insert_checkpoint(checkpoint)

    def entries(self, first: int, stop: int) -> tuple[LogEntry, ...]:
        """Along the unique index."""
        place = log_entry.c.leaf_index
        return self._entries(select(log_entry).where(place >= first, place < stop).order_by(place))

    def of_subject(self, kind: EntryKind, subject: str) -> tuple[LogEntry, ...]:
        """Along its index."""
        found = _OF_SUBJECT.all(self._link, of_kind=kind.value, of_subject=subject)
        return tuple(entry_from_row(row) for row in found)

    def of_kind(self, kind: EntryKind) -> tuple[LogEntry, ...]:
        """Along the same index."""
        of_kind = select(log_entry).where(log_entry.c.kind == kind.value)
        return self._entries(of_kind.order_by(log_entry.c.id))

    def checkpoint(self, size: int) -> StoredCheckpoint | None:
        """By primary key."""
        row = _CHECKPOINT.first(self._link, of_size=size)
        return None if row is None else _checkpoint(row)

    def newest_checkpoint(self, *, at_most: int | None = None) -> StoredCheckpoint | None:
        """Along the primary key."""
        newest = select(log_checkpoint).order_by(log_checkpoint.c.size.desc()).limit(1)
        if at_most is not None:
            newest = newest.where(log_checkpoint.c.size <= at_most)
        row = self._link.execute(newest).first()
        return None if row is None else _checkpoint(row)

    def note_published(self, size: int) -> None:
        """Several may publish at once; the largest counts."""
        self._link.execute(update(log).where(log.c.published < size).values(published=size))

    def set_key(self, key_id: KeyId, public_key: bytes) -> None:
        """In the one row."""
        self._link.execute(update(log).values(key_id=key_id, public_key=public_key))

    def note_fork(self, problem: str | None) -> None:
        """Of two that find one, the first is told."""
        statement = update(log).values(fork=problem)
        if problem is not None:
            statement = statement.where(log.c.fork.is_(None))
        self._link.execute(statement)

    def _grow(self, before: int, size: int, peaks: bytes) -> None:
        grown = self._link.execute(
            update(log).where(log.c.size == before).values(size=size, peaks=peaks)
        ).rowcount
        if grown != 1:
            raise StateConflictError("the log", expected=f"{before} entries", found="another number")

    def _insert_checkpoint(self, checkpoint: StoredCheckpoint) -> None:
        values = {
            "size": checkpoint.size,
            "root": checkpoint.root,
            "note": checkpoint.note,
            "at": checkpoint.at,
        }
        insert_if_absent(self._link, log_checkpoint, values)

    def _entries(self, statement: Select[Any]) -> tuple[LogEntry, ...]:
        return tuple(entry_from_row(row) for row in self._link.execute(statement))


def _columns(entry: NewEntry) -> dict[str, Any]:
    return {"kind": entry.kind.value, "subject": entry.subject, "data": entry.data, "at": entry.at}


def entry_from_row(row: Row[Any]) -> LogEntry:
    """An entry from its row."""
    return LogEntry(
        id=row.id,
        kind=EntryKind(row.kind),
        subject=row.subject,
        data=bytes(row.data),
        at=row.at,
        index=row.leaf_index,
    )


def _checkpoint(row: Row[Any]) -> StoredCheckpoint:
    return StoredCheckpoint(size=row.size, root=row.root, note=bytes(row.note), at=row.at)


def _state(row: Row[Any]) -> LogState:
    return LogState(
        origin=row.origin,
        key_id=KeyId(row.key_id),
        public_key=row.public_key,
        created_at=row.created_at,
        size=row.size,
        peaks=bytes(row.peaks),
        published=row.published,
        fork=row.fork,
    )
