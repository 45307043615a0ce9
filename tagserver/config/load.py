"""Reading the settings: environment before settings file before default; secrets from the environment
alone.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from tagserver.config.errors import ConfigCode, ConfigError
from tagserver.config.secret import Secret, variable_name
from tagserver.config.setting import Setting
from tagserver.config.settings import SETTINGS, Settings

SETTINGS_FILE = "origintag.toml"

MIN_SECRET_CHARS = 16
"""Shorter ones are guessed offline by whoever gets a sealed key or a viewer hash. 16 random characters of
base 64
have 96 bits; a passphrase of words should be longer."""

MAX_SECRET_FILE_BYTES = 64 * 1024


def load_settings(home: Path, environ: Mapping[str, str], *, needs: Collection[str] = ()) -> Settings:
    """The settings of the workspace `home`. `needs` names the secrets that this program cannot do without.

    A secret that is not needed may be missing: revealing it says so. Raises ConfigError.
    """
    in_file = _read_file(home / SETTINGS_FILE)
    values = {setting.name: _value(setting, in_file, environ) for setting in SETTINGS}
    settings = Settings(home=home, **_complete(home, values))
    for name in needs:
        secret = values[name]
        assert isinstance(secret, Secret)
        secret.reveal()
    return settings


def find_home(environ: Mapping[str, str], given: Path | None = None) -> Path:
    """The workspace: `given`, or ORIGINTAG_HOME. Raises ConfigError."""
    if given is not None:
        return given
    if not environ.get("ORIGINTAG_HOME"):
        raise ConfigError(ConfigCode.MISSING, "home", "say where the workspace is: set ORIGINTAG_HOME")
    return Path(environ["ORIGINTAG_HOME"])


def format_settings_file(chosen: Mapping[str, str | int | float]) -> str:
    """A settings file with these values, and every other setting as a comment with its default and its
    meaning.

    Raises ValueError for a name that is no setting, or is a secret.
    """
    writable = {setting.name for setting in SETTINGS if not setting.is_secret}
    if not writable.issuperset(chosen):
        raise ValueError(f"got {sorted(set(chosen) - writable)}, want names of settings that are no secrets")
    lines = [
        "# Settings of this workspace. Each can be given in the environment too: ORIGINTAG_TAG_HOST, ..."
    ]
    for setting in SETTINGS:
        if setting.is_secret:
            line = f"# {variable_name(setting.name)} or {variable_name(setting.name)}_FILE: environment only"
        elif setting.name in chosen:
            line = f"{setting.name} = {_format(chosen[setting.name])}"
        else:
            line = f"# {setting.name} = {_format('' if setting.default is None else setting.default)}"
        lines += ["", f"# {setting.meaning}", line]
    return "\n".join(lines) + "\n"


def _read_file(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            values = tomllib.load(file)
    except FileNotFoundError:
        raise ConfigError(ConfigCode.FILE, "", f"{path} is missing: is this a workspace?") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        # The parser's own words can hold the line, and the line a password.
        raise ConfigError(ConfigCode.FILE, "", f"{path} is not TOML") from None
    secrets = {setting.name for setting in SETTINGS if setting.is_secret}
    known = {setting.name for setting in SETTINGS}
    for name in values:
        if name in secrets:
            raise ConfigError(
                ConfigCode.SECRET_IN_FILE, name, "is a secret; give it in the environment alone"
            )
        if name not in known:
            raise ConfigError(ConfigCode.UNKNOWN, name, "is no setting")
    return values


def _value(setting: Setting, in_file: Mapping[str, Any], environ: Mapping[str, str]) -> object:
    given = _from_environment(setting, environ)
    if given is None:
        given = in_file.get(setting.name, setting.default)
    if setting.is_secret:
        return _secret(setting.name, given)
    if given is None:
        raise ConfigError(ConfigCode.MISSING, setting.name, f"has to be given: {setting.meaning}")
    try:
        value = setting.parse(given)
    except ValueError as error:
        raise ConfigError(ConfigCode.INVALID, setting.name, str(error)) from None
    return Secret(setting.name, str(value)) if setting.is_masked else value


def _from_environment(setting: Setting, environ: Mapping[str, str]) -> str | None:
    variable = variable_name(setting.name)
    text = environ.get(variable)
    if not (setting.is_secret or setting.is_masked):
        return text
    path = environ.get(f"{variable}_FILE")
    if path is None:
        return text
    if text is not None:
        raise ConfigError(
            ConfigCode.GIVEN_TWICE, setting.name, f"both {variable} and {variable}_FILE are set"
        )
    return _read_secret_file(setting.name, Path(path))


def _read_secret_file(name: str, path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_SECRET_FILE_BYTES)
        return data.decode().rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise ConfigError(ConfigCode.SECRET_FILE, name, f"{path} cannot be read as text") from None


def _secret(name: str, text: object) -> Secret:
    if text is None:
        return Secret(name)
    if not isinstance(text, str) or len(text) < MIN_SECRET_CHARS:
        raise ConfigError(ConfigCode.SECRET_SHORT, name, f"want at least {MIN_SECRET_CHARS} characters")
    return Secret(name, text)


def _complete(home: Path, values: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in the defaults that depend on other settings."""
    complete = dict(values)
    if not values["database_url"].reveal():
        complete["database_url"] = Secret("database_url", f"sqlite:///{home / 'origintag.db'}")
    if not values["log_origin"]:
        complete["log_origin"] = f"{values['tag_host'].lower()}/log"
    if not values["witness_name"]:
        complete["witness_name"] = f"{values['tag_host'].lower()}/witness"
    if not values["public_url"]:
        complete["public_url"] = f"https://{values['tag_host'].lower()}"
    return complete


def _format(value: str | int | float) -> str:
    """As TOML; its basic strings are JSON strings."""
    return json.dumps(value, ensure_ascii=False)
