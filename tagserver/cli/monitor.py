"""`tagserver monitor`: follow a log from outside, and say when something is off."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import click

from tagcore.canonical import canonical_json
from tagcore.errors import TrustError
from tagcore.trust import MAX_BUNDLE_BYTES, TrustBundle, parse_trust
from tagserver.monitor import (
    AnchorWatch,
    Expectations,
    HttpFiles,
    Look,
    Monitor,
    StateFile,
    Webhook,
    WebhookError,
    look_to_json,
    look_to_lines,
    parse_expected,
)
from tagserver.receipt_checks import ReceiptChecks

FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.command()
@click.argument("url")
@click.option("--trust", type=FILE, required=True, help="The pinned trust bundle: whose keys are good.")
@click.option(
    "--state",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="What is remembered between two looks. Keep it; one log, one file.",
)
@click.option(
    "--producer",
    "producers",
    multiple=True,
    help="Whose batches to look after: its name in the trust bundle.",
)
@click.option("--expected", type=FILE, help="The batches that it ordered: roots, 64 hex digits, one a line.")
@click.option("--once", is_flag=True, help="Look once and end.")
@click.option(
    "--interval", type=click.FloatRange(1), default=60.0, show_default=True, help="Seconds between two looks."
)
@click.option("--whole", is_flag=True, help="Read all of the log again, not only what has come new.")
@click.option(
    "--webhook", help="Where to POST what is found, as JSON; without --once the monitor then goes on."
)
@click.option(
    "--accept",
    type=int,
    multiple=True,
    help="Index of an entry that you have looked into: report it no more.",
)
@click.option(
    "--node",
    "nodes",
    multiple=True,
    help="NETWORK=URL: a node of yours to look for anchors at; NETWORK is the name in the trust bundle.",
)
@click.option("--json", "as_json", is_flag=True, help="One line of JSON a look.")
@click.pass_context
def monitor(
    context: click.Context,
    url: str,
    trust: Path,
    state: Path,
    producers: tuple[str, ...],
    expected: Path | None,
    once: bool,
    interval: float,
    whole: bool,
    webhook: str | None,
    accept: tuple[int, ...],
    nodes: tuple[str, ...],
    as_json: bool,
) -> None:
    """Follow the log at URL, the address in front of /checkpoint. No workspace is needed.

    Ends with status 0 when nothing is off, 3 when the log lies, 4 when a key is misused, 5 when witnesses or anchors
    are missing, 6 when the log does not answer. Without --once it goes on until something is off, and with
    --webhook beyond that.
    """
    if bool(producers) != bool(expected):
        raise click.UsageError("--producer and --expected go together")
    check = ReceiptChecks(nodes=dict(map(_node, nodes)), clock=_now)
    with HttpFiles(url) as files:
        while True:
            bundle = _read_trust(trust)
            follow = Monitor(
                files=files,
                trust=bundle,
                expected=_expectations(bundle, producers, expected),
                state=StateFile(state),
                pause=time.sleep,
                anchors=AnchorWatch(check=check),
            )
            if accept:
                follow.accept(accept)
                accept = ()
            look = follow.look(_now(), whole=whole)
            _show(look, url, as_json=as_json)
            told = _tell(follow, look, url, webhook)
            if once or (look.findings and webhook is None):
                context.exit(look.exit_status if told else look.exit_status or 1)
            time.sleep(interval)


def _now() -> datetime:
    return datetime.now(UTC)


def _node(text: str) -> tuple[str, str]:
    network, _, url = text.partition("=")
    if not network or not url.startswith(("http://", "https://")):
        raise click.UsageError(f"got --node {text!r}, want NETWORK=URL")
    return network, url


def _read_trust(path: Path) -> TrustBundle:
    with path.open("rb") as file:
        return parse_trust(file.read(MAX_BUNDLE_BYTES + 1))


def _expectations(trust: TrustBundle, producers: tuple[str, ...], expected: Path | None) -> Expectations:
    known = {issuer.name for issuer in trust.issuers}
    for name in producers:
        if name not in known:
            raise TrustError(f"the trust bundle names no producer {name!r}")
    if expected is None:
        return Expectations()
    with expected.open(encoding="utf-8") as lines:
        return Expectations(producers=frozenset(producers), roots=parse_expected(lines))


def _show(look: Look, url: str, *, as_json: bool) -> None:
    if as_json:
        click.echo(canonical_json(look_to_json(look, url)).decode())
        return
    for line in look_to_lines(look):
        click.echo(line)


def _tell(follow: Monitor, look: Look, url: str, webhook: str | None) -> bool:
    """Whether everything is told that there is to tell."""
    if webhook is not None and look.untold:
        try:
            Webhook(webhook).tell(look, url)
        except WebhookError as error:
            click.echo(f"{error.code}: {error}", err=True)
            return False
    follow.note_told(look)
    return True
