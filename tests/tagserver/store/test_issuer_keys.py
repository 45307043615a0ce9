from dataclasses import replace

import pytest
from sqlalchemy.exc import StatementError

from tagcore.keys import KeyStatus
from tagserver.ports import AlreadyExistsError, KeyId, NotStoredError, StateConflictError, Store
from tests.tagserver.store.cast import DISTILLERY, HOSPITAL, KEY, MINUTE, NOW, issuer_key, settle

SECOND = issuer_key(KeyId("distillery-0"), slot=0)


def test_a_key_record_comes_back_as_it_was_stored(store: Store) -> None:
    settle(store)
    with store.read() as tx:
        assert tx.keys.find(KEY) == issuer_key()
        assert tx.keys.find(KeyId("other")) is None


def test_lists_keys_by_organisation_and_slot(store: Store) -> None:
    settle(store)
    foreign = replace(issuer_key(KeyId("h"), slot=7), org_id=HOSPITAL)
    with store.write() as tx:
        tx.keys.add(foreign)
        tx.keys.add(SECOND)
    with store.read() as tx:
        assert tx.keys.all() == (SECOND, issuer_key(), foreign)
        assert tx.keys.of_organisation(DISTILLERY) == (SECOND, issuer_key())


@pytest.mark.parametrize(
    "clashing",
    [
        pytest.param(replace(SECOND, id=KEY), id="id"),
        pytest.param(replace(SECOND, slot=1), id="slot"),
        pytest.param(replace(SECOND, public_key=issuer_key().public_key), id="public key"),
    ],
)
def test_refuses_a_key_that_shares_what_must_be_its_own(store: Store, clashing: object) -> None:
    settle(store)
    with pytest.raises(AlreadyExistsError), store.write() as tx:
        tx.keys.add(clashing)  # type: ignore[arg-type]  # pytest's parameters have no type


def test_refuses_a_public_key_of_another_length(store: Store) -> None:
    settle(store)
    with pytest.raises(StatementError, match="got 31 bytes, want 32"), store.write() as tx:
        tx.keys.add(replace(SECOND, public_key=bytes(31)))


def test_a_retired_key_may_come_back(store: Store) -> None:
    settle(store)
    with store.write() as tx:
        retired = tx.keys.set_status(KEY, KeyStatus.RETIRED, at=NOW)
        active = tx.keys.set_status(KEY, KeyStatus.ACTIVE, at=NOW)
    assert (retired.status, retired.revoked_at) == (KeyStatus.RETIRED, None)
    assert active == issuer_key()


def test_a_revoked_key_notes_when_and_stays_revoked(store: Store) -> None:
    settle(store)
    revoked = replace(issuer_key(), status=KeyStatus.REVOKED, revoked_at=NOW)
    with store.write() as tx:
        assert tx.keys.set_status(KEY, KeyStatus.REVOKED, at=NOW) == revoked
        assert tx.keys.set_status(KEY, KeyStatus.REVOKED, at=NOW + MINUTE) == revoked
    with pytest.raises(StateConflictError, match="revoked"), store.write() as tx:
        tx.keys.set_status(KEY, KeyStatus.ACTIVE, at=NOW)


def test_refuses_a_status_for_a_key_that_is_not_there(store: Store) -> None:
    with pytest.raises(NotStoredError), store.write() as tx:
        tx.keys.set_status(KEY, KeyStatus.REVOKED, at=NOW)
