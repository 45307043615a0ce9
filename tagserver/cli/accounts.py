"""`tagserver user` and `tagserver reports`: people of the console, and what is kept of people who report."""

from __future__ import annotations

import click

from tagserver.cli.opening import Desk, opened
from tagserver.ports import Account
from tagserver.services.accounts import LINK_GOOD_FOR, Invitation

HOURS = int(LINK_GOOD_FOR.total_seconds()) // 3600


@click.group()
def user() -> None:
    """People who log in at the console. LOGIN is an e-mail address; no mail is sent."""


@user.command("create")
@click.argument("login")
@click.option("--org", "org_id", required=True, help="Whom the person acts for.")
@click.option("--name", required=True, help="The person's, for people.")
@click.pass_context
def create(context: click.Context, login: str, org_id: str, name: str) -> None:
    """Add an account and print the link that sets its password, this once."""
    with opened(context) as desk:
        _show(desk, desk.services.accounts.create(login, org_id=org_id, name=name))


@user.command("list")
@click.option("--org", "org_id", help="Only of this organisation.")
@click.pass_context
def list_users(context: click.Context, org_id: str | None) -> None:
    """List accounts: id (as in the audit trail), login, organisation, name, state, last log-in."""
    with opened(context) as desk:
        accounts = desk.services.accounts
        if org_id is None:
            found = accounts.all()
        else:
            found = accounts.of_organisation(desk.services.access.organisation(org_id).id)
        for one in found:
            seen = f"{one.last_login_at:%Y-%m-%d %H:%M}" if one.last_login_at else "never"
            click.echo(f"{one.id}\t{one.login}\t{one.org_id}\t{one.name}\t{_state(one)}\t{seen}")


@user.command("disable")
@click.argument("login")
@click.pass_context
def disable(context: click.Context, login: str) -> None:
    """Let nobody log in as LOGIN; ends all sessions at once."""
    with opened(context) as desk:
        click.echo(f"{desk.services.accounts.disable(login).login} disabled")


@user.command("enable")
@click.argument("login")
@click.pass_context
def enable(context: click.Context, login: str) -> None:
    """Let LOGIN in again, with the old password."""
    with opened(context) as desk:
        click.echo(f"{desk.services.accounts.enable(login).login} enabled")


@user.command("reset")
@click.argument("login")
@click.option(
    "--forget-totp", is_flag=True, help="Ask for no codes any more: telephone and recovery codes lost."
)
@click.pass_context
def reset(context: click.Context, login: str, *, forget_totp: bool) -> None:
    """Make the password void, end all sessions, and print a new link."""
    with opened(context) as desk:
        _show(desk, desk.services.accounts.reset(login, forget_totp=forget_totp))


@click.group()
def reports() -> None:
    """Consumers' reports."""


@reports.command("forget")
@click.pass_context
def forget(context: click.Context) -> None:
    """Erase contact data of reports older than report_retention_days. A server does it by itself."""
    with opened(context) as desk:
        click.echo(f"{desk.services.reports.forget()} reports")


def _show(desk: Desk, invitation: Invitation) -> None:
    click.echo(f"{desk.settings.public_url}/console/set-up/{invitation.token}")
    click.echo(
        f"for {invitation.account.login} alone: good once, for {HOURS} hours; not shown again", err=True
    )


def _state(account: Account) -> str:
    if account.is_disabled:
        return "disabled"
    return "active" if account.is_set_up else "not set up"
