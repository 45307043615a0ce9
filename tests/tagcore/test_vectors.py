"""The committed vectors: made again byte for byte, and read by tagcore as they say."""

import json
from datetime import datetime
from typing import Any

import pytest

from tagcore.errors import InputError, TrustError
from tagcore.evidence import NotOurs, Ours
from tagcore.merkle import verify_inclusion
from tagcore.reading import check_signature, read
from tagcore.tag import parse_url, signing_bytes
from tagcore.trust import parse_trust
from tests.vectors import make

VECTORS: dict[str, Any] = json.loads(make.PATH.read_text(encoding="utf-8"))
TRUST = parse_trust(VECTORS["trust"].encode(), bytes.fromhex(VECTORS["root_key"]))
NOW = datetime.fromisoformat(VECTORS["now"])
OUTCOMES = {
    "VALID": "VALID",
    "INVALID": "SIGNATURE_INVALID",
    "KEY_UNKNOWN": "KEY_UNKNOWN",
    "KEY_REVOKED": "KEY_REVOKED",
}


def outcome_of(text: str) -> str:
    reading = read(text, TRUST)
    if isinstance(reading, Ours):
        return OUTCOMES[check_signature(reading.tag, TRUST, NOW).outcome.name]
    assert isinstance(reading, NotOurs)
    return reading.code


def error_of(text: str) -> str | None:
    try:
        parse_url(text)
    except InputError as error:
        return error.code
    return None


def test_the_code_still_makes_exactly_the_committed_file() -> None:
    assert make.text() == make.PATH.read_text(encoding="utf-8")


@pytest.mark.parametrize("vector", VECTORS["valid"], ids=lambda vector: vector["name"])
def test_a_valid_tag_verifies_in_both_profiles(vector: dict[str, Any]) -> None:
    for url in (vector["digital_link"], vector["compact"]):
        assert outcome_of(url) == "VALID"
        _, _, tag = parse_url(url)
        assert signing_bytes(tag.identity).hex() == vector["signing_bytes"]
        assert tag.signature.hex() == vector["signature"]


@pytest.mark.parametrize("vector", VECTORS["readings"], ids=lambda vector: vector["name"])
def test_a_reading_has_its_outcome(vector: dict[str, Any]) -> None:
    assert outcome_of(vector["text"]) == vector["outcome"]
    if vector["outcome"] in ("MALFORMED", "CANNOT_CHECK"):
        assert error_of(vector["text"]) == vector["error"]


@pytest.mark.parametrize("vector", VECTORS["bad_trust"], ids=lambda vector: vector["name"])
def test_a_bad_bundle_is_refused(vector: dict[str, Any]) -> None:
    with pytest.raises(TrustError):
        parse_trust(vector["trust"].encode(), bytes.fromhex(VECTORS["root_key"]))


def test_the_proofs_lead_to_the_root() -> None:
    tree = VECTORS["tree"]
    for proof in tree["proofs"]:
        path = [bytes.fromhex(node) for node in proof["proof"]]
        leaf, root = bytes.fromhex(proof["leaf_hash"]), bytes.fromhex(tree["root"])
        verify_inclusion(leaf, proof["index"], tree["size"], path, root)


def test_every_attack_has_a_name_of_its_own() -> None:
    for group in ("valid", "readings", "bad_trust"):
        names = [vector["name"] for vector in VECTORS[group]]
        assert len(set(names)) == len(names)
