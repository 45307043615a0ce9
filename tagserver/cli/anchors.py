"""`tagserver anchor`: putting checkpoints where others can see them, and asking the others."""

from __future__ import annotations

from decimal import Decimal

import click

from tagserver.anchor_backends import WEI, address_of
from tagserver.bootstrap import chain_keys
from tagserver.cli.opening import Desk, opened, settings_of
from tagserver.cli.workers import worker_name
from tagserver.ports import AnchorError
from tagserver.ports.anchors import ON_CHAIN, Anchor, BackendStatus

PROVES = {
    "vechain": "the root was in a block of VeChainThor",
    "evm": "the root was in a block of the chain",
    "rfc3161": "an authority saw the root at a time",
    "journal": "self-attested: only that this server says so",
}

CHAINS = click.Choice(["vechain", "evm"])


@click.group()
def anchor() -> None:
    """Anchors of the log's checkpoints."""


@anchor.command("run")
@click.pass_context
def run(context: click.Context) -> None:
    """Anchor the newest checkpoint now, and look after those under way. Exit status 1 when there is an alarm."""
    with opened(context) as desk:
        for changed in desk.services.anchoring.run(owner=worker_name(), now_due=True):
            click.echo(_line(changed))
        _tell_alarms(context, desk.services.anchoring.statuses())


@anchor.command("status")
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many anchors."
)
@click.pass_context
def status(context: click.Context, limit: int) -> None:
    """Say what our records tell of each place and of the newest anchors. Exit status 1 when there is an alarm."""
    with opened(context) as desk:
        anchoring = desk.services.anchoring
        statuses = {known.backend: known for known in anchoring.statuses()}
        for backend in anchoring.backends:
            click.echo(f"{backend.name:8} {PROVES[backend.name]}")
            _tell_means(statuses.get(backend.name))
        for found in anchoring.latest(limit=limit):
            click.echo(_line(found))
        _tell_alarms(context, tuple(statuses.values()))


@anchor.command("verify")
@click.option(
    "--size", type=click.IntRange(1), help="Anchors that cover this many entries; the newest without it."
)
@click.pass_context
def verify(context: click.Context, size: int | None) -> None:
    """Ask nodes, authority and journal about the anchors; our records only say where to look.

    Exit status 1 unless every one of them is confirmed.
    """
    with opened(context) as desk:
        wanted = _to_verify(desk, size)
        failed = [found for found in wanted if not _verify(desk, found)]
    if not wanted:
        click.echo("nothing is anchored yet", err=True)
    if failed or not wanted:
        context.exit(1)


@anchor.group("key")
def key() -> None:
    """Keys that pay for anchors. They sign no tag, no log and no bundle."""


@key.command("create")
@click.argument("backend", type=CHAINS)
@click.pass_context
def create_key(context: click.Context, backend: str) -> None:
    """Make the next key for BACKEND, which pays from now on. Its address has to be given money."""
    made = chain_keys(settings_of(context)).create(backend)
    click.echo(f"{made.id}\t{address_of(made.public_key)}")


@key.command("list")
@click.pass_context
def list_keys(context: click.Context) -> None:
    """List the keys and their addresses; the newest of each kind pays."""
    for key_id, public_key in chain_keys(settings_of(context)).all():
        click.echo(f"{key_id}\t{address_of(public_key)}")


def _to_verify(desk: Desk, size: int | None) -> tuple[Anchor, ...]:
    anchoring = desk.services.anchoring
    if size is not None:
        return anchoring.covering(size)
    newest: dict[str, Anchor] = {}
    for found in anchoring.latest(limit=1000):
        if found.state in ON_CHAIN:
            newest.setdefault(found.backend, found)
    return tuple(newest.values())


def _verify(desk: Desk, found: Anchor) -> bool:
    subject = f"{found.backend:8} size {found.size}"
    try:
        confirmed = desk.services.anchoring.confirm(found)
    except AnchorError as error:
        click.echo(f"{subject}\tNOT CONFIRMED\t{error.code}: {error.problem}")
        return False
    where = f"block {confirmed.block.number}" if confirmed.block else "token or line"
    kind = "final" if confirmed.is_final else "included, not final"
    if found.backend == "journal":
        kind = "self-attested"
    link = ""
    place = desk.services.anchoring.places.get(found.backend)
    if place and confirmed.block:
        link = place.link(confirmed.id, confirmed.block.number)
    click.echo(f"{subject}\tconfirmed, {kind}\t{where}\t{confirmed.at.isoformat()}\t{confirmed.id}\t{link}")
    return True


def _line(found: Anchor) -> str:
    seen = found.observation
    block = f"block {seen.block.number} at {seen.block.at.isoformat()}" if seen and seen.block else ""
    tx_id = seen.id if seen else "".join(one.signed.id for one in found.attempts[-1:])
    return f"{found.backend:8} size {found.size}\t{found.state}\t{block}\t{tx_id}\t{found.reason}".rstrip()


def _tell_means(known: BackendStatus | None) -> None:
    if known is None:
        click.echo("         never tried")
        return
    balance = "" if known.balance is None else f", {Decimal(known.balance) / WEI:,.6f} to pay with"
    click.echo(f"         {known.key or 'no key yet'}{balance}")


def _tell_alarms(context: click.Context, statuses: tuple[BackendStatus, ...]) -> None:
    alarms = [known for known in statuses if known.alarm]
    for known in alarms:
        since = f" since {known.alarm_at:%Y-%m-%d %H:%M}" if known.alarm_at else ""
        click.echo(f"{known.alarm}{since}: {known.problem}", err=True)
    if alarms:
        context.exit(1)
