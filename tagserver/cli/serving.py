"""`tagserver serve`: the site and the API in one process, with a worker beside."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import click
import waitress

from tagserver.cli.opening import settings_of
from tagserver.cli.workers import (
    anchor_regularly,
    forget_regularly,
    issue_waiting,
    log_regularly,
    worker_name,
)
from tagserver.services.suite import Services

LARGEST_UPLOAD = 32_000_000
"""Of what is no picture, in bytes: lists of serials and bulk checks, each with a limit of its own below this."""

LOG_EVERY = timedelta(seconds=1)
"""As the setting `log_interval_seconds` has it."""

FORM_BYTES = 1_000_000
"""Beside a picture in a form."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--threads", type=click.IntRange(1, 64), default=8, show_default=True)
@click.option("--no-worker", is_flag=True, help="Leave batches, log and anchors to `tagserver worker`.")
@click.pass_context
def serve(context: click.Context, host: str, port: int, threads: int, no_worker: bool) -> None:
    """Serve this workspace. Put a proxy with TLS in front of it."""
    from tagserver.bootstrap import open_app

    settings = settings_of(context)
    every = timedelta(seconds=settings.log_interval_seconds)
    with open_app(settings) as (app, services), working(services, issues=not no_worker, every=every):
        click.echo(f"serving on http://{host}:{port}")
        waitress.serve(
            app,
            host=host,
            port=port,
            threads=threads,
            ident=None,
            # The application judges them itself, by `trusted_proxy_hops`.
            clear_untrusted_proxy_headers=False,
            max_request_body_size=max(LARGEST_UPLOAD, settings.max_image_bytes + FORM_BYTES),
        )


@contextmanager
def working(services: Services, *, issues: bool, every: timedelta = LOG_EVERY) -> Iterator[None]:
    """Threads that forget who looked and, with `issues`, issue batches, take the log on and anchor it.

    They stop with the block. They are daemons: a process that ends in the middle of a batch loses nothing that was
    acknowledged.
    """
    stop = threading.Event()
    threading.Thread(target=forget_regularly, args=(services, stop), daemon=True).start()
    if issues:
        owner = worker_name()
        threading.Thread(target=issue_waiting, args=(services, owner, stop), daemon=True).start()
        threading.Thread(target=anchor_regularly, args=(services, owner, stop), daemon=True).start()
        threading.Thread(target=log_regularly, args=(services, every, stop), daemon=True).start()
    try:
        yield
    finally:
        stop.set()
