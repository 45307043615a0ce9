"""Our Merkle proofs against the tables of transparency-dev/merkle's own tests (`make strangers`).

Each line is a proof with the verdict of that library. Ours is stricter in two places and says so below; everywhere
else the two have to agree.
"""

import json
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tagcore.errors import ProofError
from tagcore.merkle import EMPTY_ROOT, HASH_BYTES, verify_consistency, verify_inclusion
from tests.built import require_built


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    """One proof and what the library said of it. `index` is the older size where two trees are compared."""

    kind: str
    source: str
    description: str
    index: int
    size: int
    hash: bytes
    root: bytes
    proof: tuple[bytes, ...]
    accepted: bool

    def verify(self) -> None:
        """Raises: ProofError when ours refuses it."""
        if self.kind == "inclusion":
            verify_inclusion(self.hash, self.index, self.size, self.proof, self.root)
        else:
            verify_consistency(self.index, self.hash, self.size, self.root, self.proof)


def _parse(line: str) -> Vector:
    fields = json.loads(line)
    return Vector(
        kind=fields["kind"],
        source=fields["source"],
        description=fields["desc"],
        index=fields["index"],
        size=fields["size"],
        hash=b64decode(fields["hash"] or ""),
        root=b64decode(fields["root"] or ""),
        proof=tuple(b64decode(part or "") for part in fields["proof"] or ()),
        accepted=fields["accept"],
    )


@pytest.fixture(scope="module")
def vectors() -> tuple[Vector, ...]:
    with require_built("merkle-vectors.jsonl").open() as lines:
        return tuple(_parse(line) for line in lines)


def ours_is_stricter(vector: Vector) -> bool:
    """Where a refusal of ours is meant though the library accepts: no root of nothing but the one of RFC 6962, and
    no hash that is not 32 bytes.
    """
    nothing = vector.kind == "consistency" and vector.index == 0 and vector.hash != EMPTY_ROOT
    return nothing or any(len(part) != HASH_BYTES for part in (vector.hash, vector.root, *vector.proof))


def refused(vector: Vector) -> bool:
    try:
        vector.verify()
    except ProofError:
        return True
    return False


def disagreements(vectors: tuple[Vector, ...]) -> Iterator[Vector]:
    for vector in vectors:
        if vector.accepted == refused(vector) and not (vector.accepted and ours_is_stricter(vector)):
            yield vector


@pytest.mark.parametrize("source", ["published", "small trees"])
def test_agrees_with_every_vector(vectors: tuple[Vector, ...], source: str) -> None:
    chosen = tuple(vector for vector in vectors if vector.source == source)
    assert [*disagreements(chosen)] == []


def test_the_vectors_hold_both_kinds_and_both_verdicts(vectors: tuple[Vector, ...]) -> None:
    counted = Counter((vector.source, vector.kind, vector.accepted) for vector in vectors)
    assert counted["published", "inclusion", True] == 5
    assert counted["published", "consistency", True] == 5
    assert counted["published", "inclusion", False] > 70
    assert counted["published", "consistency", False] > 70
    assert counted["small trees", "inclusion", True] >= 17 * 18 // 2
    assert counted["small trees", "consistency", True] >= 17 * 18 // 2


def test_a_changed_byte_of_any_accepted_proof_is_refused(vectors: tuple[Vector, ...]) -> None:
    proofs = [vector for vector in vectors if vector.accepted and vector.proof]
    assert proofs
    for vector in proofs:
        first = bytes([vector.proof[0][0] ^ 1]) + vector.proof[0][1:]
        changed = Vector(
            kind=vector.kind,
            source=vector.source,
            description="first byte changed",
            index=vector.index,
            size=vector.size,
            hash=vector.hash,
            root=vector.root,
            proof=(first, *vector.proof[1:]),
            accepted=False,
        )
        assert refused(changed)
