"""What every request handler needs, bound to the application once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from flask import Flask, current_app

from tagserver.config import Settings
from tagserver.ports import Clock
from tagserver.ports.imaging import ImageReader
from tagserver.services.access import RandomBytes
from tagserver.services.suite import Services

_KEY = "origintag"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Services, settings and the adapters that the composition root chose.

    `is_ready` says whether the store answers; `viewer_secret` keys the hashes of viewers.
    """

    services: Services
    settings: Settings
    image_reader: ImageReader
    is_ready: Callable[[], bool]
    clock: Clock
    random_bytes: RandomBytes
    viewer_secret: bytes = field(repr=False)

    @property
    def viewer_rotation(self) -> timedelta:
        """How long a viewer keeps the same hash."""
        return timedelta(days=self.settings.viewer_rotation_days)


def bind(app: Flask, surroundings: Surroundings) -> None:
    """Give the application its surroundings."""
    app.extensions[_KEY] = surroundings


def here() -> Surroundings:
    """The surroundings of the application that serves the present request."""
    found = current_app.extensions[_KEY]
    assert isinstance(found, Surroundings)
    return found
