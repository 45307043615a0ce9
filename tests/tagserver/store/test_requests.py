import pytest

from tagserver.ports import IdempotencyConflictError, NotStoredError, OrgId, Store
from tests.tagserver.store.cast import DISTILLERY, HOSPITAL, NOW, REQUEST, all_at_once, settle


def run_once(store: Store, key: str = "k", request_hash: bytes = REQUEST) -> str:
    """What a service does with a request that may come again; the outcome is what it answered."""
    with store.write() as tx:
        outcome = tx.requests.begin(DISTILLERY, key, request_hash, at=NOW)
        if outcome is not None:
            return f"again {outcome}"
        tx.requests.complete(DISTILLERY, key, "done")
        return "done"


def test_a_request_that_comes_again_gets_the_first_outcome(store: Store) -> None:
    settle(store)
    assert [run_once(store), run_once(store)] == ["done", "again done"]


def test_of_requests_at_once_one_is_new_and_the_others_get_its_outcome(store: Store) -> None:
    settle(store)
    answers = all_at_once([lambda: run_once(store)] * 6)
    assert sorted(map(str, answers)) == ["again done"] * 5 + ["done"]


def test_refuses_a_key_for_another_request(store: Store) -> None:
    settle(store)
    run_once(store)
    with pytest.raises(IdempotencyConflictError) as caught:
        run_once(store, request_hash=b"\x01" * 32)
    assert (caught.value.org_id, caught.value.key) == (DISTILLERY, "k")


def test_keys_of_two_organisations_do_not_meet(store: Store) -> None:
    settle(store)
    run_once(store)
    with store.write() as tx:
        assert tx.requests.begin(HOSPITAL, "k", b"\x01" * 32, at=NOW) is None


def test_a_request_that_failed_may_be_sent_again(store: Store) -> None:
    settle(store)

    def run_and_fail() -> None:
        with store.write() as tx:
            tx.requests.begin(DISTILLERY, "k", REQUEST, at=NOW)
            tx.requests.complete(DISTILLERY, "another", "done")

    with pytest.raises(NotStoredError):
        run_and_fail()
    assert run_once(store) == "done"


def test_refuses_a_request_of_nobody(store: Store) -> None:
    with pytest.raises(NotStoredError), store.write() as tx:
        tx.requests.begin(OrgId("nobody"), "k", REQUEST, at=NOW)
