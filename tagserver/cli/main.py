"""The command line's root: finds the workspace, and turns every known error into one clear line."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

import click

from tagcore.errors import TagcoreError
from tagserver.cli.accounts import reports, user
from tagserver.cli.anchors import anchor
from tagserver.cli.batches import batch, issue, labels
from tagserver.cli.events import event, recall
from tagserver.cli.keys import key, trust
from tagserver.cli.logs import audit, log, proof
from tagserver.cli.monitor import monitor
from tagserver.cli.parties import org, product, token, trail
from tagserver.cli.serving import serve
from tagserver.cli.witness import witness
from tagserver.cli.workers import scans, worker
from tagserver.cli.workspace import init
from tagserver.config import ConfigError
from tagserver.labels.errors import LabelError
from tagserver.monitor import ExpectedFileError, StateFileError
from tagserver.ports import AnchorError, KeystoreError, StoreError
from tagserver.services.errors import ServiceError

KNOWN = (
    AnchorError,
    ConfigError,
    ExpectedFileError,
    KeystoreError,
    LabelError,
    ServiceError,
    StateFileError,
    StoreError,
    TagcoreError,
)


class CodedError(click.ClickException):
    """One clear line, `CODE: what is wrong`, and exit status 1."""

    def __init__(self, code: str, problem: object) -> None:
        super().__init__(f"{code}: {problem}")

    def show(self, file: IO[str] | None = None) -> None:
        """To standard error."""
        click.echo(self.message, file=file, err=file is None)


class Commands(click.Group):
    """Commands that end with one line for every error that has a code, or is the system's."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - what click's own gives
        """Raises: CodedError."""
        try:
            return super().invoke(ctx)
        except KNOWN as error:
            raise CodedError(error.code, error) from error
        except BrokenPipeError:
            raise  # whoever read our output has gone: click ends in silence
        except OSError as error:
            raise CodedError("SYSTEM", error) from error


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


for command in (
    init,
    org,
    token,
    key,
    trust,
    product,
    issue,
    batch,
    labels,
    event,
    recall,
    log,
    proof,
    witness,
    anchor,
    scans,
    user,
    reports,
    worker,
    trail,
    audit,
    monitor,
    serve,
):
    cli.add_command(command)


def main() -> None:
    """Run the command that the process was started with."""
    cli(prog_name="tagserver")
