import copy
import pickle
import tomllib
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest

from tagcore.history import Thresholds
from tagserver.config import (
    SETTINGS,
    SETTINGS_FILE,
    ConfigCode,
    ConfigError,
    Secret,
    Settings,
    find_home,
    format_settings_file,
    load_settings,
)

SECRET = "correct horse battery staple"
ROOT_KEY = "07" * 32
GIVEN = f'tag_host = "id.example.com"\nroot_key = "{ROOT_KEY}"\n'
"""What has to be given, as a settings file."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A workspace whose file gives what has to be given."""
    write(tmp_path, GIVEN)
    return tmp_path


def write(home: Path, text: str) -> None:
    (home / SETTINGS_FILE).write_text(text, encoding="utf-8")


def refusal(home: Path, environ: dict[str, str], needs: tuple[str, ...] = ()) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load_settings(home, environ, needs=needs)
    return caught.value


def test_every_setting_stands_in_the_table_with_its_meaning() -> None:
    assert {setting.name for setting in SETTINGS} | {"home"} == {field.name for field in fields(Settings)}
    assert all(setting.meaning.endswith(".") for setting in SETTINGS)


def test_every_default_is_a_value_that_its_own_reader_accepts() -> None:
    for setting in SETTINGS:
        if setting.default is not None:
            setting.parse(setting.default)


def test_a_setting_left_out_has_its_default(home: Path) -> None:
    settings = load_settings(home, {})
    assert settings.home == home
    assert (settings.tag_host, settings.root_key) == ("ID.EXAMPLE.COM", b"\x07" * 32)
    assert settings.public_url == "https://id.example.com"
    assert settings.database_url.reveal() == f"sqlite:///{home}/origintag.db"
    assert (settings.max_batch_count, settings.lease_seconds) == (10_000_000, 60)
    assert settings.label_font is None
    assert settings.thresholds == Thresholds()


def test_the_file_goes_before_the_default_and_the_environment_before_the_file(home: Path) -> None:
    write(home, GIVEN + "lease_seconds = 30\ntravel_speed_kmh = 900\nburst_window_days = 7")
    settings = load_settings(
        home, {"ORIGINTAG_LEASE_SECONDS": "1_200", "ORIGINTAG_TRAVEL_DISTANCE_KM": "250.5"}
    )
    assert settings.lease_seconds == 1_200
    assert settings.thresholds == Thresholds(
        burst_window=timedelta(days=7), speed_kmh=900.0, distance_km=250.5
    )


@pytest.mark.parametrize("name", ["tag_host", "root_key"])
def test_a_setting_without_a_default_has_to_be_given(home: Path, name: str) -> None:
    write(home, "\n".join(line for line in GIVEN.splitlines() if not line.startswith(name)))
    error = refusal(home, {})
    assert (error.code, error.setting) == (ConfigCode.MISSING, name)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tag_host", "not a host"),
        ("tag_host", "-a.example"),
        ("tag_host", "https://id.example.com"),
        ("root_key", "07" * 31),
        ("root_key", "0x" * 32),
        ("site_name", "two\nlines"),
        ("public_url", "ftp://id.example.com"),
        ("public_url", "https://id.example.com/path"),
        ("country_header", "X Country"),
        ("lease_seconds", "4"),
        ("lease_seconds", "3601"),
        ("lease_seconds", "-60"),
        ("lease_seconds", "ten"),
        ("travel_speed_kmh", "1e3"),
        ("travel_speed_kmh", "nan"),
    ],
)
def test_refuses_a_value_without_repeating_it(home: Path, name: str, value: str) -> None:
    error = refusal(home, {f"ORIGINTAG_{name.upper()}": value})
    assert (error.code, error.setting) == (ConfigCode.INVALID, name)
    assert value not in str(error)


@pytest.mark.parametrize("line", ["lease_seconds = true", "lease_seconds = 60.0", "tag_host = 7"])
def test_refuses_a_value_of_another_type_in_the_file(home: Path, line: str) -> None:
    others = [given for given in GIVEN.splitlines() if given.split()[0] != line.split(maxsplit=1)[0]]
    write(home, "\n".join([*others, line]))
    assert refusal(home, {}).code is ConfigCode.INVALID


def test_refuses_a_name_that_is_no_setting(home: Path) -> None:
    write(home, GIVEN + "lease_second = 60")
    error = refusal(home, {})
    assert (error.code, error.setting) == (ConfigCode.UNKNOWN, "lease_second")


def test_refuses_a_workspace_without_its_file(tmp_path: Path) -> None:
    assert refusal(tmp_path, {}).code is ConfigCode.FILE


@pytest.mark.parametrize("content", [b'secret = "hunter2', b"\xff"])
def test_refuses_a_file_that_is_not_toml_without_quoting_it(tmp_path: Path, content: bytes) -> None:
    (tmp_path / SETTINGS_FILE).write_bytes(content)
    error = refusal(tmp_path, {})
    assert error.code is ConfigCode.FILE
    assert "hunter2" not in str(error)


def test_a_secret_comes_from_the_environment(home: Path) -> None:
    settings = load_settings(home, {"ORIGINTAG_PASSPHRASE": SECRET}, needs=["passphrase"])
    assert settings.passphrase.is_given
    assert settings.passphrase.reveal() == SECRET


def test_a_secret_comes_from_a_file_without_the_files_last_newline(home: Path) -> None:
    (home / "pass").write_text(f"{SECRET}\n")
    settings = load_settings(home, {"ORIGINTAG_PASSPHRASE_FILE": str(home / "pass")})
    assert settings.passphrase.reveal() == SECRET


def test_a_secret_that_is_needed_has_to_be_given(home: Path) -> None:
    error = refusal(home, {}, needs=("passphrase", "secret"))
    assert (error.code, error.setting) == (ConfigCode.SECRET_MISSING, "passphrase")
    assert "ORIGINTAG_PASSPHRASE_FILE" in str(error)


def test_a_secret_that_is_not_needed_is_refused_only_when_it_is_asked_for(home: Path) -> None:
    settings = load_settings(home, {})
    assert not settings.root_passphrase.is_given
    with pytest.raises(ConfigError, match="root_passphrase: is not set"):
        settings.root_passphrase.reveal()


@pytest.mark.parametrize("text", ["", "fifteen letters"])
def test_refuses_a_short_secret_without_repeating_it(home: Path, text: str) -> None:
    error = refusal(home, {"ORIGINTAG_SECRET": text})
    assert (error.code, error.setting) == (ConfigCode.SECRET_SHORT, "secret")
    assert not text or text not in str(error)


def test_refuses_a_secret_in_the_settings_file(home: Path) -> None:
    write(home, GIVEN + f'passphrase = "{SECRET}"')
    error = refusal(home, {})
    assert (error.code, error.setting) == (ConfigCode.SECRET_IN_FILE, "passphrase")
    assert SECRET not in str(error)


def test_refuses_a_secret_given_twice(home: Path) -> None:
    environ = {"ORIGINTAG_SECRET": SECRET, "ORIGINTAG_SECRET_FILE": "x"}
    assert refusal(home, environ).code is ConfigCode.GIVEN_TWICE


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_refuses_a_secret_file_that_cannot_be_read(home: Path, content: bytes | None) -> None:
    if content is not None:
        (home / "pass").write_bytes(content)
    error = refusal(home, {"ORIGINTAG_SECRET_FILE": str(home / "pass")})
    assert (error.code, error.setting) == (ConfigCode.SECRET_FILE, "secret")


def test_settings_show_no_secret_and_no_database_password(home: Path) -> None:
    write(home, GIVEN + 'database_url = "postgresql://me:hunter2@db/tags"')
    settings = load_settings(home, {"ORIGINTAG_SECRET": SECRET, "ORIGINTAG_PASSPHRASE": SECRET})
    shown = f"{settings!r} {settings.secret} {settings.secret!s} {[settings.database_url]}"
    assert SECRET not in shown
    assert "hunter2" not in shown
    assert "***" in shown
    assert settings.database_url.reveal() == "postgresql://me:hunter2@db/tags"


def test_a_secret_cannot_be_pickled_or_copied() -> None:
    secret = Secret("secret", SECRET)
    for spread in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="cannot be pickled or copied"):
            spread(secret)


def test_the_workspace_is_the_one_given_or_the_environments() -> None:
    assert find_home({"ORIGINTAG_HOME": "/a"}) == Path("/a")
    assert find_home({"ORIGINTAG_HOME": "/a"}, Path("/b")) == Path("/b")
    with pytest.raises(ConfigError, match="ORIGINTAG_HOME") as caught:
        find_home({})
    assert caught.value.code is ConfigCode.MISSING


def test_a_new_settings_file_reads_back_and_explains_every_setting(tmp_path: Path) -> None:
    chosen: dict[str, str | int | float] = {
        "tag_host": "ID.EXAMPLE.COM",
        "root_key": ROOT_KEY,
        "site_name": 'Echt "🍶"',
        "lease_seconds": 30,
    }
    text = format_settings_file(chosen)
    assert tomllib.loads(text) == chosen
    for setting in SETTINGS:
        assert setting.meaning in text
    write(tmp_path, text)
    settings = load_settings(tmp_path, {})
    assert (settings.tag_host, settings.root_key.hex(), settings.site_name, settings.lease_seconds) == tuple(
        chosen.values()
    )


def test_every_comment_of_a_new_settings_file_is_a_line_that_would_read(tmp_path: Path) -> None:
    text = format_settings_file({"tag_host": "A.EXAMPLE", "root_key": ROOT_KEY})
    names = [setting.name for setting in SETTINGS if not setting.is_secret and setting.default is not None]
    for name in names:
        text = text.replace(f"# {name} = ", f"{name} = ")
    write(tmp_path, text)
    assert set(tomllib.loads(text)) == {"tag_host", "root_key", *names}
    load_settings(tmp_path, {})


@pytest.mark.parametrize("name", ["lease_second", "passphrase"])
def test_refuses_to_write_what_does_not_belong_in_the_file(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        format_settings_file({name: "x"})
