"""The command line's root: finds the workspace, and turns every known error into one clear line."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import IO, Any

import click

MODULES = {
    "init": "workspace",
    "org": "parties",
    "token": "parties",
    "key": "keys",
    "trust": "keys",
    "product": "parties",
    "issue": "batches",
    "batch": "batches",
    "labels": "batches",
    "event": "events",
    "recall": "events",
    "log": "logs",
    "proof": "logs",
    "witness": "witness",
    "anchor": "anchors",
    "scans": "workers",
    "user": "accounts",
    "reports": "accounts",
    "worker": "workers",
    "trail": "parties",
    "audit": "logs",
    "monitor": "monitor",
    "serve": "serving",
}
"""Where each command stands. Only the one that is called is loaded: all of them take a second and a half."""


class CodedError(click.ClickException):
    """One clear line, `CODE: what is wrong`, and exit status 1."""

    def __init__(self, code: str, problem: object) -> None:
        super().__init__(f"{code}: {problem}")

    def show(self, file: IO[str] | None = None) -> None:
        """To standard error."""
        click.echo(self.message, file=file, err=file is None)


class Commands(click.Group):
    """Commands that end with one line for every error that has a code, or is the system's."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which a workspace meets them."""
        return list(MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Loaded when it is asked for; None for what is none."""
        if cmd_name not in MODULES:
            return None
        command: click.Command = getattr(import_module(f"tagserver.cli.{MODULES[cmd_name]}"), cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - what click's own gives
        """Raises: CodedError."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise  # whoever read our output has gone: click ends in silence
        except OSError as error:
            raise CodedError("SYSTEM", error) from error
        except Exception as error:
            code = _code_of(error)
            if code is None:
                raise
            raise CodedError(code, error) from error


def _code_of(error: Exception) -> str | None:
    """None for an error that nobody expected. What there is to expect is loaded when there is an error."""
    from tagcore.errors import TagcoreError
    from tagserver.config import ConfigError
    from tagserver.labels.errors import LabelError
    from tagserver.monitor import ExpectedFileError, StateFileError
    from tagserver.ports import AnchorError, KeystoreError, StoreError
    from tagserver.services.errors import ServiceError

    known = (
        AnchorError, ConfigError, ExpectedFileError, KeystoreError, LabelError, ServiceError, StateFileError,
        StoreError, TagcoreError,
    )  # fmt: skip
    return str(error.code) if isinstance(error, known) else None


@click.group(cls=Commands)
@click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    help="The workspace. Without it: ORIGINTAG_HOME.",
)
@click.pass_context
def cli(context: click.Context, home: Path | None) -> None:
    """Issue signed QR tags, print their labels, and answer for them.

    Secrets come from the environment alone: ORIGINTAG_PASSPHRASE, ORIGINTAG_ROOT_PASSPHRASE and
    ORIGINTAG_SECRET, or each with _FILE and the name of a file.
    """
    context.obj = home


def main() -> None:
    """Run the command that the process was started with."""
    cli(prog_name="tagserver")
