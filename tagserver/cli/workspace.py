"""`tagserver init`: a workspace with keys, database and settings, and the secrets to keep."""

from __future__ import annotations

import os
from pathlib import Path

import click

from tagcore.keys import fingerprint
from tagserver.bootstrap import (
    NewSecrets,
    check_new_workspace,
    create_log,
    create_workspace,
    new_secrets,
    prepare_store,
)
from tagserver.config import find_home, load_settings, variable_name


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), required=False)
@click.option("--tag-host", required=True, help="The domain that tags name, such as ID.EXAMPLE.COM.")
@click.option("--site-name", default="Origin check", show_default=True, help="What the site is called.")
@click.option(
    "--public-url", default="", help="Where people reach the server; https:// and the tag host without it."
)
@click.option(
    "--secrets-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the secrets that were made up into this new file (mode 0600), not to the screen.",
)
@click.pass_context
def init(
    context: click.Context,
    folder: Path | None,
    tag_host: str,
    site_name: str,
    public_url: str,
    secrets_file: Path | None,
) -> None:
    """Make a workspace in FOLDER (or --home, or ORIGINTAG_HOME).

    Secrets that the environment does not give are made up, and shown once: there is no default one.
    """
    home = find_home(os.environ, folder or context.find_root().obj)
    if secrets_file is not None and secrets_file.exists():
        raise click.BadParameter(f"{secrets_file} exists", param_hint="--secrets-file")
    chosen = {"tag_host": tag_host, "site_name": site_name, "public_url": public_url}
    check_new_workspace(home, chosen)
    made = new_secrets(os.environ)
    home.mkdir(parents=True, exist_ok=True)
    # Kept before anything is sealed with them: keys whose passphrase is lost are lost.
    _hand_over(made, secrets_file)
    root_key = create_workspace(home, chosen, made)
    settings = load_settings(home, given_or(made))
    prepare_store(settings)
    origin = create_log(settings)
    click.echo(f"workspace  {home}")
    click.echo(f"root key   {root_key.hex()} ({fingerprint(root_key)}): verifiers pin it")
    click.echo(f"log        {origin}")
    click.echo(
        f"take       {home / 'root'} and its passphrase off this machine when the trust bundle is signed"
    )


def given_or(made: NewSecrets) -> dict[str, str]:
    """The environment, with the secrets that were made up in it."""
    texts = {
        "passphrase": made.passphrase,
        "root_passphrase": made.root_passphrase,
        "secret": made.secret,
    }
    return {**os.environ, **{variable_name(name): texts[name].reveal() for name in made.made_up}}


def _hand_over(made: NewSecrets, file: Path | None) -> None:
    texts = {
        "passphrase": made.passphrase,
        "root_passphrase": made.root_passphrase,
        "secret": made.secret,
    }
    lines = "".join(f"export {variable_name(name)}='{texts[name].reveal()}'\n" for name in made.made_up)
    if not lines:
        return
    if file is None:
        click.echo("Keep these secrets; they are not shown again:")
        click.echo(lines)
        return
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(lines)
        out.flush()
        os.fsync(out.fileno())
    click.echo(f"secrets    {file}: keep it safe, and `source` it")
