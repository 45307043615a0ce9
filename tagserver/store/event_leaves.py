"""What commits to unit events, in SQL: salted hashes, and the blocks they are put into."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, insert, select, update

from tagserver.ports import AlreadyExistsError
from tagserver.ports.log import EventBlock, EventLeaf
from tagserver.store.insertion import insert_if_absent, refusals_named
from tagserver.store.link import Link
from tagserver.store.schema import event_block, event_leaf


class SqlEventLeaves:
    """Implements `tagserver.ports.EventLeaves` within one transaction."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def add(self, *, subject: str, seq: int, salt: bytes, leaf: bytes, at: datetime) -> None:
        """Raises AlreadyExistsError."""
        with refusals_named("event leaf", f"{subject} {seq}"):
            self._link.execute(
                insert(event_leaf).values(subject=subject, seq=seq, salt=salt, hash=leaf, at=at)
            )

    def waiting(self, limit: int) -> tuple[EventLeaf, ...]:
        """Along the index of what waits."""
        free = select(event_leaf).where(event_leaf.c.block.is_(None))
        return self._leaves(free.order_by(event_leaf.c.id).limit(limit))

    def close(self, block: EventBlock, ids: Sequence[int]) -> None:
        """Raises AlreadyExistsError."""
        values = {"number": block.number, "count": block.count, "root": block.root, "at": block.at}
        if not insert_if_absent(self._link, event_block, values):
            raise AlreadyExistsError("event block", str(block.number))
        if not ids:  # a block that was published and whose events are not here
            return
        self._link.execute(
            update(event_leaf)
            .where(event_leaf.c.id == bindparam("of_id"))
            .values(block=block.number, place=bindparam("at_place")),
            [{"of_id": leaf, "at_place": place} for place, leaf in enumerate(ids)],
        )

    def newest_block(self) -> EventBlock | None:
        """Along the primary key."""
        return self._block(select(event_block).order_by(event_block.c.number.desc()).limit(1))

    def block(self, number: int) -> EventBlock | None:
        """By primary key."""
        return self._block(select(event_block).where(event_block.c.number == number))

    def of_block(self, number: int) -> tuple[EventLeaf, ...]:
        """Along the unique index."""
        inside = select(event_leaf).where(event_leaf.c.block == number)
        return self._leaves(inside.order_by(event_leaf.c.place))

    def of_subjects(self, subjects: Collection[str]) -> tuple[EventLeaf, ...]:
        """Along the unique index."""
        of_them = select(event_leaf).where(event_leaf.c.subject.in_(subjects))
        return self._leaves(of_them.order_by(event_leaf.c.subject, event_leaf.c.seq))

    def _block(self, statement: Select[Any]) -> EventBlock | None:
        row = self._link.execute(statement).first()
        # `count` is also a method of a row.
        return (
            None
            if row is None
            else EventBlock(number=row.number, count=row._mapping["count"], root=row.root, at=row.at)
        )

    def _leaves(self, statement: Select[Any]) -> tuple[EventLeaf, ...]:
        return tuple(leaf_from_row(row) for row in self._link.execute(statement))


def leaf_from_row(row: Row[Any]) -> EventLeaf:
    """A leaf from its row."""
    return EventLeaf(
        id=row.id,
        subject=row.subject,
        seq=row.seq,
        salt=row.salt,
        hash=row.hash,
        at=row.at,
        block=row.block,
        place=row.place,
    )
