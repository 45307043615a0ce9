"""The committed proofs: made again byte for byte, and verified by tagcore as they say."""

import json
from datetime import datetime
from typing import Any

import pytest

from tagcore.checkpoint import parse_checkpoint
from tagcore.commitment import commitment_of, format_commitment
from tagcore.entries import format_entry, parse_entry
from tagcore.errors import ProofError, TrustError
from tagcore.merkle import leaf_hash
from tagcore.note import parse_note
from tagcore.proof import verify_proof
from tagcore.trust import parse_trust
from tests.vectors import make_proofs

VECTORS: dict[str, Any] = json.loads(make_proofs.PATH.read_text(encoding="utf-8"))
TRUST = parse_trust(VECTORS["trust"].encode(), bytes.fromhex(VECTORS["root_key"]))
NOW = datetime.fromisoformat(VECTORS["now"])


def test_the_code_still_makes_exactly_the_committed_file() -> None:
    assert make_proofs.text() == make_proofs.PATH.read_text(encoding="utf-8")


@pytest.mark.parametrize("vector", VECTORS["proofs"], ids=lambda vector: vector["name"])
def test_a_good_proof_shows_what_it_says(vector: dict[str, Any]) -> None:
    proven = verify_proof(vector["proof"].encode(), TRUST, NOW)
    assert (proven.tag.identity.serial, proven.issuer) == (vector["serial"], vector["issuer"])
    assert (proven.manifest.number, proven.log_index) == (vector["batch"], vector["log_index"])
    assert proven.checkpoint.size == vector["size"]
    assert [witness.name for witness in proven.witnesses] == vector["witnesses"]
    assert [finding.standing.name for finding in proven.anchors] == vector["anchors"]
    assert proven.anchoring.name == vector["anchoring"]


@pytest.mark.parametrize("vector", VECTORS["bad_proofs"], ids=lambda vector: vector["name"])
def test_a_bad_proof_is_refused_at_its_step(vector: dict[str, Any]) -> None:
    with pytest.raises(ProofError) as caught:
        verify_proof(vector["proof"].encode(), TRUST, NOW)
    assert caught.value.step == vector["step"]


@pytest.mark.parametrize("vector", VECTORS["bad_trust"], ids=lambda vector: vector["name"])
def test_a_bad_bundle_is_refused(vector: dict[str, Any]) -> None:
    with pytest.raises(TrustError):
        parse_trust(vector["trust"].encode(), bytes.fromhex(VECTORS["root_key"]))


@pytest.mark.parametrize("vector", VECTORS["entries"], ids=lambda vector: vector["leaf_hash"][:8])
def test_an_entry_has_its_leaf_hash(vector: dict[str, Any]) -> None:
    data = vector["entry"].encode()
    assert format_entry(parse_entry(data)) == data
    assert leaf_hash(data).hex() == vector["leaf_hash"]


def test_a_checkpoint_has_its_commitment() -> None:
    checkpoint = parse_checkpoint(parse_note(VECTORS["commitment"]["checkpoint"].encode()).text)
    assert format_commitment(commitment_of(checkpoint)).hex() == VECTORS["commitment"]["bytes"]
