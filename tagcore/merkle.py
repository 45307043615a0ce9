"""RFC 6962 Merkle trees: hashes, roots, inclusion and consistency proofs.

RFC 6962, 2.1; the verification algorithms are those of RFC 9162, 2.1.3.2 and 2.1.4.2. A tree is read through a
`NodeReader`, which hands out stored hashes of every eighth level, the layout of C2SP tlog-tiles: a proof in a tree
of a million leaves reads a few kilobytes and recomputes a few hundred hashes.
"""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256

from tagcore.errors import ProofError

HASH_BYTES = 32
TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT

EMPTY_ROOT = sha256(b"").digest()

NodeReader = Callable[[int, int, int], bytes]
"""(level, start, stop) -> the hashes of complete nodes [start, stop) of level 8 * `level`, 32 bytes each, joined."""

SubtreeRoot = Callable[[int, int, NodeReader], bytes]
"""(start, stop, reader) -> the root over leaves [start, stop), as `root_of_range`."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf's data (RFC 6962, 2.1)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node over its two children."""
    return sha256(b"\x01" + left + right).digest()


def root_from_leaf_hashes(hashes: bytes) -> bytes:
    """The root over leaf hashes joined in order; the hash of nothing for an empty tree.

    Raises: ValueError when the length is no multiple of 32.
    """
    if len(hashes) % HASH_BYTES:
        raise ValueError(f"got {len(hashes)} bytes, want a multiple of {HASH_BYTES}")
    if not hashes:
        return EMPTY_ROOT
    while len(hashes) > HASH_BYTES:
        hashes = _next_level(hashes)
    return hashes


def tile_roots(hashes: bytes) -> bytes:
    """The roots of each complete run of 256 of the joined hashes: the stored level above. A rest gives none."""
    complete = len(hashes) // (TILE_WIDTH * HASH_BYTES) * (TILE_WIDTH * HASH_BYTES)
    level = hashes[:complete]
    for _ in range(TILE_HEIGHT):
        level = _next_level(level)
    return level


def _next_level(hashes: bytes) -> bytes:
    pair = 2 * HASH_BYTES
    even = len(hashes) // pair * pair
    level = b"".join(
        [sha256(b"\x01" + hashes[start : start + pair]).digest() for start in range(0, even, pair)]
    )
    return level + hashes[even:]


def root_of_range(start: int, stop: int, read: NodeReader) -> bytes:
    """The root over leaves [start, stop), which is a subtree of RFC 6962: `start` is a multiple of the smallest
    power of two that is no less than `stop - start`.

    Raises: ValueError when the range is empty or not aligned so.
    """
    size = stop - start
    if size <= 0 or start & ((1 << (size - 1).bit_length()) - 1):
        raise ValueError(f"leaves {start} to {stop} are no subtree")
    height = size.bit_length() - 1
    if size == 1 << height:
        level, rest = divmod(height, TILE_HEIGHT)
        first = start >> (level * TILE_HEIGHT)
        return root_from_leaf_hashes(read(level, first, first + (1 << rest)))
    middle = start + (1 << height)
    return node_hash(root_of_range(start, middle, read), root_of_range(middle, stop, read))


def root_of_tree(size: int, read: NodeReader) -> bytes:
    """The root of a stored tree of `size` leaves."""
    return root_of_range(0, size, read) if size else EMPTY_ROOT


def inclusion_proof(
    index: int, size: int, read: NodeReader, *, root_of: SubtreeRoot = root_of_range
) -> tuple[bytes, ...]:
    """The audit path of leaf `index` in a tree of `size` leaves, nearest the leaf first (RFC 6962, 2.1.1).

    `root_of` does what `root_of_range` does, and may remember what it found. Raises: ValueError unless
    0 <= index < size.
    """
    if not 0 <= index < size:
        raise ValueError(f"got leaf {index} of a tree of {size}")
    path = []
    start, stop = 0, size
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            path.append(root_of(middle, stop, read))
            stop = middle
        else:
            path.append(root_of(start, middle, read))
            start = middle
    return tuple(reversed(path))


def root_from_inclusion_proof(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that `path` leads to from the leaf hash `leaf` (RFC 9162, 2.1.3.2).

    Raises: ProofError when the numbers do not fit one another or a hash is not 32 bytes.
    """
    if not 0 <= index < size:
        raise ProofError(f"leaf {index} is outside a tree of {size}")
    _check_hashes((leaf, *path))
    node, last, root = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise ProofError("the proof is longer than the tree is high")
        if node & 1 or node == last:
            root = node_hash(sibling, root)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise ProofError("the proof is shorter than the tree is high")
    return root


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """Check that leaf hash `leaf` is number `index` of the tree of `size` leaves with `root`. Raises: ProofError."""
    if root_from_inclusion_proof(leaf, index, size, path) != root:
        raise ProofError("the inclusion proof leads to another root")


def consistency_proof(old_size: int, size: int, read: NodeReader) -> tuple[bytes, ...]:
    """The proof that the tree of `old_size` is a prefix of the tree of `size` (RFC 6962, 2.1.2).

    Raises: ValueError unless 0 < old_size <= size.
    """
    if not 0 < old_size <= size:
        raise ValueError(f"got sizes {old_size} and {size}, want 0 < old <= new")
    path: list[bytes] = []
    start, stop, whole = 0, size, True
    while old_size != stop:
        middle = start + _split(stop - start)
        if old_size <= middle:
            path.append(root_of_range(middle, stop, read))
            stop = middle
        else:
            path.append(root_of_range(start, middle, read))
            start, whole = middle, False
    if not whole:
        path.append(root_of_range(start, stop, read))
    return tuple(reversed(path))


def verify_consistency(old_size: int, old_root: bytes, size: int, root: bytes, path: Sequence[bytes]) -> None:
    """Check that the tree (`old_size`, `old_root`) is a prefix of (`size`, `root`) (RFC 9162, 2.1.4.2).

    Raises: ProofError.
    """
    if not 0 <= old_size <= size:
        raise ProofError(f"a tree of {old_size} is no prefix of one of {size}")
    _check_hashes((old_root, root, *path))
    if old_size in (0, size):
        _verify_trivial_consistency(old_size, old_root, size, root, path)
        return
    hashes = iter(path if old_size & (old_size - 1) else (old_root, *path))
    node, last = old_size - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = _take(hashes)
    for sibling in hashes:
        if last == 0:
            raise ProofError("the proof is longer than the tree is high")
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise ProofError("the proof is shorter than the tree is high")
    if old != old_root:
        raise ProofError("the consistency proof leads to another old root")
    if new != root:
        raise ProofError("the consistency proof leads to another new root")


def _verify_trivial_consistency(
    old_size: int, old_root: bytes, size: int, root: bytes, path: Sequence[bytes]
) -> None:
    if path:
        raise ProofError("the proof has to be empty")
    if old_size == 0 and old_root != EMPTY_ROOT:
        raise ProofError("the root of the empty tree is wrong")
    if old_size == size and old_root != root:
        raise ProofError("two roots for one size")


def _take(hashes: Iterator[bytes]) -> bytes:
    try:
        return next(hashes)
    except StopIteration:
        raise ProofError("the proof is empty") from None


def _check_hashes(hashes: Sequence[bytes]) -> None:
    for value in hashes:
        if len(value) != HASH_BYTES:
            raise ProofError(f"got a hash of {len(value)} bytes, want {HASH_BYTES}")


def _split(size: int) -> int:
    """The largest power of two smaller than `size` (> 1)."""
    return 1 << (size - 1).bit_length() - 1
