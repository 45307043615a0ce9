"""`tagserver event` and `tagserver recall`: what happens to units and lots."""

from __future__ import annotations

import click

from tagcore.gs1 import Gtin
from tagcore.states import Action
from tagserver.cli.opening import GTIN, opened
from tagserver.ports import BatchNumber, RecallKind
from tagserver.services.recalls import RecallOrder
from tagserver.services.units import Report

ACTION = click.argument("action", type=click.Choice([action.value for action in Action]))


@click.group()
def event() -> None:
    """Report what happened to units."""


@event.command("unit")
@click.argument("gtin", type=GTIN)
@click.argument("serial")
@ACTION
@click.option("--org", "org_id", required=True, help="The party that acts.")
@click.option("--place", help="A GLN, or the party's own name for the place.")
@click.option("--country", help="ISO 3166 country of the place.")
@click.option("--note", default="")
@click.pass_context
def unit(
    context: click.Context,
    gtin: Gtin,
    serial: str,
    action: str,
    org_id: str,
    place: str | None,
    country: str | None,
    note: str,
) -> None:
    """Report ACTION of one unit."""
    report = Report(action=Action(action), place=place, country=country, note=note)
    with opened(context) as desk:
        state = desk.services.units.report(desk.caller(org_id), gtin, serial, report)
    click.echo(f"{gtin}\t{serial}\t{state.standing.state}")


@event.command("batch")
@click.argument("number", type=int)
@ACTION
@click.option(
    "--first", type=click.IntRange(1), default=1, show_default=True, help="First label, counted from 1."
)
@click.option("--last", type=click.IntRange(1), help="Last label; the batch's last without it.")
@click.option("--note", default="")
@click.pass_context
def batch_event(
    context: click.Context, number: int, action: str, first: int, last: int | None, note: str
) -> None:
    """Report ACTION of labels FIRST to LAST of batch NUMBER, all of them by default."""
    with opened(context) as desk:
        batch = desk.services.issuing.find(BatchNumber(number))
        outcome = desk.services.units.report_range(
            desk.caller(batch.org_id),
            batch.number,
            Report(action=Action(action), note=note),
            first=first - 1,
            last=None if last is None else last - 1,
        )
    for run in outcome.applied:
        click.echo(f"{run.first + 1}-{run.last + 1}\t{run.state}")
    for run in outcome.refused:
        click.echo(f"{run.first + 1}-{run.last + 1}\tstays {run.state}")


@click.group()
def recall() -> None:
    """Recall or withdraw a product, a lot or a unit."""


@recall.command("order")
@click.argument("gtin", type=GTIN)
@click.option("--lot", help="Only this lot.")
@click.option("--serial", help="Only this unit.")
@click.option("--withdraw", is_flag=True, help="Take it off the market, without calling it back from people.")
@click.option("--reason", required=True, help="For people to read.")
@click.option("--instructions", default="", help="What to do with it; the product's own without this.")
@click.pass_context
def order(
    context: click.Context,
    gtin: Gtin,
    lot: str | None,
    serial: str | None,
    withdraw: bool,
    reason: str,
    instructions: str,
) -> None:
    """Recall GTIN. In force when this returns."""
    wanted = RecallOrder(
        gtin=gtin,
        lot=lot,
        serial=serial,
        kind=RecallKind.WITHDRAW if withdraw else RecallKind.RECALL,
        reason=reason,
        instructions=instructions,
    )
    with opened(context) as desk:
        click.echo(desk.services.recalls.order(desk.caller_for(gtin), wanted).id)


@recall.command("lift")
@click.argument("recall_id")
@click.option("--org", "org_id", required=True, help="The organisation that ordered it.")
@click.pass_context
def lift(context: click.Context, recall_id: str, org_id: str) -> None:
    """End a recall."""
    with opened(context) as desk:
        desk.services.recalls.lift(desk.caller(org_id), recall_id)
    click.echo(f"{recall_id} lifted")


@recall.command("list")
@click.argument("gtin", type=GTIN)
@click.pass_context
def list_recalls(context: click.Context, gtin: Gtin) -> None:
    """List the recalls of GTIN."""
    with opened(context) as desk:
        for found in desk.services.recalls.of(gtin):
            state = f"lifted {found.lifted_at:%Y-%m-%d}" if found.lifted_at else "in force"
            what = found.serial or (f"lot {found.lot}" if found.lot is not None else "all")
            click.echo(f"{found.id}\t{found.at:%Y-%m-%d}\t{found.kind}\t{what}\t{state}\t{found.reason}")
