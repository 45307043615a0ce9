"""Records of anchors on each database: who may change them, and that nothing of them is lost."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from tagserver.ports import AlreadyExistsError, LeaseLostError, StateConflictError, Store
from tagserver.ports.anchors import (
    Anchor,
    AnchorLease,
    AnchorState,
    BackendStatus,
    Block,
    NewAnchor,
    Observation,
    Sighting,
    SignedAnchor,
)
from tests.tagserver.store.cast import MINUTE, NOW, all_at_once

CHAIN = "vechain"
WEI = 10**30
"""More than 64 bits hold."""
SIGNED = SignedAnchor(
    id=f"0x{'a1' * 32}", raw=b"\x51raw", key=f"0x{'b2' * 20}", fee_limit=WEI, details={"last_block": 77}
)
SEEN = Observation(
    sighting=Sighting.INCLUDED,
    id=SIGNED.id,
    block=Block(number=2**40, id=f"0x{'c3' * 32}", at=NOW),
    fee=WEI + 1,
    evidence=b"token",
)


def leased(store: Store, owner: str = "one", *, after: timedelta = timedelta(0)) -> AnchorLease | None:
    with store.write() as tx:
        return tx.anchors.lease(CHAIN, owner=owner, now=NOW + after, duration=MINUTE)


@pytest.fixture
def lease(store: Store) -> AnchorLease:
    found = leased(store)
    assert found is not None
    return found


def begin(store: Store, lease: AnchorLease, size: int = 7) -> Anchor:
    new = NewAnchor(backend=lease.backend, size=size, root=bytes(32), commitment=bytes(89))
    with store.write() as tx:
        return tx.anchors.add(lease, new, at=NOW)


def sign(store: Store, lease: AnchorLease, anchor: Anchor, signed: SignedAnchor = SIGNED) -> Anchor:
    with store.write() as tx:
        return tx.anchors.add_attempt(lease, anchor, signed, state=AnchorState.SIGNED, at=NOW)


def submit(store: Store, lease: AnchorLease, anchor: Anchor) -> Anchor:
    with store.write() as tx:
        return tx.anchors.note_submitted(lease, anchor, state=AnchorState.SUBMITTED, at=NOW + MINUTE)


def settle(
    store: Store, lease: AnchorLease, anchor: Anchor, state: AnchorState, seen: Observation | None = SEEN
) -> Anchor:
    with store.write() as tx:
        return tx.anchors.settle(lease, anchor, state=state, observation=seen, reason="why", at=NOW)


def renew(store: Store, lease: AnchorLease, anchor: Anchor) -> Anchor:
    with store.write() as tx:
        return tx.anchors.renew(lease, anchor, state=AnchorState.PREPARED, at=NOW + 2 * MINUTE)


def stored(store: Store, size: int = 7) -> Anchor | None:
    with store.read() as tx:
        return tx.anchors.find(CHAIN, size)


CHANGES: list[Callable[[Store, AnchorLease, Anchor], Anchor]] = [
    sign,
    submit,
    partial(settle, state=AnchorState.INCLUDED),
    renew,
]


def test_all_that_is_known_of_an_anchor_comes_back(store: Store, lease: AnchorLease) -> None:
    anchor = begin(store, lease)
    assert (anchor.state, anchor.version, anchor.attempts) == (AnchorState.PREPARED, 0, ())
    anchor = submit(store, lease, sign(store, lease, anchor))
    (attempt,) = anchor.attempts
    assert (attempt.signed, attempt.signed_at, attempt.submitted_at) == (SIGNED, NOW, NOW + MINUTE)
    anchor = settle(store, lease, anchor, AnchorState.INCLUDED)
    assert (anchor.state, anchor.observation, anchor.reason, anchor.version) == (
        AnchorState.INCLUDED,
        SEEN,
        "why",
        3,
    )
    assert stored(store) == anchor


def test_the_time_of_a_token_comes_back(store: Store, lease: AnchorLease) -> None:
    token = Observation(
        sighting=Sighting.FINALIZED, id="x", is_final=True, evidence=b"token", at=NOW - MINUTE
    )
    assert settle(store, lease, begin(store, lease), AnchorState.FINALIZED, token).observation == token


def test_begun_anew_it_keeps_its_attempts_and_forgets_what_was_seen(store: Store, lease: AnchorLease) -> None:
    failed = settle(store, lease, sign(store, lease, begin(store, lease)), AnchorState.FAILED)
    again = renew(store, lease, failed)
    assert (again.state, again.observation, again.reason) == (AnchorState.PREPARED, None, "")
    assert (again.attempts, again.created_at) == (failed.attempts, NOW + 2 * MINUTE)


def test_a_checkpoint_is_anchored_once_at_a_place(store: Store, lease: AnchorLease) -> None:
    begin(store, lease)
    with pytest.raises(AlreadyExistsError):
        begin(store, lease)


def test_of_workers_that_come_at_once_one_acts_for_a_place(store: Store) -> None:
    found = all_at_once([partial(leased, store, f"worker {number}") for number in range(6)])
    assert sum(isinstance(one, AnchorLease) for one in found) == 1
    assert found.count(None) == 5


def test_the_same_worker_may_come_again_and_another_when_the_time_is_over(store: Store) -> None:
    first, again = leased(store), leased(store)
    assert first is not None
    assert again == replace(first, fence=first.fence + 1)
    assert leased(store, "two") is None
    taken = leased(store, "two", after=MINUTE)
    assert taken is not None
    assert taken.fence == first.fence + 2


@pytest.mark.parametrize("change", CHANGES)
def test_whose_place_was_taken_over_changes_nothing(
    store: Store, lease: AnchorLease, change: Callable[[Store, AnchorLease, Anchor], Anchor]
) -> None:
    anchor = begin(store, lease)
    assert leased(store, "two", after=MINUTE) is not None
    with pytest.raises(LeaseLostError):
        change(store, lease, anchor)
    with pytest.raises(LeaseLostError):
        begin(store, lease, size=8)
    assert stored(store) == anchor


@pytest.mark.parametrize("change", CHANGES)
def test_who_has_an_old_record_changes_nothing(
    store: Store, lease: AnchorLease, change: Callable[[Store, AnchorLease, Anchor], Anchor]
) -> None:
    old = begin(store, lease)
    now = sign(store, lease, old)
    with pytest.raises(StateConflictError):
        change(store, lease, old)
    assert stored(store) == now


def test_who_is_late_with_giving_back_takes_nothing_from_the_next(store: Store, lease: AnchorLease) -> None:
    taken = leased(store, "two", after=MINUTE)
    assert taken is not None
    with store.write() as tx:
        tx.anchors.release(lease)
    assert leased(store, "three", after=MINUTE) is None
    with store.write() as tx:
        tx.anchors.release(taken)
    assert leased(store, "three", after=MINUTE) is not None


def test_a_proof_gets_the_farthest_anchor_then_the_earliest(store: Store, lease: AnchorLease) -> None:
    states = {
        5: AnchorState.FINALIZED,
        6: AnchorState.INCLUDED,
        7: AnchorState.FINALIZED,
        8: AnchorState.FINALIZED,
        9: AnchorState.INCLUDED,
    }
    for size, state in states.items():
        settle(store, lease, begin(store, lease, size), state)
    begin(store, lease, 10)
    with store.read() as tx:
        covering = {size: [one.size for one in tx.anchors.covering(size)] for size in (1, 6, 9, 10, 11)}
        assert covering == {1: [5], 6: [7], 9: [9], 10: [10], 11: []}
        assert [one.size for one in tx.anchors.unsettled(CHAIN)] == [6, 9, 10]
        newest = tx.anchors.newest(CHAIN)
        assert newest is not None
        assert newest.size == 10
        assert [one.size for one in tx.anchors.latest(limit=2)] == [10, 9]


def test_what_was_signed_lately_is_found(store: Store, lease: AnchorLease) -> None:
    sign(store, lease, begin(store, lease))
    begin(store, lease, 8)
    with store.read() as tx:
        assert [one.size for one in tx.anchors.since(CHAIN, NOW)] == [7]
        assert tx.anchors.since(CHAIN, NOW + MINUTE) == ()


def test_an_alarm_that_lasts_keeps_its_first_time(store: Store, lease: AnchorLease) -> None:
    alarm = BackendStatus(
        backend=CHAIN, seen_at=NOW, key="0x1", balance=WEI, alarm="X", problem="p", alarm_at=NOW
    )
    later = replace(alarm, seen_at=NOW + MINUTE, alarm_at=NOW + MINUTE)
    calm = replace(later, alarm="", problem="", balance=None)

    def noted(status: BackendStatus) -> BackendStatus:
        with store.write() as tx:
            tx.anchors.note_status(lease, status)
        with store.read() as tx:
            (found,) = tx.anchors.statuses()
        return found

    assert noted(alarm) == alarm
    assert noted(later) == replace(later, alarm_at=NOW)
    assert noted(calm) == replace(calm, balance=WEI, alarm_at=None)
    assert noted(later) == later
