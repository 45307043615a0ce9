"""The right edge of a growing Merkle tree: what has to be kept of all leaves so far to add the next one.

RFC 9162, 2.1.5 draws the same decomposition. A tree of `size` leaves falls into complete trees, one for each bit that
is set in `size`, the largest first; their roots are its peaks.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from tagcore.merkle import EMPTY_ROOT, HASH_BYTES, node_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontier:
    """A tree of `size` leaves (from 0): the roots of its complete parts, 32 bytes each, largest first.

    Raises: ValueError unless there is one peak for each bit that is set in `size`.
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.peaks) != self.size.bit_count():
            raise ValueError(f"got {len(self.peaks)} peaks for a tree of {self.size}")
        if any(len(peak) != HASH_BYTES for peak in self.peaks):
            raise ValueError(f"a peak is not {HASH_BYTES} bytes")

    def grown(self, leaves: Iterable[bytes]) -> Self:
        """The tree with these leaf hashes added in order."""
        size, peaks = self.size, list(self.peaks)
        for leaf in leaves:
            merges, root = size, leaf
            while merges & 1:
                root, merges = node_hash(peaks.pop(), root), merges >> 1
            peaks.append(root)
            size += 1
        return type(self)(size=size, peaks=tuple(peaks))

    @property
    def root(self) -> bytes:
        """The root over all leaves; the hash of nothing for an empty tree."""
        if not self.peaks:
            return EMPTY_ROOT
        *larger, root = self.peaks
        for peak in reversed(larger):
            root = node_hash(peak, root)
        return root


def parse_frontier(size: int, peaks: bytes) -> Frontier:
    """From the peaks joined in order. Raises: ValueError when they are none of a tree of `size`."""
    hashes = tuple(peaks[start : start + HASH_BYTES] for start in range(0, len(peaks), HASH_BYTES))
    return Frontier(size=size, peaks=hashes)


def format_frontier(frontier: Frontier) -> bytes:
    """The peaks joined in order."""
    return b"".join(frontier.peaks)
