"""Products: what a GTIN is, to whom it belongs, and what people should see on the pack."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from tagcore.gs1 import Gtin
from tagcore.history import Thresholds
from tagserver.ports.parties import OrgId


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One GTIN of one organisation.

    `size` is text as on the pack ("500 ml"). `image` is the hex SHA-256 of its picture, None without one.
    `markets` are ISO 3166-1 alpha-2 codes in upper case, empty for "anywhere". `instructions` tell a person
    what to do with a suspect or recalled unit. `thresholds` replace the deployment's, None for
    those.
    """

    gtin: Gtin
    org_id: OrgId
    name: str
    description: str = ""
    size: str = ""
    image: str | None = None
    markets: tuple[str, ...] = ()
    instructions: str = ""
    created_at: datetime
    thresholds: Thresholds | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture of the pack, already checked and re-encoded by the service that accepted it."""

    media_type: str
    data: bytes = field(repr=False)


class Products(Protocol):
    """A GTIN belongs to one organisation for ever; everything else about it may be edited."""

    def add(self, product: Product) -> None:
        """`image` must be None: give the picture to `set_picture`. Raises AlreadyExistsError, NotStoredError
        (the organisation).
        """
        ...

    def update(self, product: Product) -> None:
        """Replace what may be edited; owner, picture and creation time stay. Raises NotStoredError."""
        ...

    def find(self, gtin: Gtin) -> Product | None: ...

    def of_organisation(self, org_id: OrgId) -> tuple[Product, ...]:
        """In order of GTIN."""
        ...

    def set_picture(self, gtin: Gtin, picture: Picture) -> Product:
        """Returns the product with its new `image` digest. Raises NotStoredError."""
        ...

    def picture(self, gtin: Gtin) -> Picture | None: ...
