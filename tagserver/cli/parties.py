"""`tagserver org`, `token`, `product`, `audit`: who takes part, and what they did."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click

from tagcore.gs1 import Gtin, gtin_from_any
from tagcore.states import Role
from tagserver.cli.opening import GTIN, opened
from tagserver.ports import Organisation, OrgId, Product, Scope


@click.group()
def org() -> None:
    """Organisations: producers, distributors, hospitals, inspectors."""


@org.command("create")
@click.argument("org_id")
@click.option("--name", required=True, help="For people.")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option("--prefix", "prefixes", multiple=True, help="GS1 company prefix (a producer's; repeatable).")
@click.option("--gtin", "gtins", multiple=True, help="Single GTIN (a producer's; repeatable).")
@click.option(
    "--host", "hosts", multiple=True, help="Domain its tags name; the workspace's tag host without it."
)
@click.pass_context
def create_org(
    context: click.Context,
    org_id: str,
    name: str,
    role: str,
    prefixes: tuple[str, ...],
    gtins: tuple[str, ...],
    hosts: tuple[str, ...],
) -> None:
    """Add the organisation ORG_ID."""
    with opened(context) as desk:
        desk.services.access.add_organisation(
            Organisation(
                id=OrgId(org_id),
                name=name,
                role=Role(role),
                created_at=datetime.now(UTC),
                gtins=tuple(gtin_from_any(gtin) for gtin in gtins),
                prefixes=prefixes,
                hosts=tuple(host.upper() for host in hosts)
                or ((desk.settings.tag_host,) if role == Role.PRODUCER else ()),
            )
        )
    click.echo(org_id)


@org.command("list")
@click.pass_context
def list_orgs(context: click.Context) -> None:
    """List all organisations."""
    with opened(context) as desk:
        for found in desk.services.access.organisations():
            click.echo(f"{found.id}\t{found.role}\t{found.name}\t{' '.join((*found.prefixes, *found.gtins))}")


@click.group()
def token() -> None:
    """API tokens."""


@token.command("create")
@click.argument("org_id")
@click.option("--name", required=True, help="What it is for.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice([scope.value for scope in Scope]),
    help="What it may be used for (repeatable).",
)
@click.option(
    "--days", type=click.IntRange(1, 36_500), default=365, show_default=True, help="Until it expires."
)
@click.pass_context
def create_token(context: click.Context, org_id: str, name: str, scopes: tuple[str, ...], days: int) -> None:
    """Make a token for ORG_ID and print it, this once."""
    with opened(context) as desk:
        _, text = desk.services.access.create_token(
            org_id, name=name, scopes=[Scope(scope) for scope in scopes], lifetime=timedelta(days=days)
        )
    click.echo(text)


@token.command("list")
@click.argument("org_id")
@click.pass_context
def list_tokens(context: click.Context, org_id: str) -> None:
    """List the tokens of ORG_ID, without their secrets."""
    with opened(context) as desk:
        for found in desk.services.access.tokens(org_id):
            until = found.expires_at.date().isoformat() if found.expires_at else "for ever"
            ended = f"revoked {found.revoked_at:%Y-%m-%d}" if found.revoked_at else until
            click.echo(f"{found.id}\t{found.name}\t{','.join(found.scopes)}\t{ended}")


@token.command("revoke")
@click.argument("token_id")
@click.pass_context
def revoke_token(context: click.Context, token_id: str) -> None:
    """End a token at once."""
    with opened(context) as desk:
        desk.services.access.revoke_token(token_id)
    click.echo(f"{token_id} revoked")


@click.group()
def product() -> None:
    """Products."""


@product.command("create")
@click.argument("gtin", type=GTIN)
@click.option("--org", "org_id", required=True, help="The producer.")
@click.option("--name", required=True, help="As on the pack.")
@click.option("--description", default="")
@click.option("--size", default="", help="As on the pack: 500 ml.")
@click.option("--market", "markets", multiple=True, help="ISO 3166 country it is meant for (repeatable).")
@click.option("--instructions", default="", help="What a person should do with a recalled unit.")
@click.pass_context
def create_product(
    context: click.Context,
    gtin: Gtin,
    org_id: str,
    name: str,
    description: str,
    size: str,
    markets: tuple[str, ...],
    instructions: str,
) -> None:
    """Register the product GTIN."""
    with opened(context) as desk:
        caller = desk.caller(org_id)
        desk.services.products.register(
            caller,
            Product(
                gtin=gtin,
                org_id=caller.org_id,
                name=name,
                description=description,
                size=size,
                markets=tuple(market.upper() for market in markets),
                instructions=instructions,
                created_at=datetime.now(UTC),
            ),
        )
    click.echo(gtin)


@product.command("list")
@click.argument("org_id")
@click.pass_context
def list_products(context: click.Context, org_id: str) -> None:
    """List the products of ORG_ID."""
    with opened(context) as desk:
        for found in desk.services.products.of(desk.caller(org_id)):
            click.echo(f"{found.gtin}\t{found.name}\t{found.size}")


@click.command()
@click.option("--org", "org_id", help="Only what this organisation did.")
@click.option("--action", help="Only this action, such as labels.render.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.pass_context
def trail(context: click.Context, org_id: str | None, action: str | None, limit: int) -> None:
    """Show who did what, newest first."""
    with opened(context) as desk:
        for entry in desk.services.access.trail(org_id=org_id, action=action, limit=limit):
            detail = " ".join(f"{name}={value}" for name, value in entry.detail.items())
            who = "/".join(filter(None, (entry.org_id, entry.account_id))) or "operator"
            click.echo(f"{entry.at:%Y-%m-%dT%H:%M:%SZ}\t{who}\t{entry.action}\t{entry.subject}\t{detail}")
