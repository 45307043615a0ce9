"""How an event in a history can be checked against the log: its block, its place in it, salt and path.

A reader hashes the salt with the event's bytes (docs/spec/log.md, "Unit events"), follows the path to the block's root,
and finds that root in the log's entry of the block.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from tagcore.entries import EntryKind
from tagcore.merkle import HASH_BYTES, TILE_WIDTH, inclusion_proof, tile_roots
from tagserver.ports import EventLeaf, Transaction
from tagserver.ports.entries import block_subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """An event's leaf in its block. `block`, `place` and `log_index` are None while it waits for them; `count` is the
    number of the block's leaves.
    """

    salt: bytes
    leaf: bytes
    block: int | None = None
    place: int | None = None
    count: int = 0
    path: tuple[bytes, ...] = ()
    log_index: int | None = None


def commitments(transaction: Transaction, subjects: Collection[str]) -> Mapping[tuple[str, int], Commitment]:
    """Those of all events of these subjects, by subject and seq."""
    leaves = transaction.event_leaves.of_subjects(subjects)
    hashes = {
        number: _hashes(transaction, number)
        for number in {leaf.block for leaf in leaves}
        if number is not None
    }
    return {(leaf.subject, leaf.seq): _commitment(transaction, leaf, hashes) for leaf in leaves}


def _commitment(transaction: Transaction, leaf: EventLeaf, hashes: Mapping[int, bytes]) -> Commitment:
    if leaf.block is None or leaf.place is None:
        return Commitment(salt=leaf.salt, leaf=leaf.hash)
    count = len(hashes[leaf.block]) // HASH_BYTES
    entries = transaction.log.of_subject(EntryKind.EVENTS, block_subject(leaf.block))
    return Commitment(
        salt=leaf.salt,
        leaf=leaf.hash,
        block=leaf.block,
        place=leaf.place,
        count=count,
        path=_path(hashes[leaf.block], leaf.place, count),
        log_index=entries[0].index if entries else None,
    )


def _hashes(transaction: Transaction, block: int) -> bytes:
    return b"".join(leaf.hash for leaf in transaction.event_leaves.of_block(block))


def _path(hashes: bytes, place: int, count: int) -> tuple[bytes, ...]:
    """RFC 6962, 2.1.1, over a block's leaves."""
    levels = [hashes]
    while len(levels[-1]) >= TILE_WIDTH * HASH_BYTES:
        levels.append(tile_roots(levels[-1]))

    def read(level: int, start: int, stop: int) -> bytes:
        return levels[level][start * HASH_BYTES : stop * HASH_BYTES]

    return inclusion_proof(place, count, read)
