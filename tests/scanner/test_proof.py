"""Proof files at the command line: judged offline, step by step."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from scanner.cli import main
from scanner.errors import ProofFileUnreadableError
from scanner.proof import check_proof, load_proof
from tagcore.errors import Step
from tagcore.evidence import Failed, Proven
from tagcore.proof_file import MAX_PROOF_BYTES
from tagcore.trust import format_trust
from tests.scanner.served import TagServer, verdict_json
from tests.vectors.cast import BUNDLE, NOW, ROOT
from tests.vectors.proving import TRUST
from tests.vectors.unproven import DATA, PROOF, unproven

ATTACKS = tuple(unproven())
FAR = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
def pinned(tmp_path: Path) -> Path:
    """The bundle that the proofs are made for, good as long as these tests may run."""
    path = tmp_path / "trust.json"
    path.write_bytes(format_trust(replace(TRUST, expires=FAR), ROOT))
    return path


@pytest.fixture
def proof(tmp_path: Path) -> Path:
    path = tmp_path / "bottle.origintag-proof.json"
    path.write_bytes(DATA + b"\n")
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["verify", *map(str, arguments)])


def row(result: Result) -> Any:  # noqa: ANN401 (JSON)
    (line,) = result.stdout.splitlines()
    return json.loads(line)


def test_a_good_proof_shows_each_step_and_is_no_match(proof: Path, pinned: Path) -> None:
    result = run("--proof", proof, "--trust", pinned)
    assert result.exit_code == 10
    for words in (
        "SIGNATURE_ONLY",
        "2 ✔ TAG_SIGNATURE: signed by Example Distillery, key 0",
        "3 ✔ BATCH_INCLUSION: index 3 of the 5 tags of batch 12",
        "5 ✔ LOG_INCLUSION: entry 4 of 7",
        "6 ✔ CHECKPOINT_SIGNATURE: signed by id.example.com/log",
        "7 ✔ WITNESSES: cosigned by w0.example.org, w2.example.org",
        "vechain test, block 1234, finalized: claimed, not checked here",
        "the operator's journal: self-attested at 2026-06-15T12:30:00Z",
        "9 ✔ DIGEST: holds",
    ):
        assert words in result.stdout


@pytest.mark.parametrize("step", Step)
def test_a_bad_proof_stops_at_the_step_that_refuses(step: Step, tmp_path: Path, pinned: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes([data for _, at, data in ATTACKS if at is step][-1])
    result = run("--proof", path, "--trust", pinned)
    assert result.exit_code == 50
    assert f"{list(Step).index(step) + 1} ✖ {step.value}: " in result.stdout
    assert result.stdout.count("not reached") == len(Step) - list(Step).index(step) - 1
    assert "PROOF_INVALID" in result.stdout


def test_programs_get_the_same_as_json(proof: Path, pinned: Path) -> None:
    answer = row(run("--proof", proof, "--trust", pinned, "--json"))
    assert answer["text"] == PROOF.tag
    assert answer["verdict"]["headline"]["code"] == "SIGNATURE_ONLY"
    found = answer["proof"]
    assert (found["holds"], found["step"], found["problem"]) == (True, None, None)
    assert found["log"] == {"origin": "id.example.com/log", "size": 7, "index": 4}
    assert (found["is_witnessed"], found["anchoring"]) == (True, "claimed")
    assert [anchor["standing"] for anchor in found["anchors"]] == ["claimed", "claimed", "self_attested"]


def test_a_bad_proof_names_its_step_to_programs(tmp_path: Path, pinned: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(DATA.replace(b'"number":1234', b'"number":9234', 1))
    answer = row(run("--proof", path, "--trust", pinned, "--json"))
    assert answer["verdict"]["headline"]["code"] == "PROOF_INVALID"
    assert (answer["proof"]["holds"], answer["proof"]["step"]) == (False, "DIGEST")


def test_a_file_that_is_no_proof_speaks_of_no_code(tmp_path: Path, pinned: Path) -> None:
    path = tmp_path / "photograph.jpg"
    path.write_bytes(b"\xff\xd8\xff")
    result = run("--proof", path, "--trust", pinned)
    assert result.exit_code == 50
    assert "1 ✖ FORMAT" in result.stdout
    assert "FOREIGN_CODE" not in result.stdout


def test_a_forged_code_is_named_before_its_proof(tmp_path: Path, pinned: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(next(data for _, step, data in ATTACKS if step is Step.TAG_SIGNATURE))
    answer = row(run("--proof", path, "--trust", pinned, "--json"))
    codes = [reason["code"] for reason in answer["verdict"]["reasons"]]
    assert codes[:2] == ["SIGNATURE_INVALID", "PROOF_INVALID"]


def test_a_stale_bundle_refutes_and_confirms_nothing(proof: Path, tmp_path: Path) -> None:
    stale = tmp_path / "stale.json"
    stale.write_bytes(format_trust(replace(TRUST, expires=NOW.replace(year=2026, month=6, day=20)), ROOT))
    result = run("--proof", proof, "--trust", stale)
    assert result.exit_code == 10
    assert "CANNOT_CHECK" in result.stdout


def test_with_a_server_the_record_counts_too(proof: Path, pinned: Path, tag_server: TagServer) -> None:
    tag_server.answer("/v1/verify", verdict_json())
    assert run("--proof", proof, "--trust", pinned, "--server", tag_server.url).exit_code == 0


def test_a_server_cannot_make_a_bad_proof_match(tmp_path: Path, pinned: Path, tag_server: TagServer) -> None:
    tag_server.answer("/v1/verify", verdict_json())
    path = tmp_path / "bad.json"
    path.write_bytes(next(data for _, step, data in ATTACKS if step is Step.WITNESSES))
    result = run("--proof", path, "--trust", pinned, "--server", tag_server.url)
    assert result.exit_code == 50
    assert "PROOF_INVALID" in result.stdout


def test_a_silent_server_leaves_the_proof_its_word(proof: Path, pinned: Path) -> None:
    result = run("--proof", proof, "--trust", pinned, "--server", "http://127.0.0.1:1")
    assert result.exit_code == 10
    assert "CANNOT_CHECK" in result.stdout


def test_texts_and_proofs_may_be_given_together(proof: Path, pinned: Path) -> None:
    result = run(PROOF.tag, "--proof", proof, "--proof", proof, "--trust", pinned)
    assert (result.exit_code, result.stdout.count("SIGNATURE_ONLY")) == (10, 3)


def test_a_missing_file_is_told_and_the_others_are_checked(proof: Path, pinned: Path, tmp_path: Path) -> None:
    result = run("--proof", tmp_path / "none", "--proof", proof, "--trust", pinned)
    assert result.exit_code == 10
    assert "cannot be read" in result.stdout
    assert "DIGEST: holds" in result.stdout
    answer = row(run("--proof", tmp_path / "none", "--trust", pinned, "--json"))
    assert answer["error"]["code"] == "PROOF_FILE_UNREADABLE"


def test_a_file_larger_than_any_proof_is_not_read_on(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(b" " * (MAX_PROOF_BYTES + 2))
    with pytest.raises(ProofFileUnreadableError, match="more than"):
        load_proof(path)


@pytest.mark.parametrize("arguments", [(), ("--proof", "x")])
def test_wrong_usage_is_told(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2


def test_as_a_library_it_is_total() -> None:
    assert check_proof(DATA, TRUST, NOW).finding == Proven()
    assert check_proof(DATA, BUNDLE, NOW).finding == Failed(step=Step.CHECKPOINT_SIGNATURE)
    assert check_proof(b"", TRUST, NOW).tag == ""
