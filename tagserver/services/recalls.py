"""Recall or withdraw: a unit, a lot of any size, or a whole product, in one row."""

from __future__ import annotations

from dataclasses import dataclass

from tagcore.entries import RecallChange
from tagcore.gs1 import Gtin, parse_lot, parse_serial
from tagcore.states import Role
from tagserver.ports import Clock, Recall, RecallKind, Scope, Store
from tagserver.services.access import Caller, RandomBytes, audit, require_owner, require_scope
from tagserver.services.errors import AccessError, Refusal, ServiceError
from tagserver.services.log_entries import log_recall
from tagserver.services.texts import check_text


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallOrder:
    """What to recall and what to tell people. `lot` None: any lot; `serial` None: all units."""

    gtin: Gtin
    lot: str | None
    serial: str | None
    kind: RecallKind
    reason: str
    instructions: str


class Recalls:
    """Recalls of a producer's own products; inspectors may recall any."""

    def __init__(self, *, store: Store, clock: Clock, random_bytes: RandomBytes) -> None:
        self._store = store
        self._clock = clock
        self._random_bytes = random_bytes

    def order(self, caller: Caller, order: RecallOrder) -> Recall:
        """In force when it returns.

        Raises: AccessError; Gs1SyntaxError for a serial that is none; ServiceError INPUT_INVALID, NOT_FOUND
        for a product or a lot without tags: a mistyped lot must not pass for one that is recalled.
        """
        require_scope(caller, Scope.RECALLS)
        _check(order)
        now = self._clock()
        recall = Recall(
            id=self._random_bytes(8).hex(),
            gtin=order.gtin,
            lot=order.lot,
            serial=order.serial,
            kind=order.kind,
            reason=order.reason.strip(),
            instructions=order.instructions.strip(),
            at=now,
            by_org=caller.org_id,
        )
        with self._store.write() as transaction:
            product = transaction.products.find(order.gtin)
            if product is None:
                raise ServiceError(Refusal.NOT_FOUND, f"no product {order.gtin}", field="gtin")
            if caller.organisation.role is not Role.INSPECTOR:
                require_owner(caller, product.org_id, f"product {order.gtin}")
            if order.lot is not None and not transaction.batches.of_lot(order.gtin, order.lot):
                message = f"no tags of product {order.gtin} have the lot {order.lot[:24]!r}"
                raise ServiceError(Refusal.NOT_FOUND, message, field="lot")
            transaction.recalls.add(recall)
            log_recall(transaction, recall, RecallChange.ORDERED, now)
            detail = {"lot": order.lot or "", "serial": order.serial or "", "recall": recall.id}
            audit(transaction, caller, now, f"recall.{order.kind}", order.gtin, **detail)
        return recall

    def lift(self, caller: Caller, recall_id: str) -> Recall:
        """End a recall. Only the organisation that ordered it may. Raises: AccessError; ServiceError
        NOT_FOUND.
        """
        require_scope(caller, Scope.RECALLS)
        now = self._clock()
        with self._store.write() as transaction:
            recall = transaction.recalls.find(recall_id)
            if recall is None:
                raise ServiceError(Refusal.NOT_FOUND, f"no recall {recall_id!r}")
            if recall.by_org != caller.org_id:
                raise AccessError(Refusal.NOT_YOURS, "another organisation ordered this recall")
            lifted = transaction.recalls.lift(recall_id, at=now)
            if recall.lifted_at is None:
                log_recall(transaction, lifted, RecallChange.LIFTED, now)
            audit(transaction, caller, now, "recall.lift", recall.gtin, recall=recall_id)
        return lifted

    def of(self, gtin: Gtin) -> tuple[Recall, ...]:
        """All recalls of a product, newest first."""
        with self._store.read() as transaction:
            return transaction.recalls.of_product(gtin)

    def in_force(self) -> tuple[Recall, ...]:
        """Those of every product that are not lifted, newest first: what a verifier without a network takes along."""
        with self._store.read() as transaction:
            return transaction.recalls.all_in_force()


def _check(order: RecallOrder) -> None:
    if not order.reason.strip():
        raise ServiceError(
            Refusal.INPUT_INVALID, "a recall needs a reason for people to read", field="reason"
        )
    check_text(order.reason, "reason")
    check_text(order.instructions, "instructions")
    if order.lot is not None:
        parse_lot(order.lot)
    if order.serial is not None:
        parse_serial(order.serial)
