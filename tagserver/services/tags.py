"""Derive a batch's tags: from its row and the keys alone, the same ones each time.

Nothing about a single tag is stored: serials come from the keyed permutation (or the producer's list),
signatures from Ed25519, which is deterministic. So labels can be made again, and a killed issuing goes on
where it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tagcore.identity import Identity
from tagcore.keys import Signer
from tagcore.merkle import leaf_hash
from tagcore.serials import SerialCipher
from tagcore.tag import Tag, format_url, leaf_bytes, signing_bytes
from tagserver.ports import Batch, SerialIndexes, SerialSource

CHUNK = 4096
"""Tags derived at a time: large enough for numpy, small enough to stay in a processor's cache."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """What tags are made with: the serial permutation, supplied serials, and the issuer's key."""

    cipher: SerialCipher
    indexes: SerialIndexes
    signer: Signer

    def tags(self, batch: Batch, first: int, stop: int) -> Iterator[Tag]:
        """The tags of indices `first` to `stop` - 1, in order."""
        for start in range(first, stop, CHUNK):
            for serial in serials(batch, start, min(stop, start + CHUNK), self.cipher, self.indexes):
                identity = Identity(
                    gtin=batch.gtin, lot=batch.lot, serial=serial, expiry=batch.expiry, slot=batch.slot
                )
                yield Tag(identity=identity, signature=self.signer.sign(signing_bytes(identity)))

    def tag(self, batch: Batch, index: int) -> Tag:
        """The tag of one index."""
        (tag,) = self.tags(batch, index, index + 1)
        return tag

    def leaf_hashes(self, batch: Batch, first: int, stop: int) -> bytes:
        """The leaf hashes of the tags, joined."""
        return b"".join([leaf_hash(leaf_bytes(tag)) for tag in self.tags(batch, first, stop)])


def serials(
    batch: Batch, first: int, stop: int, cipher: SerialCipher, indexes: SerialIndexes
) -> list[str] | tuple[str, ...]:
    """The serials of indices `first` to `stop` - 1."""
    if batch.serial_source is SerialSource.SUPPLIED:
        return indexes.serials(batch.number, first, stop - first)
    return cipher.encrypt_many(batch.number, np.arange(first, stop, dtype=np.uint64))


def url(tag: Tag, batch: Batch) -> str:
    """The tag's URL as its batch prints it."""
    return format_url(tag, batch.host, batch.profile)
