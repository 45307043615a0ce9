import stat
from pathlib import Path

import pytest

from tagcore.keys import fingerprint
from tagserver.config import load_settings
from tagserver.keystore import KeyDirectory
from tests.tagserver.cli.conftest import CHEAP, SECRETS, TAGSERVER, Outcome, Workspace


def init(workspace: Workspace, *more: str | Path, host: str = "id.example.com") -> Outcome:
    return workspace.run("init", workspace.home, "--tag-host", host, *more)


def secrets_in(text: str) -> dict[str, str]:
    lines = [line.removeprefix("export ") for line in text.splitlines() if line.startswith("export ")]
    return {name: value.strip("'") for name, _, value in (line.partition("=") for line in lines)}


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A place for a workspace, and no secrets in the environment; passphrases are stretched in no time."""
    monkeypatch.setitem(KeyDirectory.create.__func__.__kwdefaults__, "cost", CHEAP)  # type: ignore[attr-defined]
    return Workspace(home=tmp_path / "new" / "workspace", environ={})


def test_init_makes_up_secrets_shows_them_once_and_stores_them_nowhere(empty: Workspace) -> None:
    outcome = init(empty)
    assert outcome.status == 0
    secrets = secrets_in(outcome.out)
    assert set(secrets) == set(SECRETS)
    assert all(len(secret) >= 43 for secret in secrets.values())
    assert len(set(secrets.values())) == 3
    stored = everything_in(empty.home)
    assert not any(secret.encode() in stored for secret in secrets.values())
    again = Workspace(home=empty.home, environ=secrets)
    assert again.ok("org", "list") == ""


def test_two_workspaces_share_no_secret(empty: Workspace, tmp_path: Path) -> None:
    first = init(empty)
    empty.home = tmp_path / "another"
    assert not set(secrets_in(first.out).values()) & set(secrets_in(init(empty).out).values())


def test_the_secrets_file_is_for_its_owner_alone_and_nothing_secret_is_shown(
    empty: Workspace, tmp_path: Path
) -> None:
    file = tmp_path / "secrets.env"
    outcome = init(empty, "--secrets-file", file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    secrets = secrets_in(file.read_text())
    assert set(secrets) == set(SECRETS)
    assert not any(secret in outcome.out + outcome.err for secret in secrets.values())
    assert Workspace(home=empty.home, environ=secrets).run("org", "list").status == 0


def test_the_secrets_file_may_stand_in_the_new_workspace(empty: Workspace) -> None:
    assert init(empty, "--secrets-file", empty.home / "secrets.env").status == 0


def test_a_secrets_file_that_cannot_be_written_stops_before_anything_is_sealed(
    empty: Workspace, tmp_path: Path
) -> None:
    outcome = init(empty, "--secrets-file", tmp_path / "missing" / "secrets.env")
    assert outcome.status == 1
    assert outcome.err.startswith("SYSTEM: ")
    assert everything_in(empty.home) == b""
    (tmp_path / "taken").write_text("mine")
    assert init(empty, "--secrets-file", tmp_path / "taken").status == 2
    assert (tmp_path / "taken").read_text() == "mine"


def test_given_secrets_are_used_and_not_shown(empty: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "passphrase"
    file.write_text("a passphrase in a file\n")
    empty.environ = {
        "ORIGINTAG_PASSPHRASE_FILE": str(file),
        "ORIGINTAG_ROOT_PASSPHRASE": SECRETS["ORIGINTAG_ROOT_PASSPHRASE"],
        "ORIGINTAG_SECRET": SECRETS["ORIGINTAG_SECRET"],
    }
    outcome = init(empty)
    assert "export" not in outcome.out
    assert "passphrase in a file" not in outcome.out
    assert empty.run("org", "list").status == 0


def test_a_given_secret_that_is_too_short_is_refused_before_anything_is_made(empty: Workspace) -> None:
    empty.environ = {"ORIGINTAG_PASSPHRASE": "short"}
    outcome = init(empty)
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err == "CONFIG_SECRET_SHORT: passphrase: want at least 16 characters\n"
    assert not empty.home.exists()


def test_a_host_that_is_none_is_refused_before_anything_is_made(empty: Workspace) -> None:
    outcome = init(empty, host="not a host")
    assert outcome.err == "CONFIG_INVALID: tag_host: want a domain such as ID.EXAMPLE.COM\n"
    assert not empty.home.exists()


def test_a_workspace_is_not_made_twice_nor_given_another_root_key(workspace: Workspace) -> None:
    before = everything_in(workspace.home)
    (workspace.home / "root").rename(workspace.home.with_name("safe"))
    outcome = init(workspace)
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err == "KEYSTORE_EXISTS: there is a keystore here already\n"
    assert not (workspace.home / "root").exists()
    workspace.home.with_name("safe").rename(workspace.home / "root")
    assert everything_in(workspace.home) == before


def test_the_settings_file_holds_what_was_chosen(empty: Workspace) -> None:
    outcome = init(empty, "--site-name", "茅台 check", "--public-url", "https://example.com")
    settings = load_settings(empty.home, {})
    assert (settings.tag_host, settings.site_name, settings.public_url) == (
        "ID.EXAMPLE.COM",
        "茅台 check",
        "https://example.com",
    )
    assert f"{settings.root_key.hex()} ({fingerprint(settings.root_key)})" in outcome.out


def test_init_goes_where_home_says(empty: Workspace) -> None:
    assert empty.run("--home", empty.home, "init", "--tag-host", "id.example.com").status == 0
    assert (empty.home / "origintag.toml").exists()


def test_the_real_command_starts() -> None:
    assert TAGSERVER.exists()
    outcome = Workspace(home=Path("nowhere")).process("--help")
    assert outcome.status == 0
    assert "Issue signed QR tags" in outcome.out
