"""`tagserver witness`: cosign the logs of others."""

from __future__ import annotations

import click
import waitress

from tagcore.note import format_verifier_key
from tagserver.cli.opening import opened


@click.group()
def witness() -> None:
    """Be a witness: cosign the logs of others, as long as they only grow."""


@witness.command("create")
@click.pass_context
def create(context: click.Context) -> None:
    """Make the key that cosigns, and print its verifier key."""
    with opened(context) as desk:
        click.echo(format_verifier_key(desk.services.witnessing.create_key()))


@witness.command("key")
@click.pass_context
def key(context: click.Context) -> None:
    """Print the verifier key."""
    with opened(context) as desk:
        click.echo(format_verifier_key(desk.services.witnessing.key()))


@witness.command("watch")
@click.argument("vkey")
@click.pass_context
def watch(context: click.Context, vkey: str) -> None:
    """Cosign the log with this verifier key from now on."""
    with opened(context) as desk:
        click.echo(f"{desk.services.witnessing.watch(vkey).origin} is cosigned from now on")


@witness.command("rekey")
@click.argument("vkey")
@click.pass_context
def rekey(context: click.Context, vkey: str) -> None:
    """A log that is cosigned here has this new verifier key. Ask its operator by another way whether that is so."""
    with opened(context) as desk:
        click.echo(f"{desk.services.witnessing.rekey(vkey)} is cosigned under its new key from now on")


@witness.command("unwatch")
@click.argument("origin")
@click.confirmation_option(prompt="Watched again, the log begins anew here. Stop cosigning it?")
@click.pass_context
def unwatch(context: click.Context, origin: str) -> None:
    """Cosign the log ORIGIN no more."""
    with opened(context) as desk:
        desk.services.witnessing.unwatch(origin)


@witness.command("list")
@click.pass_context
def list_logs(context: click.Context) -> None:
    """List the logs that are cosigned here, and how far they were seen."""
    with opened(context) as desk:
        for log in desk.services.witnessing.logs():
            click.echo(f"{log.origin}\tsize {log.size}\t{log.root.hex()}")


@witness.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8001, show_default=True)
@click.pass_context
def serve(context: click.Context, host: str, port: int) -> None:
    """Serve add-checkpoint (C2SP tlog-witness). Put a proxy with TLS in front of it."""
    from tagserver.web.witness_app import create_witness_app

    with opened(context) as desk:
        name = desk.services.witnessing.key().name
        click.echo(f"witness {name} on http://{host}:{port}")
        waitress.serve(create_witness_app(desk.services.witnessing), host=host, port=port, ident=None)
