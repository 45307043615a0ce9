"""Blocks of unit events: salted hashes are gathered, and the root over them becomes an entry of the log."""

from __future__ import annotations

from datetime import datetime, timedelta

from tagcore.entries import EventsEntry
from tagcore.merkle import root_from_leaf_hashes
from tagserver.ports import EventBlock, EventLeaf, Transaction
from tagserver.ports.entries import new_entry

MOST_EVENTS = 4_096
"""Events in a block: a proof in it has 12 hashes at most."""


def due_events(transaction: Transaction, now: datetime, age: timedelta) -> tuple[EventLeaf, ...]:
    """The events of the next block, oldest first; none while it may still fill: until its oldest is of this age."""
    oldest = transaction.event_leaves.waiting(1)
    if not oldest:
        return ()
    waiting = transaction.event_leaves.waiting(MOST_EVENTS)
    return waiting if len(waiting) == MOST_EVENTS or oldest[0].at <= now - age else ()


def close_block(transaction: Transaction, now: datetime, age: timedelta) -> bool:
    """Make one block of the events that are due, and its entry; whether there was one. The log has to be held."""
    leaves = due_events(transaction, now, age)
    if not leaves:
        return False
    newest = transaction.event_leaves.newest_block()
    number = 0 if newest is None else newest.number + 1
    root = root_from_leaf_hashes(b"".join(leaf.hash for leaf in leaves))
    block = EventBlock(number=number, count=len(leaves), root=root, at=now)
    transaction.event_leaves.close(block, [leaf.id for leaf in leaves])
    entry = EventsEntry(block=number, count=block.count, root=root, at=now)
    transaction.log.add(new_entry(entry, now))
    return True
