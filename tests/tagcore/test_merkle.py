from functools import cache
from hashlib import sha256
from random import Random

import pytest

from tagcore.errors import ProofError
from tagcore.merkle import (
    EMPTY_ROOT,
    NodeReader,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_from_inclusion_proof,
    root_from_leaf_hashes,
    root_of_range,
    root_of_tree,
    tile_roots,
    verify_consistency,
    verify_inclusion,
)
from tests.tagcore import rfc6962

ALL_SIZES = range(301)
LEAVES = [b"leaf %d" % number for number in range(70_000)]
HASHES = b"".join(leaf_hash(leaf) for leaf in LEAVES)


@cache
def reader(size: int) -> NodeReader:
    """Stored levels as an issuer keeps them: leaf hashes, the roots of complete runs of 256, and so on."""
    levels = [HASHES[: size * 32]]
    while len(levels[-1]) >= 256 * 32:
        levels.append(tile_roots(levels[-1]))

    def read(level: int, start: int, stop: int) -> bytes:
        found = levels[level][start * 32 : stop * 32]
        assert len(found) == (stop - start) * 32, "asked for a node that is not complete"
        return found

    return read


@pytest.mark.parametrize("size", ALL_SIZES)
def test_roots_are_those_of_the_standards_text(size: int) -> None:
    want = rfc6962.mth(LEAVES[:size])
    assert root_from_leaf_hashes(HASHES[: size * 32]) == want
    assert root_of_tree(size, reader(size)) == want


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 127, 128, 129, 255, 256, 257, 300])
def test_every_leaf_of_a_small_tree_is_proved_as_the_standard_says(size: int) -> None:
    root = root_of_tree(size, reader(size))
    for index in range(size):
        path = inclusion_proof(index, size, reader(size))
        assert list(path) == rfc6962.path(index, LEAVES[:size])
        verify_inclusion(leaf_hash(LEAVES[index]), index, size, path, root)


@pytest.mark.parametrize("size", ALL_SIZES[1:])
def test_trees_of_every_size_prove_some_leaves(size: int) -> None:
    root = root_of_tree(size, reader(size))
    for index in {0, size // 3, size // 2, size - 1}:
        path = inclusion_proof(index, size, reader(size))
        assert list(path) == rfc6962.path(index, LEAVES[:size])
        verify_inclusion(leaf_hash(LEAVES[index]), index, size, path, root)


@pytest.mark.parametrize("size", [*ALL_SIZES[1:40], 127, 128, 129, 255, 256, 257, 300])
def test_every_smaller_tree_is_proved_to_be_a_prefix(size: int) -> None:
    root = root_of_tree(size, reader(size))
    for old in range(1, size + 1):
        path = consistency_proof(old, size, reader(size))
        assert list(path) == rfc6962.proof(old, LEAVES[:size])
        verify_consistency(old, root_of_tree(old, reader(old)), size, root, path)


@pytest.mark.parametrize("size", [511, 512, 513, 4097, 12_345, 65_535, 65_536, 65_537, 70_000])
def test_large_trees_agree_with_the_standards_text(size: int) -> None:
    read, root, draw = reader(size), rfc6962.mth(LEAVES[:size]), Random(size)
    assert root_of_tree(size, read) == root
    index, old = draw.randrange(size), draw.randrange(1, size)
    path, proof = inclusion_proof(index, size, read), consistency_proof(old, size, read)
    assert list(path) == rfc6962.path(index, LEAVES[:size])
    assert list(proof) == rfc6962.proof(old, LEAVES[:size])
    verify_inclusion(leaf_hash(LEAVES[index]), index, size, path, root)
    verify_consistency(old, root_of_tree(old, reader(old)), size, root, proof)


def test_three_stored_levels_give_the_root() -> None:
    size = 256 * 256 + 300
    assert root_of_tree(size, reader(size)) == root_from_leaf_hashes(HASHES[: size * 32])


def test_the_standards_own_example_of_the_empty_tree() -> None:
    assert root_from_leaf_hashes(b"") == EMPTY_ROOT == sha256(b"").digest()


def test_a_leaf_is_no_node() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)


# ---- misuse by a caller


def test_leaf_hashes_have_32_bytes() -> None:
    with pytest.raises(ValueError, match="33 bytes"):
        root_from_leaf_hashes(bytes(33))


@pytest.mark.parametrize(("start", "stop"), [(0, 0), (3, 2), (1, 3), (4, 10)])
def test_a_range_is_a_subtree(start: int, stop: int) -> None:
    with pytest.raises(ValueError, match="no subtree"):
        root_of_range(start, stop, reader(16))


@pytest.mark.parametrize(("index", "size"), [(-1, 4), (4, 4), (0, 0)])
def test_proves_no_leaf_that_does_not_exist(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="of a tree of"):
        inclusion_proof(index, size, reader(4))


@pytest.mark.parametrize(("old", "size"), [(0, 4), (5, 4)])
def test_proves_no_prefix_that_does_not_exist(old: int, size: int) -> None:
    with pytest.raises(ValueError, match="0 < old <= new"):
        consistency_proof(old, size, reader(4))


# ---- attacks on an inclusion proof: each changes one thing

SIZE, INDEX = 11, 6
ROOT = root_of_tree(SIZE, reader(SIZE))
PATH = inclusion_proof(INDEX, SIZE, reader(SIZE))
LEAF = leaf_hash(LEAVES[INDEX])


def refused(leaf: bytes, index: int, size: int, path: tuple[bytes, ...], root: bytes, why: str) -> None:
    with pytest.raises(ProofError, match=why):
        verify_inclusion(leaf, index, size, path, root)


def test_rejects_a_proof_longer_than_the_tree() -> None:
    refused(LEAF, INDEX, SIZE, (*PATH, ROOT), ROOT, "longer")


def test_rejects_a_proof_shorter_than_the_tree() -> None:
    refused(LEAF, INDEX, SIZE, PATH[:-1], ROOT, "shorter")


def test_rejects_an_empty_proof() -> None:
    refused(ROOT, 0, 2, (), ROOT, "shorter")


def test_rejects_the_root_as_its_own_leaf() -> None:
    refused(ROOT, INDEX, SIZE, PATH, ROOT, "another root")


def test_rejects_every_other_index() -> None:
    for index in set(range(SIZE)) - {INDEX}:
        with pytest.raises(ProofError):
            verify_inclusion(LEAF, index, SIZE, PATH, ROOT)


def test_rejects_an_index_outside_the_tree() -> None:
    for index in (-1, SIZE, SIZE + INDEX):
        refused(LEAF, index, SIZE, PATH, ROOT, "outside")


def test_rejects_another_size_of_another_height() -> None:
    refused(LEAF, INDEX, 7, PATH, ROOT, "longer")
    refused(LEAF, INDEX, 40, PATH, ROOT, "shorter")


def test_rejects_swapped_hashes() -> None:
    refused(LEAF, INDEX, SIZE, (PATH[1], PATH[0], *PATH[2:]), ROOT, "another root")


def test_rejects_trailing_garbage_in_a_hash() -> None:
    refused(LEAF, INDEX, SIZE, (PATH[0] + b"\0", *PATH[1:]), ROOT, "33 bytes")


def test_rejects_a_hash_cut_short() -> None:
    refused(LEAF[:31], INDEX, SIZE, PATH, ROOT, "31 bytes")


def test_rejects_a_flipped_bit_anywhere() -> None:
    for place, node in enumerate(PATH):
        bent = bytes([node[0] ^ 1]) + node[1:]
        refused(LEAF, INDEX, SIZE, (*PATH[:place], bent, *PATH[place + 1 :]), ROOT, "another root")


def test_rejects_another_root() -> None:
    refused(LEAF, INDEX, SIZE, PATH, EMPTY_ROOT, "another root")


def test_computes_a_root_without_comparing_it() -> None:
    assert root_from_inclusion_proof(LEAF, INDEX, SIZE, PATH) == ROOT


# ---- attacks on a consistency proof

OLD = 6
OLD_ROOT = root_of_tree(OLD, reader(OLD))
PROOF = consistency_proof(OLD, SIZE, reader(SIZE))


def inconsistent(
    old: int, old_root: bytes, size: int, root: bytes, path: tuple[bytes, ...], why: str
) -> None:
    with pytest.raises(ProofError, match=why):
        verify_consistency(old, old_root, size, root, path)


def test_accepts_the_same_tree_and_the_empty_one_without_a_proof() -> None:
    verify_consistency(SIZE, ROOT, SIZE, ROOT, ())
    verify_consistency(0, EMPTY_ROOT, SIZE, ROOT, ())
    verify_consistency(0, EMPTY_ROOT, 0, EMPTY_ROOT, ())


def test_rejects_two_roots_at_one_size() -> None:
    inconsistent(SIZE, OLD_ROOT, SIZE, ROOT, (), "two roots")


def test_rejects_another_root_of_the_empty_tree() -> None:
    inconsistent(0, ROOT, SIZE, ROOT, (), "empty tree")


def test_rejects_a_proof_where_none_is_needed() -> None:
    inconsistent(SIZE, ROOT, SIZE, ROOT, PROOF, "has to be empty")
    inconsistent(0, EMPTY_ROOT, SIZE, ROOT, PROOF, "has to be empty")


def test_rejects_a_tree_that_shrank() -> None:
    inconsistent(SIZE, ROOT, OLD, OLD_ROOT, PROOF, "no prefix")
    inconsistent(-1, ROOT, OLD, OLD_ROOT, PROOF, "no prefix")


def test_rejects_an_empty_consistency_proof() -> None:
    inconsistent(OLD, OLD_ROOT, SIZE, ROOT, (), "empty")
    inconsistent(8, root_of_tree(8, reader(8)), SIZE, ROOT, (), "shorter")


def test_rejects_a_consistency_proof_too_long() -> None:
    inconsistent(OLD, OLD_ROOT, SIZE, ROOT, (*PROOF, ROOT), "longer")


def test_rejects_a_consistency_proof_too_short() -> None:
    inconsistent(OLD, OLD_ROOT, SIZE, ROOT, PROOF[:-1], "shorter")


def test_rejects_a_consistency_proof_with_swapped_hashes() -> None:
    inconsistent(OLD, OLD_ROOT, SIZE, ROOT, (PROOF[1], PROOF[0], *PROOF[2:]), "another old root")


def test_rejects_another_old_root() -> None:
    inconsistent(OLD, EMPTY_ROOT, SIZE, ROOT, PROOF, "another old root")


def test_rejects_another_new_root() -> None:
    inconsistent(OLD, OLD_ROOT, SIZE, EMPTY_ROOT, PROOF, "another new root")


def test_rejects_trailing_garbage_in_a_consistency_proof() -> None:
    inconsistent(OLD, OLD_ROOT, SIZE, ROOT, (*PROOF[:-1], PROOF[-1] + b"\0"), "33 bytes")


def test_rejects_every_wrong_old_size() -> None:
    for old in set(range(1, SIZE)) - {OLD}:
        with pytest.raises(ProofError):
            verify_consistency(old, OLD_ROOT, SIZE, ROOT, PROOF)
