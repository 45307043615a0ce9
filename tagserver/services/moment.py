"""One moment's record, each question asked once.

A reading transaction sees one moment, so the same question has the same answer for as long as it lasts. Units of one
batch share product, batch and key: asked once for a chunk of a list, not once for each of its items.
"""

from __future__ import annotations

from functools import cache
from typing import cast

from tagserver.ports import Transaction

_GROUPS = ("products", "keys", "batches", "units", "recalls", "scans", "log", "witnesses")


def remembering(transaction: Transaction) -> Transaction:
    """The same reading transaction with a memory that ends with it. Not for one that writes."""
    return cast("Transaction", _Moment(transaction))


class _Moment:
    """The groups that verifying asks, each with a memory."""

    def __init__(self, transaction: Transaction) -> None:
        for name in _GROUPS:
            setattr(self, name, _Answers(getattr(transaction, name)))


class _Answers:
    """A group of questions; each is put to the store once for the same arguments."""

    def __init__(self, group: object) -> None:
        self._group = group

    def __getattr__(self, name: str) -> object:
        asked = cache(getattr(self._group, name))
        setattr(self, name, asked)
        return asked
