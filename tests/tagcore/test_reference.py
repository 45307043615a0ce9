"""An independent verifier, written in another language from the specification's text, agrees on every vector."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.parts import require_part
from tests.vectors.make import PATH

VERIFIER = Path(__file__).parents[1] / "reference" / "verify.mjs"
VECTORS: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))


def ask(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    node = shutil.which("node")
    require_part(node is not None, "Node 18 or newer", "apt-get install nodejs")
    assert node is not None
    lines = "".join(json.dumps(request) + "\n" for request in requests)
    done = subprocess.run(
        [node, VERIFIER], input=lines, capture_output=True, text=True, timeout=60, check=True
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
