from dataclasses import replace

import pytest

from tagcore.gs1 import Gtin
from tagcore.states import Role
from tagserver.ports import (
    AlreadyExistsError,
    AuditEntry,
    NotStoredError,
    OrgId,
    Scope,
    Store,
    Token,
    TokenId,
)
from tests.tagserver.store.cast import DISTILLERY, GTIN, HOSPITAL, MINUTE, NOW, organisation, settle


def a_token(token_id: str = "t1", *, org_id: OrgId = DISTILLERY) -> Token:
    return Token(
        id=TokenId(token_id),
        org_id=org_id,
        name="line 3",
        scopes=(Scope.BATCHES, Scope.LABELS),
        secret_hash=b"\x07" * 32,
        created_at=NOW,
        expires_at=NOW + MINUTE,
    )


def entry(action: str, subject: str = "batch 1", *, org_id: OrgId | None = DISTILLERY) -> AuditEntry:
    return AuditEntry(
        at=NOW,
        org_id=org_id,
        token_id=TokenId("t1"),
        action=action,
        subject=subject,
        detail={"count": "24"},
    )


def test_an_organisation_comes_back_as_it_was_stored(store: Store) -> None:
    new = replace(
        organisation(),
        gtins=(GTIN,),
        prefixes=("9506000", "0360"),
        hosts=("ID.EXAMPLE.COM", "T.EXAMPLE:8443"),
    )
    with store.write() as tx:
        tx.organisations.add(new)
    with store.read() as tx:
        assert tx.organisations.find(new.id) == new
        assert tx.organisations.find(OrgId("nobody")) is None


def test_refuses_an_organisation_of_an_id_that_is_taken(store: Store) -> None:
    settle(store)
    with pytest.raises(AlreadyExistsError) as caught, store.write() as tx:
        tx.organisations.add(organisation())
    assert (caught.value.kind, caught.value.key) == ("organisation", DISTILLERY)


def test_an_organisation_may_change_all_but_its_id_and_age(store: Store) -> None:
    settle(store)
    changed = replace(
        organisation(role=Role.ADMIN), name="New", gtins=(Gtin("1"),), hosts=("A.B",), prefixes=("1234",)
    )
    with store.write() as tx:
        tx.organisations.update(replace(changed, created_at=NOW + MINUTE))
    with store.read() as tx:
        assert tx.organisations.find(DISTILLERY) == changed


def test_refuses_to_change_an_organisation_that_is_not_there(store: Store) -> None:
    with pytest.raises(NotStoredError), store.write() as tx:
        tx.organisations.update(organisation())


def test_lists_organisations_by_id(store: Store) -> None:
    settle(store)
    with store.read() as tx:
        assert [party.id for party in tx.organisations.all()] == [DISTILLERY, HOSPITAL]


def test_a_token_comes_back_as_it_was_stored(store: Store) -> None:
    settle(store)
    with store.write() as tx:
        tx.tokens.add(a_token())
    with store.read() as tx:
        assert tx.tokens.find(TokenId("t1")) == a_token()
        assert tx.tokens.find(TokenId("t2")) is None


def test_a_token_shows_not_even_the_hash_of_its_secret() -> None:
    assert "secret" not in repr(a_token())


def test_refuses_a_token_for_nobody(store: Store) -> None:
    with pytest.raises(NotStoredError, match="organisation of token"), store.write() as tx:
        tx.tokens.add(a_token())


def test_a_revoked_token_keeps_the_time_of_its_first_revocation(store: Store) -> None:
    settle(store)
    with store.write() as tx:
        tx.tokens.add(a_token())
        tx.tokens.revoke(TokenId("t1"), at=NOW)
        tx.tokens.revoke(TokenId("t1"), at=NOW + MINUTE)
    with store.read() as tx:
        assert tx.tokens.find(TokenId("t1")) == replace(a_token(), revoked_at=NOW)


def test_refuses_to_revoke_a_token_that_is_not_there(store: Store) -> None:
    with pytest.raises(NotStoredError), store.write() as tx:
        tx.tokens.revoke(TokenId("t1"), at=NOW)


def test_the_last_use_of_a_token_never_moves_backwards(store: Store) -> None:
    settle(store)
    with store.write() as tx:
        tx.tokens.add(a_token())
        for at in (NOW, NOW + MINUTE, NOW):
            tx.tokens.touch(TokenId("t1"), at=at)
    with store.read() as tx:
        assert tx.tokens.find(TokenId("t1")) == replace(a_token(), last_used_at=NOW + MINUTE)


def test_lists_an_organisations_own_tokens_newest_first(store: Store) -> None:
    settle(store)
    later = replace(a_token("t0"), created_at=NOW + MINUTE)
    with store.write() as tx:
        for token in (a_token("t1"), later, a_token("t2", org_id=HOSPITAL)):
            tx.tokens.add(token)
    with store.read() as tx:
        assert tx.tokens.of_organisation(DISTILLERY) == (later, a_token("t1"))


def test_the_audit_trail_is_read_newest_first_and_by_any_filter(store: Store) -> None:
    entries = [
        entry("labels"),
        entry("labels", "batch 2"),
        entry("issue", org_id=HOSPITAL),
        entry("init", org_id=None),
    ]
    with store.write() as tx:
        for each in entries:
            tx.audit.add(each)
    with store.read() as tx:
        assert tx.audit.latest(limit=10) == tuple(reversed(entries))
        assert tx.audit.latest(limit=1) == (entries[3],)
        assert tx.audit.latest(limit=10, org_id=HOSPITAL) == (entries[2],)
        assert tx.audit.latest(limit=10, action="labels", subject="batch 1") == (entries[0],)


def test_counts_how_often_labels_were_rendered(store: Store) -> None:
    with store.write() as tx:
        for each in (entry("labels"), entry("labels"), entry("labels", "batch 2"), entry("issue")):
            tx.audit.add(each)
    with store.read() as tx:
        assert tx.audit.count(action="labels", subject="batch 1") == 2


def test_an_entry_without_a_party_comes_back_without_one(store: Store) -> None:
    alone = AuditEntry(at=NOW, org_id=None, token_id=None, action="init", subject="workspace")
    with store.write() as tx:
        tx.audit.add(alone)
    with store.read() as tx:
        assert tx.audit.latest(limit=1) == (alone,)
