"""`tagserver key` and `tagserver trust`: signing keys, and the bundle that tells verifiers of them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click

from tagcore.keys import fingerprint
from tagserver.bootstrap import root_signer
from tagserver.cli.opening import Desk, opened
from tagserver.config import ConfigError
from tagserver.ports import IssuerKeyRecord, KeystoreError
from tagserver.services.errors import Refusal, ServiceError
from tagserver.services.keys import DEFAULT_LIFETIME, LONGEST_LIFETIME, SHORTEST_LIFETIME

DAYS = click.option(
    "--days",
    type=click.IntRange(SHORTEST_LIFETIME.days, LONGEST_LIFETIME.days),
    default=DEFAULT_LIFETIME.days,
    show_default=True,
    help="How long it may sign.",
)


@click.group()
def key() -> None:
    """Issuers' signing keys."""


@key.command("create")
@click.argument("org_id")
@DAYS
@click.pass_context
def create(context: click.Context, org_id: str, days: int) -> None:
    """Make a signing key for ORG_ID, beside those it has."""
    with opened(context) as desk:
        _show(desk.services.keys.create(org_id, lifetime=timedelta(days=days)))
        sign_if_possible(desk)


@key.command("rotate")
@click.argument("org_id")
@DAYS
@click.pass_context
def rotate(context: click.Context, org_id: str, days: int) -> None:
    """Make a new key for ORG_ID and retire its older ones: their labels stay good."""
    with opened(context) as desk:
        _show(desk.services.keys.rotate(org_id, lifetime=timedelta(days=days)))
        sign_if_possible(desk)


@key.command("revoke")
@click.argument("key_id")
@click.confirmation_option(prompt="Every label signed with this key will read 'do not use'. Revoke it?")
@click.pass_context
def revoke(context: click.Context, key_id: str) -> None:
    """Stop believing KEY_ID: others may have it. All its labels stop being good."""
    with opened(context) as desk:
        _show(desk.services.keys.revoke(key_id))
        sign_if_possible(desk)


@key.command("list")
@click.argument("org_id")
@click.pass_context
def list_keys(context: click.Context, org_id: str) -> None:
    """List the keys of ORG_ID."""
    with opened(context) as desk:
        for record in desk.services.keys.of(org_id):
            _show(record)


@click.group()
def trust() -> None:
    """The trust bundle that verifiers pin."""


@trust.command("sign")
@click.pass_context
def sign(context: click.Context) -> None:
    """Sign the bundle anew with the root key, which has to be here."""
    with opened(context) as desk:
        bundle = desk.services.trust.sign(root_signer(desk.settings))
    click.echo(f"trust bundle version {bundle.version}, until {bundle.expires:%Y-%m-%d}")


@trust.command("show")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write it to this file.")
@click.pass_context
def show(context: click.Context, out: Path | None) -> None:
    """Print the signed bundle, as served under /.well-known/tag-trust.json."""
    with opened(context) as desk:
        data = desk.services.trust.published()
    if data is None:
        raise ServiceError(Refusal.NOT_FOUND, "no trust bundle yet: make a key, or `tagserver trust sign`")
    if out is None:
        click.echo(data, nl=False)
    else:
        out.write_bytes(data)


def _show(record: IssuerKeyRecord) -> None:
    span = f"{record.not_before:%Y-%m-%d}..{record.not_after:%Y-%m-%d}"
    click.echo(f"{record.id}\tslot {record.slot}\t{record.status}\t{span}\t{fingerprint(record.public_key)}")


def sign_if_possible(desk: Desk) -> None:
    """Keys change rarely, and verifiers have to hear of it: sign at once when the root key is at hand."""
    try:
        bundle = desk.services.trust.sign(root_signer(desk.settings))
    except (ConfigError, KeystoreError) as error:
        click.echo(f"verifiers do not know yet: the root key is not here ({error.code})", err=True)
        click.echo("bring it and run `tagserver trust sign`", err=True)
    else:
        click.echo(f"trust bundle version {bundle.version} signed")
