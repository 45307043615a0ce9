"""What commands share: the workspace they work in, and on whose behalf."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from tagcore.errors import GtinError
from tagcore.gs1 import Gtin, gtin_from_any
from tagserver.bootstrap import open_services
from tagserver.config import Settings, find_home, load_settings
from tagserver.services.access import Caller, operator
from tagserver.services.suite import Services


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """An opened workspace."""

    settings: Settings
    services: Services

    def caller(self, org_id: str) -> Caller:
        """The operator, acting for an organisation. Raises: ServiceError NOT_FOUND."""
        return operator(self.services.access.organisation(org_id))

    def caller_for(self, gtin: Gtin) -> Caller:
        """The operator, acting for the owner of a product. Raises: ServiceError NOT_FOUND."""
        return self.caller(self.services.products.find(gtin).org_id)


def settings_of(context: click.Context) -> Settings:
    """The settings of the workspace that the command names. Raises: ConfigError."""
    home: Path | None = context.find_root().obj
    return load_settings(find_home(os.environ, home), os.environ)


@contextmanager
def opened(context: click.Context) -> Iterator[Desk]:
    """The workspace, until the block ends. Raises: ConfigError, KeystoreError, StoreVersionError."""
    settings = settings_of(context)
    with open_services(settings) as services:
        yield Desk(settings=settings, services=services)


class GtinType(click.ParamType[Gtin]):
    """A GTIN of 8, 12, 13 or 14 digits."""

    name = "GTIN"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Gtin:
        """Raises: click.BadParameter."""
        try:
            return gtin_from_any(value)
        except GtinError as error:
            self.fail(str(error), param, ctx)


GTIN = GtinType()
