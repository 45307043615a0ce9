"""`tagserver worker` and `scans`: what goes on beside the requests, as commands and as the server's thread."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
from datetime import timedelta

import click

from tagserver.cli.opening import opened
from tagserver.config import ConfigError
from tagserver.ports import AnchorError, Batch, KeystoreError, LogForkedError, StoreError
from tagserver.services.suite import Services

IDLE_SECONDS = 1.0
"""How often a worker without work looks for some."""

FORGET_EVERY = timedelta(hours=1)
"""How often a server forgets who looked: the period is counted in days."""

log = logging.getLogger(__name__)


@click.command()
@click.option("--once", is_flag=True, help="Stop when nothing waits.")
@click.pass_context
def worker(context: click.Context, once: bool) -> None:
    """Issue batches that wait, take the log on and anchor it, until stopped. Any number may run, on any machine that
    sees the workspace.
    """
    with opened(context) as desk:
        owner, stop = worker_name(), threading.Event()
        if not once:
            every = timedelta(seconds=desk.settings.log_interval_seconds)
            threading.Thread(target=log_regularly, args=(desk.services, every, stop), daemon=True).start()
            threading.Thread(target=anchor_regularly, args=(desk.services, owner, stop), daemon=True).start()
            issue_waiting(desk.services, owner, stop)
        while (done := desk.services.issuing.work_once(owner=owner)) is not None:
            _tell(done)
        desk.services.logs.run()
        desk.services.anchoring.run(owner=owner)


@click.group()
def scans() -> None:
    """Scans."""


@scans.command("forget")
@click.pass_context
def forget(context: click.Context) -> None:
    """Erase viewers and coordinates of scans older than scan_retention_days. A server does it by itself."""
    with opened(context) as desk:
        click.echo(f"{desk.services.retention.forget()} scans")


def worker_name() -> str:
    """A name for this worker that no other one has."""
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"


def issue_waiting(services: Services, owner: str, stop: threading.Event) -> None:
    """Issue batches that wait, until told to stop. Outages and damaged files are logged, waited out, tried again."""
    while not stop.is_set():
        try:
            done = services.issuing.work_once(owner=owner)
        except (StoreError, OSError) as error:
            log.warning("the worker cannot go on and tries again: %s", error)
            done = None
        if done is None:
            stop.wait(IDLE_SECONDS)
        else:
            _tell(done)


def log_regularly(services: Services, every: timedelta, stop: threading.Event) -> None:
    """Take the log on, until told to stop. What fails is logged and tried again; a log that must not go on stays so
    until an operator has looked.
    """
    told = ""
    while not stop.is_set():
        try:
            services.logs.run()
            told = ""
        except LogForkedError as error:
            if str(error) != told:
                log.critical("%s: %s", error.code, error)
            told = str(error)
        except (StoreError, KeystoreError, OSError) as error:
            if str(error) != told:
                log.warning("the log cannot go on and tries again: %s", error)
            told = str(error)
        stop.wait(every.total_seconds())


def anchor_regularly(services: Services, owner: str, stop: threading.Event) -> None:
    """Anchor what is due and look after what is under way, until told to stop. Alarms are logged when they begin."""
    told: dict[str, str] = {}
    while not stop.is_set():
        try:
            services.anchoring.run(owner=owner)
            alarms = {known.backend: known for known in services.anchoring.statuses() if known.alarm}
            for backend, known in alarms.items():
                if told.get(backend) != known.alarm:
                    log.warning("anchoring: %s: %s", known.alarm, known.problem)
            told = {backend: known.alarm for backend, known in alarms.items()}
        except (AnchorError, ConfigError, KeystoreError, StoreError, OSError) as error:
            if told.get("") != str(error):
                log.warning("anchoring cannot go on and tries again: %s", error)
            told[""] = str(error)
        stop.wait(IDLE_SECONDS)


def forget_regularly(services: Services, stop: threading.Event) -> None:
    """Forget who looked, every hour, until told to stop."""
    while not stop.is_set():
        try:
            forgotten = services.retention.forget()
            reporters, over = services.reports.forget(), services.sessions.forget()
        except (StoreError, OSError) as error:
            log.warning("viewers' data that are due cannot be erased yet: %s", error)
        else:
            log.info("viewers' data of %d scans were erased", forgotten)
            log.info("contact data of %d reports were erased; %d sessions were over", reporters, over)
        stop.wait(FORGET_EVERY.total_seconds())


def _tell(done: Batch) -> None:
    click.echo(f"batch {done.number}: {done.status}")
