"""`tagserver log`, `proof`, `audit`: as commands."""

import json
from pathlib import Path

from tagcore.note import format_verifier_key, parse_verifier_key
from tests.tagserver.cli.conftest import GTIN, Workspace

WITNESS = "w1.example+0b7ee3b5+"


def test_a_new_workspace_has_a_log(workspace: Workspace) -> None:
    shown = workspace.ok("log", "status")
    assert "log        id.example.com/log" in shown
    key = workspace.ok("log", "key").strip()
    assert format_verifier_key(parse_verifier_key(key)) == key


def test_from_the_batch_to_its_proof(workspace: Workspace, tmp_path: Path) -> None:
    workspace.ok("issue", "--product", GTIN, "--count", "3")
    csv = tmp_path / "labels.csv"
    workspace.ok("labels", "1", "--out", str(csv))
    url = next(
        cell for line in csv.read_text().splitlines() for cell in line.split(",") if cell.startswith("HTTPS")
    )
    assert "PROOF_PENDING" in workspace.run("proof", url).err
    assert "placed" in workspace.ok("log", "sequence")
    out = tmp_path / "proof.json"
    workspace.ok("proof", url, "--out", str(out))
    assert json.loads(out.read_bytes())["type"] == "origintag-proof"
    assert json.loads(workspace.ok("proof", url))["tag"] == url
    assert "rows are as the log has them" in workspace.ok("audit")
    kept = workspace.home / "log" / "checkpoint"
    assert "rows are as" in workspace.ok("audit", "--checkpoint", str(kept))


def test_witnesses_come_and_go(workspace: Workspace) -> None:
    refused = workspace.run("log", "witness", "add", "no key", "https://w1.example")
    assert refused.err.startswith("INPUT_INVALID")
    log_key = workspace.ok("log", "key").strip()
    assert "no witness's key" in workspace.run("log", "witness", "add", log_key, "https://w1.example").err
    assert workspace.ok("log", "witness", "list") == ""
    assert workspace.run("log", "witness", "remove", "w1.example").err.startswith("NOT_STORED")


def test_taking_in_what_was_published_asks_first(workspace: Workspace) -> None:
    assert workspace.run("log", "adopt").status == 1
    assert "0 entries taken in" in workspace.ok("log", "adopt", "--yes")


def test_making_it_again_is_harmless(workspace: Workspace) -> None:
    before = workspace.ok("log", "key")
    workspace.ok("log", "create")
    assert workspace.ok("log", "key") == before


def test_the_log_s_key_is_changed_step_by_step(workspace: Workspace) -> None:
    former = workspace.ok("log", "key").strip()
    made = workspace.run("log", "rotate-key")
    new = workspace.ok("log", "key").strip()
    assert new != former
    assert made.out.splitlines()[0].endswith(f"\tactive\t{new}")
    assert "trust bundle version" in made.out
    shown = workspace.ok("log", "keys").splitlines()
    assert [line.split("\t")[1:] for line in shown] == [["active", new], ["active", former]]
    assert "INPUT_INVALID" in workspace.run("log", "retire-key", new).err
    fingerprint = shown[1].partition("\t")[0]
    assert workspace.ok("log", "retire-key", fingerprint).startswith(f"{fingerprint}\tretired\t{former}")
    assert workspace.run("log", "revoke-key", former).status == 1, "it asks first"
    assert workspace.ok("log", "revoke-key", former, "--yes").startswith(f"{fingerprint}\trevoked")
    bundle = json.loads(workspace.ok("trust", "show"))
    assert [log["keys"] for log in bundle["signed"]["logs"]] == [[new]]


def test_a_witness_is_told_of_the_new_key(workspace: Workspace) -> None:
    workspace.ok("witness", "create")
    key = workspace.ok("log", "key").strip()
    assert workspace.run("witness", "rekey", key).err.startswith("NOT_STORED")
    workspace.ok("witness", "watch", key)
    workspace.ok("log", "rotate-key")
    new = workspace.ok("log", "key").strip()
    assert "under its new key" in workspace.ok("witness", "rekey", new)
