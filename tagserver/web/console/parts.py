"""The console's parts, put into the application together."""

from __future__ import annotations

from flask import Flask

from tagserver.web.console import (
    account,
    batch_events,
    batches,
    door,
    filters,
    labels,
    overview,
    products,
    recalls,
    reports,
    scans,
    trail,
    units,
)

PARTS = (
    door,
    account,
    overview,
    products,
    batches,
    batch_events,
    labels,
    recalls,
    units,
    scans,
    reports,
    trail,
)


def install(app: Flask) -> None:
    """Add the routes under /console."""
    filters.install(app)
    for part in PARTS:
        app.register_blueprint(part.blueprint)
