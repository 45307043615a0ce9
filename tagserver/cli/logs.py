"""`tagserver log`: the transparency log, its files and its witnesses."""

from __future__ import annotations

from pathlib import Path

import click

from tagcore.keys import fingerprint
from tagcore.note import format_verifier_key
from tagserver.cli.keys import sign_if_possible
from tagserver.cli.opening import Desk, opened
from tagserver.ports.log_keys import LogKey
from tagserver.services.logs import LogStatus


@click.group()
def log() -> None:
    """The transparency log of batches, recalls, keys and events."""


@log.command("create")
@click.pass_context
def create(context: click.Context) -> None:
    """Begin the log of a workspace that was made before there were logs. Harmless to repeat."""
    with opened(context) as desk:
        desk.services.logs.create()
        _show(desk.services.logs.status())


@log.command("status")
@click.pass_context
def status(context: click.Context) -> None:
    """Say how the log stands. Exit status 1 when it must not go on."""
    with opened(context) as desk:
        found = desk.services.logs.status()
    _show(found)
    if found.state.fork is not None:
        context.exit(1)


@log.command("sequence")
@click.pass_context
def sequence(context: click.Context) -> None:
    """Take the log on now: give places, close blocks of events, write files, ask witnesses."""
    with opened(context) as desk:
        done = desk.services.logs.run(close_blocks=True)
    click.echo(f"{done.placed} entries placed, size {done.size or 0}, {done.cosigned} cosignatures")


@log.command("adopt")
@click.confirmation_option(
    prompt="Entries that are published and not in this database will be taken in. Was a backup restored here?"
)
@click.pass_context
def adopt(context: click.Context) -> None:
    """After restoring a backup: take in what was published since, so that the log can go on."""
    with opened(context) as desk:
        click.echo(f"{desk.services.logs.adopt()} entries taken in; now run `tagserver audit`")


@log.command("key")
@click.pass_context
def key(context: click.Context) -> None:
    """Print the log's verifier key, for witnesses and monitors."""
    with opened(context) as desk:
        click.echo(format_verifier_key(desk.services.logs.status().key))


@log.command("keys")
@click.pass_context
def list_keys(context: click.Context) -> None:
    """List the keys that the log has and had, the newest first."""
    with opened(context) as desk:
        known = desk.services.log_rotation.keys()
    for one in known:
        _show_key(one)


@log.command("rotate-key")
@click.pass_context
def rotate_key(context: click.Context) -> None:
    """Make a new key for the log. Former keys sign beside it until `retire-key`."""
    with opened(context) as desk:
        _show_key(desk.services.log_rotation.rotate())
        _tell_all(desk)


@log.command("retire-key")
@click.argument("key")
@click.pass_context
def retire_key(context: click.Context, key: str) -> None:
    """Let a former KEY (verifier key or fingerprint) sign no more; what it signed stays good."""
    with opened(context) as desk:
        _show_key(desk.services.log_rotation.retire(key))
        _tell_all(desk)


@log.command("revoke-key")
@click.argument("key")
@click.confirmation_option(
    prompt="Proof files whose checkpoint only this key signed will be refused. Revoke it?"
)
@click.pass_context
def revoke_key(context: click.Context, key: str) -> None:
    """Stop believing a former KEY (verifier key or fingerprint): others may have it."""
    with opened(context) as desk:
        _show_key(desk.services.log_rotation.revoke(key))
        _tell_all(desk)


@log.group("witness")
def witness() -> None:
    """Witnesses that checkpoints are offered to."""


@witness.command("add")
@click.argument("vkey")
@click.argument("url")
@click.pass_context
def add_witness(context: click.Context, vkey: str, url: str) -> None:
    """Offer checkpoints to the witness with this verifier key, at URL/add-checkpoint."""
    with opened(context) as desk:
        click.echo(f"{desk.services.logs.add_witness(vkey, url).name} is asked from now on")
        click.echo(f"its operator needs {format_verifier_key(desk.services.logs.status().key)}")


@witness.command("list")
@click.pass_context
def list_witnesses(context: click.Context) -> None:
    """List witnesses, what they have seen, and what went wrong."""
    with opened(context) as desk:
        for one in desk.services.logs.status().witnesses:
            click.echo(f"{one.name}\t{one.url}\tsize {one.size}\t{one.problem or 'in order'}")


@witness.command("remove")
@click.argument("name")
@click.pass_context
def remove_witness(context: click.Context, name: str) -> None:
    """Ask NAME no more. What it signed stays."""
    with opened(context) as desk:
        desk.services.logs.remove_witness(name)


@click.command()
@click.option(
    "--checkpoint",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="A checkpoint of this log that was kept elsewhere: it finds a log that was rewritten whole.",
)
@click.pass_context
def audit(context: click.Context, checkpoint: Path | None) -> None:
    """Hold every row against the log, and name the first one that differs. Exit status 1 when one does."""
    with opened(context) as desk:
        report = desk.services.auditing.audit(checkpoint.read_bytes() if checkpoint else None)
    if report.difference is not None:
        click.echo(f"DIFFERS: {report.difference}")
        context.exit(1)
    click.echo(f"{report.rows} rows are as the log has them, in a tree of {report.size} entries")


@click.command()
@click.argument("url")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write it to this file.")
@click.pass_context
def proof(context: click.Context, url: str, out: Path | None) -> None:
    """Print the proof file of the tag URL, for `scanner verify --proof`."""
    with opened(context) as desk:
        data = desk.services.proofs.of_text(url)
    if out is None:
        click.echo(data)
    else:
        out.write_bytes(data + b"\n")


def _show_key(one: LogKey) -> None:
    vkey = format_verifier_key(one.key)
    click.echo(f"{fingerprint(one.key.public_key)}\t{one.status}\t{vkey}")


def _tell_all(desk: Desk) -> None:
    """A checkpoint by the keys that are in use now, and a bundle that names those that are believed."""
    desk.services.logs.run()
    sign_if_possible(desk)


def _show(status: LogStatus) -> None:
    state = status.state
    click.echo(f"log        {state.origin}")
    click.echo(f"key        {format_verifier_key(status.key)}")
    click.echo(f"entries    {state.size}, {status.pending} waiting")
    click.echo(f"published  {state.published}")
    if status.witnesses:
        kind = "witnessed" if status.vouchers.is_witnessed else "not witnessed"
        signed = f"{status.vouchers.signed} signatures, {status.threshold} of {len(status.witnesses)} wanted"
        click.echo(f"witnesses  {kind}: {signed}")
    else:
        click.echo("witnesses  none: a log that only its operator has seen proves little to others")
    for one in status.witnesses:
        if one.problem:
            click.echo(f"problem    {one.name}: {one.problem}", err=True)
    if state.fork is not None:
        click.echo(f"LOG_FORKED: {state.fork}", err=True)
