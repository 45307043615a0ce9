"""Register products: what a GTIN is and what people should see on the pack."""

from __future__ import annotations

from tagcore.gs1 import Gtin
from tagserver.ports import Clock, Picture, Product, Scope, Store
from tagserver.services.access import Caller, audit, owns_gtin, require_owner, require_scope
from tagserver.services.errors import AccessError, Refusal, ServiceError
from tagserver.services.texts import check_country, check_line, check_text


class Products:
    """A producer's own products; anybody may read them."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def register(self, caller: Caller, product: Product) -> Product:
        """Raises: AccessError when the GTIN is not the caller's to tag; AlreadyExistsError; ServiceError
        INPUT_INVALID.
        """
        require_scope(caller, Scope.PRODUCTS)
        require_owner(caller, product.org_id, "the product")
        _check(product)
        if not owns_gtin(caller.organisation, product.gtin):
            message = f"GTIN {product.gtin} is under none of your company prefixes"
            raise AccessError(Refusal.NOT_YOURS, message, field="gtin")
        with self._store.write() as transaction:
            transaction.products.add(product)
            audit(transaction, caller, self._clock(), "product.create", product.gtin)
        return product

    def change(self, caller: Caller, product: Product) -> Product:
        """Replace what may be edited of a product; owner, picture and creation time stay.

        Raises: ServiceError NOT_FOUND, INPUT_INVALID; AccessError.
        """
        require_scope(caller, Scope.PRODUCTS)
        require_owner(caller, self.find(product.gtin).org_id, f"product {product.gtin}")
        _check(product)
        with self._store.write() as transaction:
            transaction.products.update(product)
            audit(transaction, caller, self._clock(), "product.change", product.gtin)
        return self.find(product.gtin)

    def set_picture(self, caller: Caller, gtin: Gtin, picture: Picture) -> Product:
        """Raises: ServiceError NOT_FOUND; AccessError."""
        require_scope(caller, Scope.PRODUCTS)
        require_owner(caller, self.find(gtin).org_id, "the product")
        with self._store.write() as transaction:
            product = transaction.products.set_picture(gtin, picture)
            audit(transaction, caller, self._clock(), "product.picture", gtin, digest=product.image or "")
        return product

    def picture(self, gtin: Gtin) -> Picture | None:
        """The picture of the pack."""
        with self._store.read() as transaction:
            return transaction.products.picture(gtin)

    def find(self, gtin: Gtin) -> Product:
        """Raises: ServiceError NOT_FOUND."""
        with self._store.read() as transaction:
            product = transaction.products.find(gtin)
        if product is None:
            raise ServiceError(Refusal.NOT_FOUND, f"no product {gtin}")
        return product

    def of(self, caller: Caller) -> tuple[Product, ...]:
        """The caller's products."""
        with self._store.read() as transaction:
            return transaction.products.of_organisation(caller.org_id)


def _check(product: Product) -> None:
    check_line(product.name, "name", shortest=1)
    check_line(product.size, "size")
    check_text(product.description, "description")
    check_text(product.instructions, "instructions")
    for market in product.markets:
        check_country(market, "markets")
