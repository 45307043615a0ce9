"""The fixed cast of the store's tests: two organisations, a product, a key, a batch."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import TypeVar

from tagcore.gs1 import Gtin, parse_expiry, parse_gtin
from tagcore.keys import KeyStatus
from tagcore.states import Action, Role, Standing, State
from tagcore.tag import Profile
from tagserver.ports import (
    Batch,
    BatchNumber,
    Change,
    IssuerKeyRecord,
    KeyId,
    NewBatch,
    Organisation,
    OrgId,
    Product,
    SerialSource,
    Store,
    Unit,
)

T = TypeVar("T")

NOW = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
GTIN = parse_gtin("09506000134352")
OTHER_GTIN = parse_gtin("09506000134369")
DISTILLERY = OrgId("distillery")
HOSPITAL = OrgId("hospital")
KEY = KeyId("distillery-1")
REQUEST = bytes(32)


def organisation(org_id: OrgId = DISTILLERY, role: Role = Role.PRODUCER) -> Organisation:
    return Organisation(id=org_id, name=f"The {org_id}", role=role, created_at=NOW)


def product(gtin: Gtin = GTIN) -> Product:
    return Product(gtin=gtin, org_id=DISTILLERY, name="Baijiu", created_at=NOW)


def issuer_key(key_id: KeyId = KEY, slot: int = 1) -> IssuerKeyRecord:
    return IssuerKeyRecord(
        id=key_id,
        org_id=DISTILLERY,
        slot=slot,
        public_key=bytes([slot]) * 32,
        not_before=NOW,
        not_after=NOW + timedelta(days=365),
        status=KeyStatus.ACTIVE,
        created_at=NOW,
    )


def new_batch(*, lot: str = "LOT1", count: int = 6_000, supplied: bool = False) -> NewBatch:
    return NewBatch(
        org_id=DISTILLERY,
        gtin=GTIN,
        lot=lot,
        expiry=parse_expiry("271200"),
        count=count,
        profile=Profile.DIGITAL_LINK,
        host="ID.EXAMPLE.COM",
        key_id=KEY,
        slot=1,
        serial_source=SerialSource.SUPPLIED if supplied else SerialSource.GENERATED,
        base_state=State.PRINTED,
        created_at=NOW,
    )


def settle(store: Store) -> None:
    """Store everybody who appears."""
    with store.write() as tx:
        tx.organisations.add(organisation())
        tx.organisations.add(organisation(HOSPITAL, Role.HOSPITAL))
        tx.products.add(product())
        tx.keys.add(issuer_key())


def make_batch(store: Store, key: str = "request-1", new: NewBatch | None = None) -> Batch:
    """Queue a batch; the cast must be settled."""
    with store.write() as tx:
        return tx.batches.create(new or new_batch(), idempotency_key=key, request_hash=REQUEST).batch


def unit(index: int = 0, *, batch: int = 1, serial: str | None = None) -> Unit:
    return Unit(gtin=GTIN, serial=serial or f"SERIAL{index}", batch=BatchNumber(batch), index=index)


def change(
    action: Action, state: State, previous: State = State.PRINTED, *, party: OrgId = DISTILLERY
) -> Change:
    standing = Standing(state=state, since=NOW, party=party, place="gate 1", country="CN", previous=previous)
    return Change(action=action, to=standing, note="as agreed")


def all_at_once(tasks: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """Run the tasks in threads that start together; what each gave or raised."""
    barrier = Barrier(len(tasks))

    def run(task: Callable[[], T]) -> T | Exception:
        barrier.wait()
        try:
            return task()
        except Exception as error:  # noqa: BLE001 - the test looks at each of them
            return error

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))
