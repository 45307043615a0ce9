"""Products and their pictures in SQL."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select, update

from tagcore.gs1 import Gtin
from tagcore.history import Thresholds
from tagserver.ports import NotStoredError, OrgId, Picture, Product
from tagserver.store.insertion import refusals_named
from tagserver.store.link import Link
from tagserver.store.prepared import Prepared
from tagserver.store.schema import picture, product

_WINDOW_SECONDS = "burst_window_seconds"
_BY_GTIN = Prepared(select(product).where(product.c.gtin == bindparam("of_gtin")))


class SqlProducts:
    """Implements `tagserver.ports.Products` within one transaction."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def add(self, new: Product) -> None:
        """Raises AlreadyExistsError, NotStoredError."""
        if new.image is not None:
            raise ValueError("give the picture itself to set_picture")
        with refusals_named("product", new.gtin, references="organisation of product"):
            self._link.execute(
                insert(product).values(
                    gtin=new.gtin, org_id=new.org_id, created_at=new.created_at, **_editable(new)
                )
            )

    def update(self, changed: Product) -> None:
        """Raises NotStoredError."""
        statement = update(product).where(product.c.gtin == changed.gtin).values(**_editable(changed))
        if self._link.execute(statement).rowcount != 1:
            raise NotStoredError("product", changed.gtin)

    def find(self, gtin: Gtin) -> Product | None:
        """By primary key."""
        row = _BY_GTIN.first(self._link, of_gtin=gtin)
        return None if row is None else _product(row)

    def of_organisation(self, org_id: OrgId) -> tuple[Product, ...]:
        """In order of GTIN."""
        statement = select(product).where(product.c.org_id == org_id).order_by(product.c.gtin)
        return tuple(_product(row) for row in self._link.execute(statement))

    def set_picture(self, gtin: Gtin, new: Picture) -> Product:
        """Replaces the one before."""
        found = self.find(gtin)
        if found is None:
            raise NotStoredError("product", gtin)
        digest = sha256(new.data).hexdigest()
        self._link.execute(delete(picture).where(picture.c.gtin == gtin))
        self._link.execute(insert(picture).values(gtin=gtin, media_type=new.media_type, data=new.data))
        self._link.execute(update(product).where(product.c.gtin == gtin).values(image=digest))
        return replace(found, image=digest)

    def picture(self, gtin: Gtin) -> Picture | None:
        """The whole of it: a service keeps pictures small."""
        row = self._link.execute(select(picture).where(picture.c.gtin == gtin)).one_or_none()
        return None if row is None else Picture(media_type=row.media_type, data=bytes(row.data))


def _editable(value: Product) -> dict[str, Any]:
    return {
        "name": value.name,
        "description": value.description,
        "size": value.size,
        "markets": list(value.markets),
        "instructions": value.instructions,
        "thresholds": _format_thresholds(value.thresholds),
    }


def _format_thresholds(value: Thresholds | None) -> dict[str, float] | None:
    if value is None:
        return None
    fields = asdict(value)
    window: timedelta = fields.pop("burst_window")
    return {**fields, _WINDOW_SECONDS: window.total_seconds()}


def _parse_thresholds(fields: dict[str, Any] | None) -> Thresholds | None:
    if fields is None:
        return None
    others = {name: value for name, value in fields.items() if name != _WINDOW_SECONDS}
    return Thresholds(burst_window=timedelta(seconds=fields[_WINDOW_SECONDS]), **others)


def _product(row: Row[Any]) -> Product:
    return Product(
        gtin=Gtin(row.gtin),
        org_id=OrgId(row.org_id),
        name=row.name,
        description=row.description,
        size=row.size,
        image=row.image,
        markets=tuple(row.markets),
        instructions=row.instructions,
        created_at=row.created_at,
        thresholds=_parse_thresholds(row.thresholds),
    )
