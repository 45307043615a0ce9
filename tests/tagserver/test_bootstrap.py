"""The composition root: what a workspace holds, and what it takes to open one."""

import shutil
import sqlite3
import stat
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from tagcore.keys import verify_signature
from tagserver import bootstrap
from tagserver.bootstrap import (
    ROOT_KEY,
    SERIAL_KEY,
    Folders,
    check_new_workspace,
    create_workspace,
    new_secrets,
    open_services,
    prepare_store,
    root_signer,
    utc_now,
)
from tagserver.config import SETTINGS_FILE, ConfigCode, ConfigError, Secret, Settings, load_settings
from tagserver.keystore import KeyDirectory
from tagserver.ports import (
    KeyPurpose,
    KeystoreCode,
    KeystoreError,
    StoreUnavailableError,
    StoreVersionError,
)

SECRETS = {
    "ORIGINTAG_PASSPHRASE": "a passphrase that only tests use",
    "ORIGINTAG_ROOT_PASSPHRASE": "another one that only tests use",
    "ORIGINTAG_SECRET": "a secret that only tests use",
}
CHOSEN = {"tag_host": "ID.EXAMPLE.COM", "site_name": "Check"}


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace, not to be changed."""
    home = tmp_path_factory.mktemp("made") / "workspace"
    create_workspace(home, CHOSEN, new_secrets(SECRETS))
    prepare_store(load_settings(home, SECRETS))
    return home


@pytest.fixture
def settings(made: Path, tmp_path: Path) -> Settings:
    """Settings of a workspace of the test's own."""
    home = tmp_path / "workspace"
    shutil.copytree(made, home)
    return load_settings(home, SECRETS)


def refusal_of_config(settings: Settings) -> ConfigError:
    with pytest.raises(ConfigError) as caught, open_services(settings):
        pass
    return caught.value


def test_the_clock_is_aware_and_in_utc() -> None:
    assert utc_now().tzinfo is UTC


def test_a_workspace_holds_folders_keys_settings_and_a_database(settings: Settings) -> None:
    folders = Folders(home=settings.home)
    assert {path.name for path in settings.home.iterdir()} >= {
        SETTINGS_FILE,
        "keys",
        "root",
        "batches",
        "origintag.db",
    }
    assert stat.S_IMODE(folders.keys.stat().st_mode) == stat.S_IMODE(folders.root.stat().st_mode) == 0o700
    keys = KeyDirectory(folders.keys, Secret("passphrase"), random=bytes).keys()
    root = KeyDirectory(folders.root, Secret("root_passphrase"), random=bytes).keys()
    assert [(key.id, key.purpose) for key in (*keys, *root)] == [
        (SERIAL_KEY, KeyPurpose.SERIAL),
        (ROOT_KEY, KeyPurpose.ROOT),
    ]
    assert root[0].public_key == settings.root_key
    assert not folders.trust.exists()


def test_the_settings_are_those_that_were_chosen(settings: Settings) -> None:
    assert (settings.tag_host, settings.site_name) == ("ID.EXAMPLE.COM", "Check")


def test_secrets_that_the_environment_gives_are_kept_and_others_are_made_up() -> None:
    made = new_secrets({"ORIGINTAG_SECRET": SECRETS["ORIGINTAG_SECRET"]})
    assert made.made_up == ("passphrase", "root_passphrase")
    assert made.secret.reveal() == SECRETS["ORIGINTAG_SECRET"]
    assert len({made.passphrase.reveal(), made.root_passphrase.reveal()}) == 2
    assert new_secrets({}).passphrase.reveal() != made.passphrase.reveal()
    assert made.passphrase.reveal() not in repr(made)


def test_a_secret_in_a_file_is_a_given_one(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a passphrase in a file\n")
    made = new_secrets({"ORIGINTAG_PASSPHRASE_FILE": str(tmp_path / "secret")})
    assert made.passphrase.reveal() == "a passphrase in a file"
    assert "passphrase" not in made.made_up


@pytest.mark.parametrize(
    ("environ", "code"),
    [
        ({"ORIGINTAG_PASSPHRASE": "short"}, ConfigCode.SECRET_SHORT),
        ({"ORIGINTAG_PASSPHRASE": ""}, ConfigCode.SECRET_SHORT),
        ({"ORIGINTAG_SECRET_FILE": "/nowhere"}, ConfigCode.SECRET_FILE),
        ({**SECRETS, "ORIGINTAG_SECRET_FILE": "/nowhere"}, ConfigCode.GIVEN_TWICE),
        ({"ORIGINTAG_LEASE_SECONDS": "soon"}, ConfigCode.INVALID),
    ],
)
def test_an_environment_that_the_workspace_could_not_be_opened_with_makes_none(
    environ: dict[str, str], code: ConfigCode
) -> None:
    with pytest.raises(ConfigError) as caught:
        new_secrets(environ)
    assert caught.value.code is code


def test_what_is_chosen_is_checked_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        create_workspace(tmp_path / "new", {"tag_host": "no host"}, new_secrets(SECRETS))
    assert (caught.value.code, caught.value.setting) == (ConfigCode.INVALID, "tag_host")
    assert not (tmp_path / "new").exists()


def test_a_workspace_is_never_made_over_another(settings: Settings) -> None:
    shutil.rmtree(settings.home / "root")  # taken away, as it should be
    with pytest.raises(KeystoreError) as caught:
        create_workspace(settings.home, CHOSEN, new_secrets(SECRETS))
    assert caught.value.code is KeystoreCode.EXISTS
    assert not (settings.home / "root").exists()


def test_an_attempt_that_was_cut_short_is_no_workspace_and_its_keys_are_not_overwritten(
    settings: Settings,
) -> None:
    (settings.home / SETTINGS_FILE).unlink()
    before = (settings.home / "root" / "keystore.json").read_bytes()
    with pytest.raises(ConfigError):
        load_settings(settings.home, SECRETS)
    check_new_workspace(settings.home, CHOSEN)
    with pytest.raises(KeystoreError) as caught:
        create_workspace(settings.home, CHOSEN, new_secrets(SECRETS))
    assert caught.value.code is KeystoreCode.EXISTS
    assert (settings.home / "root" / "keystore.json").read_bytes() == before


def test_the_root_key_signs_what_the_pinned_one_verifies(settings: Settings) -> None:
    verify_signature(settings.root_key, root_signer(settings).sign(b"bundle"), b"bundle")


def test_without_the_root_key_or_its_passphrase_nothing_is_signed(settings: Settings) -> None:
    with pytest.raises(ConfigError):
        root_signer(replace(settings, root_passphrase=Secret("root_passphrase")))
    with pytest.raises(KeystoreError) as caught:
        root_signer(replace(settings, root_passphrase=Secret("root_passphrase", "a wrong passphrase")))
    assert caught.value.code is KeystoreCode.WRONG_PASSPHRASE
    shutil.rmtree(settings.home / "root")
    with pytest.raises(KeystoreError) as caught:
        root_signer(settings)
    assert caught.value.code is KeystoreCode.KEY_MISSING


def test_services_work_by_the_settings(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = replace(settings, scan_retention_days=7, trust_valid_days=3)
    with open_services(chosen) as services:
        assert services.access.organisations() == ()
        bundle = services.trust.sign(root_signer(chosen))
        assert bundle.expires - bundle.issued == timedelta(days=3)
        assert services.retention.forget() == 0
    assert Folders(home=settings.home).trust.exists()


def test_services_need_no_root_key_nor_its_passphrase(settings: Settings) -> None:
    shutil.rmtree(settings.home / "root")
    with open_services(replace(settings, root_passphrase=Secret("root_passphrase"))) as services:
        assert services.trust.now_in_force().issuers == ()


def test_services_need_the_passphrase(settings: Settings) -> None:
    found = refusal_of_config(replace(settings, passphrase=Secret("passphrase")))
    assert (found.code, found.setting) == (ConfigCode.SECRET_MISSING, "passphrase")


def test_services_need_the_serial_key(settings: Settings) -> None:
    (settings.home / "keys" / f"{SERIAL_KEY}.key.json").unlink()
    with pytest.raises(KeystoreError) as caught, open_services(settings):
        pass
    assert caught.value.code is KeystoreCode.KEY_MISSING


@pytest.mark.parametrize(
    "url", ["mysql://user:hunter2@host/x", "hunter2", "", "sqlite://", "sqlite:///:memory:"]
)
def test_another_kind_of_database_is_refused_without_a_word_of_its_address(
    settings: Settings, url: str
) -> None:
    found = refusal_of_config(replace(settings, database_url=Secret("database_url", url)))
    assert (found.code, found.setting) == (ConfigCode.INVALID, "database_url")
    assert "hunter2" not in str(found)
    with pytest.raises(ConfigError):
        prepare_store(replace(settings, database_url=Secret("database_url", url)))


def test_a_database_that_is_away_is_an_outage(settings: Settings) -> None:
    away = replace(settings, database_url=Secret("database_url", "sqlite:////nowhere/at/all/x.db"))
    with pytest.raises(StoreUnavailableError), open_services(away):
        pass
    with pytest.raises(StoreUnavailableError):
        prepare_store(away)


def test_a_database_of_another_revision_is_refused_until_it_is_prepared(settings: Settings) -> None:
    (settings.home / "origintag.db").unlink()
    with pytest.raises(StoreVersionError), open_services(settings):
        pass
    prepare_store(settings)
    prepare_store(settings)
    with open_services(settings) as services:
        assert services.access.organisations() == ()


def test_a_database_server_is_prepared_and_opened_alike(settings: Settings, postgres_url: str) -> None:
    on_server = replace(settings, database_url=Secret("database_url", postgres_url))
    with pytest.raises(StoreVersionError), open_services(on_server):
        pass
    prepare_store(on_server)
    with open_services(on_server) as services:
        assert services.access.organisations() == ()


def test_connections_are_given_back_when_the_block_ends_in_an_error(settings: Settings) -> None:
    with pytest.raises(ZeroDivisionError), open_services(settings):
        raise ZeroDivisionError
    connection = sqlite3.connect(settings.home / "origintag.db", timeout=0)
    connection.execute("PRAGMA journal_mode = DELETE")  # refused while anybody has the file open
    connection.close()


def test_the_server_shares_one_store_between_the_site_and_the_worker(settings: Settings) -> None:
    with bootstrap.open_app(settings) as (app, services):
        response = app.test_client().get("/healthz")
        assert response.status_code == 200
        assert services.access.organisations() == ()
