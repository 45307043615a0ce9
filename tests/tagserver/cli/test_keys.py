import secrets
from pathlib import Path

import pytest

from tagcore.keys import KeyStatus
from tagcore.trust import TrustBundle, parse_trust
from tagserver.config import load_settings
from tests.tagserver.cli.conftest import GTIN, Workspace


def bundle(workspace: Workspace) -> TrustBundle:
    root = load_settings(workspace.home, {}).root_key
    return parse_trust(workspace.ok("trust", "show").encode(), root)


def statuses(workspace: Workspace) -> list[tuple[int, KeyStatus]]:
    (issuer,) = bundle(workspace).issuers
    return [(key.slot, key.status) for key in issuer.keys]


def take_root_away(workspace: Workspace) -> Path:
    return (workspace.home / "root").rename(workspace.home.with_name("safe"))


def test_a_new_key_is_in_the_signed_bundle_at_once(workspace: Workspace) -> None:
    shown = workspace.ok("key", "create", "distillery", "--days", "10")
    key, signed = shown.splitlines()
    assert key.startswith("distillery-1\tslot 1\tactive\t")
    assert signed == "trust bundle version 2 signed"
    assert statuses(workspace) == [(0, KeyStatus.ACTIVE), (1, KeyStatus.ACTIVE)]


def test_rotating_retires_what_was_active(workspace: Workspace) -> None:
    workspace.ok("key", "rotate", "distillery")
    listed = [line.split("\t")[:3] for line in workspace.ok("key", "list", "distillery").splitlines()]
    assert listed == [["distillery-0", "slot 0", "retired"], ["distillery-1", "slot 1", "active"]]
    assert statuses(workspace) == [(0, KeyStatus.RETIRED), (1, KeyStatus.ACTIVE)]


def test_revoking_asks_first(workspace: Workspace) -> None:
    refused = workspace.run("key", "revoke", "distillery-0", given="n\n")
    assert refused.status == 1
    assert "do not use" in refused.out
    assert statuses(workspace) == [(0, KeyStatus.ACTIVE)]
    assert workspace.run("key", "revoke", "distillery-0", given="y\n").status == 0
    assert statuses(workspace) == [(0, KeyStatus.REVOKED)]


@pytest.mark.parametrize("without", ["key", "passphrase"])
def test_revoking_without_the_root_key_says_that_verifiers_do_not_know_yet(
    workspace: Workspace, without: str
) -> None:
    safe = take_root_away(workspace) if without == "key" else None
    passphrase = workspace.environ.pop("ORIGINTAG_ROOT_PASSPHRASE") if without == "passphrase" else ""
    outcome = workspace.run("key", "revoke", "distillery-0", "--yes")
    code = "KEYSTORE_KEY_MISSING" if without == "key" else "CONFIG_SECRET_MISSING"
    assert outcome.status == 0
    assert outcome.err == (
        f"verifiers do not know yet: the root key is not here ({code})\n"
        "bring it and run `tagserver trust sign`\n"
    )
    assert outcome.out.startswith("distillery-0\tslot 0\trevoked\t")
    assert statuses(workspace) == [(0, KeyStatus.ACTIVE)]
    if safe is None:
        workspace.environ["ORIGINTAG_ROOT_PASSPHRASE"] = passphrase
    else:
        safe.rename(workspace.home / "root")
    assert workspace.ok("trust", "sign").startswith("trust bundle version 2, until 20")
    assert statuses(workspace) == [(0, KeyStatus.REVOKED)]


def test_signing_without_the_root_key_is_an_error(workspace: Workspace) -> None:
    take_root_away(workspace)
    outcome = workspace.run("trust", "sign")
    assert (outcome.status, outcome.err) == (1, "KEYSTORE_KEY_MISSING: no such key (key 'root-1')\n")


def test_another_root_key_than_the_pinned_one_does_not_sign(workspace: Workspace) -> None:
    workspace.environ["ORIGINTAG_ROOT_KEY"] = "07" * 32
    outcome = workspace.run("trust", "sign")
    assert outcome.status == 1
    assert outcome.err.startswith("INPUT_INVALID: root key ")


def test_the_bundle_is_written_to_a_file_just_as_it_is_served(workspace: Workspace, tmp_path: Path) -> None:
    workspace.ok("trust", "show", "--out", tmp_path / "trust.json")
    assert (tmp_path / "trust.json").read_bytes() == (workspace.home / "trust.json").read_bytes()
    assert bundle(workspace).version == 1


def test_before_the_first_bundle_there_is_none_to_show(workspace: Workspace) -> None:
    (workspace.home / "trust.json").unlink()
    outcome = workspace.run("trust", "show")
    assert outcome.status == 1
    assert outcome.err == "NOT_FOUND: no trust bundle yet: make a key, or `tagserver trust sign`\n"


def test_without_a_key_nothing_is_issued(workspace: Workspace) -> None:
    workspace.ok("key", "revoke", "distillery-0", "--yes")
    outcome = workspace.run("issue", "--product", GTIN, "--count", "1")
    assert outcome.err == "NO_SIGNING_KEY: distillery has no key that may sign now: make one\n"


def test_no_private_byte_is_printed(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[bytes] = []
    real = secrets.token_bytes

    def remembered(length: int | None = None) -> bytes:
        given.append(real(length))
        return given[-1]

    monkeypatch.setattr(secrets, "token_bytes", remembered)
    outcomes = [
        workspace.run(*command.split())
        for command in (
            "key create distillery",
            "key rotate distillery",
            "key list distillery",
            "key revoke distillery-1 --yes",
            "trust sign",
            "trust show",
            f"issue --product {GTIN} --count 2",
            "batch show 1",
            "audit",
        )
    ]
    private = [secret for secret in given if len(secret) == 32]
    assert private
    shown = "".join(outcome.out + outcome.err for outcome in outcomes)
    assert not any(secret.hex() in shown.lower() for secret in private)
    plain = b"".join(
        path.read_bytes()
        for path in workspace.home.rglob("*")
        if path.is_file() and path.parent.name != "keys"
    )
    assert not any(secret in plain or secret.hex().encode() in plain.lower() for secret in private)
