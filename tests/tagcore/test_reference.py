"""An independent verifier, written in another language from the specification's text, agrees on every vector."""

import json
import shutil
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tagcore.errors import ProofError
from tagcore.proof import verify_proof
from tagcore.trust import TrustBundle, parse_trust
from tests.parts import require_part
from tests.vectors.make import PATH
from tests.vectors.make_proofs import PATH as PROOF_PATH

VERIFIER = Path(__file__).parents[1] / "reference" / "verify.mjs"
PROOFS: dict[str, Any] = json.loads(PROOF_PATH.read_text(encoding="utf-8"))
VECTORS: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))


def ask(requests: list[dict[str, Any]], *, program: Path = VERIFIER) -> list[dict[str, Any]]:
    node = shutil.which("node")
    require_part(node is not None, "Node 18 or newer", "apt-get install nodejs")
    assert node is not None
    lines = "".join(json.dumps(request) + "\n" for request in requests)
    done = subprocess.run(
        [node, program], input=lines, capture_output=True, text=True, timeout=60, check=True
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def about(text: str, **changes: str) -> dict[str, Any]:
    known = {name: VECTORS[name] for name in ("trust", "root_key", "now")}
    return {**known, "text": text, **changes}


@pytest.mark.parametrize("profile", ["digital_link", "compact"])
def test_reads_and_verifies_every_valid_tag(profile: str) -> None:
    fields = ("gtin", "lot", "serial", "expiry", "slot", "signature", "signing_bytes", "leaf_hash")
    answers = ask([about(vector[profile]) for vector in VECTORS["valid"]])
    assert [{"outcome": "VALID", **{name: v[name] for name in fields}} for v in VECTORS["valid"]] == answers


def test_agrees_on_every_reading() -> None:
    answers = ask([about(vector["text"]) for vector in VECTORS["readings"]])
    got = {
        vector["name"]: answer["outcome"] for vector, answer in zip(VECTORS["readings"], answers, strict=True)
    }
    assert got == {vector["name"]: vector["outcome"] for vector in VECTORS["readings"]}


def test_believes_no_bad_bundle() -> None:
    text = VECTORS["valid"][0]["digital_link"]
    answers = ask([about(text, trust=vector["trust"]) for vector in VECTORS["bad_trust"]])
    got = {
        vector["name"]: answer["outcome"]
        for vector, answer in zip(VECTORS["bad_trust"], answers, strict=True)
    }
    assert got == {vector["name"]: "TRUST_INVALID" for vector in VECTORS["bad_trust"]}


def test_follows_every_proof_to_the_root_and_no_other() -> None:
    tree = VECTORS["tree"]
    good = [{**proof, "size": tree["size"], "root": tree["root"]} for proof in tree["proofs"]]
    bad = [{**request, "index": request["index"] ^ 1} for request in good]
    outcomes = [answer["outcome"] for answer in ask(good + bad)]
    assert outcomes == ["VALID"] * len(good) + ["PROOF_INVALID"] * len(bad)


def about_proof(proof: str, **changes: str) -> dict[str, Any]:
    return {**{name: PROOFS[name] for name in ("trust", "root_key", "now")}, "proof_file": proof, **changes}


def test_finds_in_every_good_proof_what_it_shows() -> None:
    answers = ask([about_proof(vector["proof"]) for vector in PROOFS["proofs"]])
    shown = [
        {name: value for name, value in vector.items() if name not in ("name", "proof")}
        for vector in PROOFS["proofs"]
    ]
    assert answers == [{"outcome": "VALID", **one} for one in shown]


def test_refuses_every_bad_proof_at_the_same_step() -> None:
    answers = ask([about_proof(vector["proof"]) for vector in PROOFS["bad_proofs"]])
    got = {
        vector["name"]: answer["outcome"]
        for vector, answer in zip(PROOFS["bad_proofs"], answers, strict=True)
    }
    assert got == {vector["name"]: vector["step"] for vector in PROOFS["bad_proofs"]}


def test_believes_no_bundle_with_a_bad_log() -> None:
    proof = PROOFS["proofs"][0]["proof"]
    answers = ask([about_proof(proof, trust=vector["trust"]) for vector in PROOFS["bad_trust"]])
    got = {
        vector["name"]: answer["outcome"] for vector, answer in zip(PROOFS["bad_trust"], answers, strict=True)
    }
    assert got == {vector["name"]: "TRUST_INVALID" for vector in PROOFS["bad_trust"]}


def test_agrees_with_us_on_a_proof_with_a_bit_of_any_byte_changed() -> None:
    proof = PROOFS["proofs"][0]["proof"].encode()
    texts = []
    for place in range(len(proof)):
        data = bytearray(proof)
        data[place] ^= 1 << place % 7
        texts.append(bytes(data).decode("utf-8", "replace"))
    answers = ask([about_proof(text) for text in texts])
    trust = parse_trust(PROOFS["trust"].encode(), bytes.fromhex(PROOFS["root_key"]))
    now = datetime.fromisoformat(PROOFS["now"])
    assert [answer["outcome"] for answer in answers] == [step_of(text, trust, now) for text in texts]


def step_of(text: str, trust: TrustBundle, now: datetime) -> str:
    with pytest.raises(ProofError) as caught:
        verify_proof(text.encode(), trust, now)
    assert caught.value.step is not None
    return caught.value.step.value
