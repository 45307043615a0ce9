from collections.abc import Callable
from datetime import datetime
from functools import partial

import pytest

from tagserver.ports import Batches, BatchStatus, Lease, LeaseLostError, Store
from tests.tagserver.store.cast import MINUTE, NOW, all_at_once, make_batch, settle

ROOT = b"\x09" * 32
SIGNATURE = b"\x08" * 64


def claim(store: Store, owner: str = "worker-1", now: datetime = NOW) -> Lease:
    lease = try_to_claim(store, owner, now)
    assert lease is not None
    return lease


def try_to_claim(store: Store, owner: str, now: datetime = NOW) -> Lease | None:
    with store.write() as tx:
        return tx.batches.claim(owner=owner, now=now, duration=MINUTE)


def test_claims_the_oldest_batch_first_and_then_none(store: Store) -> None:
    settle(store)
    batches = [make_batch(store, str(n)) for n in range(2)]
    leases = [try_to_claim(store, "worker-1") for _ in range(3)]
    assert [lease and lease.batch for lease in leases] == [batches[0].number, batches[1].number, None]


def test_claims_the_batch_that_is_asked_for_if_it_is_free(store: Store) -> None:
    settle(store)
    wanted = [make_batch(store, str(n)) for n in range(2)][1].number

    def claim_wanted() -> Lease | None:
        with store.write() as tx:
            return tx.batches.claim(owner="worker-1", now=NOW, duration=MINUTE, number=wanted)

    lease = claim_wanted()
    assert lease is not None
    assert lease.batch == wanted
    assert claim_wanted() is None


def test_a_claimed_batch_is_being_issued(store: Store) -> None:
    settle(store)
    make_batch(store)
    lease = claim(store)
    assert lease == Lease(batch=lease.batch, owner="worker-1", attempt=1, until=NOW + MINUTE)
    with store.read() as tx:
        batch = tx.batches.find(lease.batch)
    assert batch is not None
    assert (batch.status, batch.attempt) == (BatchStatus.ISSUING, 1)


def test_of_workers_that_claim_at_once_one_gets_the_batch(store: Store) -> None:
    settle(store)
    make_batch(store)
    claims = all_at_once([partial(try_to_claim, store, f"w{n}") for n in range(6)])
    assert [lease for lease in claims if isinstance(lease, Exception)] == []
    assert len([lease for lease in claims if lease is not None]) == 1


def test_workers_that_claim_at_once_share_the_queue(store: Store) -> None:
    settle(store)
    for n in range(4):
        make_batch(store, str(n))
    claims = all_at_once([partial(claim, store, f"w{n}") for n in range(4)])
    assert sorted(lease.batch for lease in claims if isinstance(lease, Lease)) == [1, 2, 3, 4]


def test_a_dead_workers_batch_goes_to_another_once_its_lease_ends(store: Store) -> None:
    settle(store)
    make_batch(store)
    dead = claim(store, "dead")
    with store.write() as tx:
        tx.batches.progress(dead, done=512, now=NOW, duration=MINUTE)
    assert try_to_claim(store, "heir", NOW + MINUTE * 0.99) is None
    heir = claim(store, "heir", NOW + MINUTE)
    with store.read() as tx:
        batch = tx.batches.find(heir.batch)
    assert batch is not None
    assert (heir.batch, heir.attempt, batch.done) == (dead.batch, 2, 512)


def test_a_renewed_lease_lasts_longer(store: Store) -> None:
    settle(store)
    make_batch(store)
    lease = claim(store)
    with store.write() as tx:
        renewed = tx.batches.renew(lease, now=NOW + MINUTE / 2, duration=MINUTE)
    assert renewed.until == NOW + MINUTE * 1.5
    assert try_to_claim(store, "other", NOW + MINUTE) is None


ACTS: dict[str, Callable[[Batches, Lease], object]] = {
    "renew": lambda batches, lease: batches.renew(lease, now=NOW, duration=MINUTE),
    "progress": lambda batches, lease: batches.progress(lease, done=1, now=NOW, duration=MINUTE),
    "finish": lambda batches, lease: batches.finish(
        lease, root=ROOT, issued_at=NOW, manifest_signature=SIGNATURE
    ),
    "fail": lambda batches, lease: batches.fail(lease, reason="x"),
    "release": lambda batches, lease: batches.release(lease),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("heir", ["worker-1", "worker-2"])
def test_a_worker_that_lost_its_lease_can_do_nothing(store: Store, act: str, heir: str) -> None:
    settle(store)
    make_batch(store)
    lost = claim(store)
    claim(store, heir, NOW + MINUTE)
    with pytest.raises(LeaseLostError) as caught, store.write() as tx:
        ACTS[act](tx.batches, lost)
    assert (caught.value.subject, caught.value.owner) == (lost.batch, "worker-1")


def test_a_finished_batch_has_its_root_and_leaves_the_queue(store: Store) -> None:
    settle(store)
    made = make_batch(store)
    lease = claim(store)
    with store.write() as tx:
        batch = tx.batches.finish(lease, root=ROOT, issued_at=NOW + MINUTE, manifest_signature=SIGNATURE)
    assert (batch.status, batch.root, batch.issued_at) == (BatchStatus.ISSUED, ROOT, NOW + MINUTE)
    assert (batch.done, batch.manifest_signature) == (made.count, SIGNATURE)
    assert try_to_claim(store, "other", NOW + MINUTE * 99) is None
    with pytest.raises(LeaseLostError), store.write() as tx:
        tx.batches.finish(lease, root=ROOT, issued_at=NOW, manifest_signature=SIGNATURE)


def test_a_failed_batch_says_why_and_leaves_the_queue(store: Store) -> None:
    settle(store)
    make_batch(store)
    lease = claim(store)
    with store.write() as tx:
        batch = tx.batches.fail(lease, reason="the key was revoked")
    assert (batch.status, batch.failure) == (BatchStatus.FAILED, "the key was revoked")
    assert try_to_claim(store, "other", NOW + MINUTE * 99) is None


def test_a_released_batch_can_be_claimed_at_once(store: Store) -> None:
    settle(store)
    make_batch(store)
    lease = claim(store)
    with store.write() as tx:
        tx.batches.release(lease)
    assert claim(store, "other").attempt == 2
