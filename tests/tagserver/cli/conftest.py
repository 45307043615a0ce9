"""A workspace as `tagserver init` makes it, made once and copied for each test, and the command to use it with."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner

from tagserver.cli.main import cli
from tagserver.config import Secret
from tagserver.keystore import KeyDirectory, ScryptCost

SECRETS = {
    "ORIGINTAG_PASSPHRASE": "a passphrase that only tests use",
    "ORIGINTAG_ROOT_PASSPHRASE": "another one that only tests use",
    "ORIGINTAG_SECRET": "a secret that only tests use",
}
CHEAP = ScryptCost(n=2**10, r=1, p=1)
GTIN = "09506000134352"
TAGSERVER = Path(sys.executable).parent / "tagserver"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a command."""

    status: int
    out: str
    err: str


@dataclass(kw_only=True)
class Workspace:
    """A workspace and its environment."""

    home: Path
    environ: dict[str, str] = field(default_factory=lambda: dict(SECRETS))

    @property
    def variables(self) -> dict[str, str | None]:
        """The environment of a command: this workspace's and nothing of the tests' own."""
        inherited = {name: None for name in os.environ if name.startswith("ORIGINTAG_")}
        return {**inherited, **self.environ, "ORIGINTAG_HOME": str(self.home)}

    def run(self, *arguments: str | Path, given: str | None = None) -> Outcome:
        """Run `tagserver` in this process; `given` is what the operator types."""
        result = CliRunner().invoke(cli, list(map(str, arguments)), input=given, env=self.variables)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Outcome(status=result.exit_code, out=result.stdout, err=result.stderr)

    def ok(self, *arguments: str | Path) -> str:
        """What a command prints that ends well."""
        outcome = self.run(*arguments)
        assert outcome.status == 0, outcome
        return outcome.out

    def start(self, *arguments: str | Path) -> subprocess.Popen[str]:
        """The real command, as a process of its own."""
        variables = {name: value for name, value in self.variables.items() if value is not None}
        path = {name: value for name, value in os.environ.items() if not name.startswith("ORIGINTAG_")}
        return subprocess.Popen(
            [TAGSERVER, *map(str, arguments)],
            env={**path, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def process(self, *arguments: str | Path) -> Outcome:
        """The real command, to its end."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=60)
        return Outcome(status=process.returncode, out=out, err=err)


def settled(home: Path) -> Workspace:
    """A producer with a key and a product."""
    workspace = Workspace(home=home)
    workspace.ok("init", home, "--tag-host", "id.example.com")
    for folder, name in (("keys", "PASSPHRASE"), ("root", "ROOT_PASSPHRASE")):
        passphrase = Secret(name.lower(), SECRETS[f"ORIGINTAG_{name}"])
        KeyDirectory(home / folder, passphrase, random=os.urandom).change_passphrase(passphrase, cost=CHEAP)
    workspace.ok(
        "org", "create", "distillery", "--name", "The distillery", "--role", "producer", "--prefix", "9506000"
    )
    workspace.ok("org", "create", "clinic", "--name", "The clinic", "--role", "hospital")
    workspace.ok("key", "create", "distillery")
    workspace.ok(
        "product", "create", GTIN, "--org", "distillery", "--name", "Baijiu 52 %", "--size", "500 ml"
    )
    return workspace


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A settled workspace, not to be worked in."""
    return settled(tmp_path_factory.mktemp("template") / "workspace").home


@pytest.fixture
def workspace(template: Path, tmp_path: Path) -> Workspace:
    """A settled workspace of the test's own."""
    home = tmp_path / "workspace"
    shutil.copytree(template, home)
    return Workspace(home=home)
