"""An application over a real store, made once and copied for each test."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tagserver.bootstrap import (
    ROOT_KEY,
    SERIAL_KEY,
    Folders,
    open_services,
    prepare_store,
    utc_now,
)
from tagserver.config import SETTINGS_FILE, Settings, format_settings_file, load_settings
from tagserver.config.secret import Secret
from tagserver.keystore import KeyDirectory, ScryptCost
from tagserver.ports import KeyPurpose, OrgId
from tagserver.web.app import create_app
from tests.tagserver.web.cast import HOST, Eyes, Stage, settle

SECRETS = {
    "ORIGINTAG_PASSPHRASE": "a passphrase that only tests use",
    "ORIGINTAG_ROOT_PASSPHRASE": "another that only tests use",
    "ORIGINTAG_SECRET": "a secret that only tests use",
}
CHEAP = ScryptCost(n=2**10, r=8, p=1)


@dataclass(frozen=True, kw_only=True)
class Template:
    """A finished workspace and the tokens in it."""

    home: Path
    tokens: dict[OrgId, str]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """A workspace as `tagserver init` makes it, but for a key derivation that takes no time."""
    home = tmp_path_factory.mktemp("template")
    folders = Folders(home=home)
    folders.batches.mkdir()
    root = KeyDirectory.create(
        folders.root,
        Secret("root_passphrase", SECRETS["ORIGINTAG_ROOT_PASSPHRASE"]),
        random=secrets.token_bytes,
        cost=CHEAP,
    ).create_signing_key(ROOT_KEY, KeyPurpose.ROOT, at=utc_now())
    KeyDirectory.create(
        folders.keys,
        Secret("passphrase", SECRETS["ORIGINTAG_PASSPHRASE"]),
        random=secrets.token_bytes,
        cost=CHEAP,
    ).create_serial_key(SERIAL_KEY, at=utc_now())
    chosen: dict[str, str | int | float] = {
        "tag_host": HOST,
        "root_key": root.public_key.hex(),
        "sync_issue_limit": 100,
    }
    (home / SETTINGS_FILE).write_text(format_settings_file(chosen), encoding="utf-8")
    settings = load_settings(home, SECRETS)
    prepare_store(settings)
    with open_services(settings) as services:
        tokens = settle(services)
    return Template(home=home, tokens=tokens)


@pytest.fixture
def settings(template: Template, tmp_path: Path) -> Settings:
    """Settings of a fresh copy of the workspace."""
    home = tmp_path / "workspace"
    shutil.copytree(template.home, home)
    return load_settings(home, SECRETS)


@pytest.fixture
def stage(template: Template, settings: Settings) -> Iterator[Stage]:
    """The application with the whole cast."""
    with open_stage(settings, template.tokens) as opened:
        yield opened


class open_stage:  # noqa: N801 - used as a function
    """A stage over other settings than usual, until the block ends."""

    def __init__(self, settings: Settings, tokens: dict[OrgId, str], **changes: object) -> None:
        self._settings = replace(settings, **changes)  # type: ignore[arg-type] # a test names fields that exist
        self._tokens = tokens
        self._services = open_services(self._settings)

    def __enter__(self) -> Stage:
        services = self._services.__enter__()
        eyes, health = Eyes(), {"ready": True}
        app = create_app(
            services,
            self._settings,
            eyes,
            is_ready=lambda: health["ready"],
            clock=utc_now,
            random_bytes=secrets.token_bytes,
        )
        return Stage(
            app=app,
            services=services,
            settings=self._settings,
            eyes=eyes,
            tokens=self._tokens,
            health=health,
        )

    def __exit__(self, *error: object) -> None:
        self._services.__exit__(None, None, None)
