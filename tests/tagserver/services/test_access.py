from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tagcore.gs1 import Gtin
from tagcore.states import Role
from tagserver.ports import AlreadyExistsError, NotStoredError, Organisation, OrgId, Scope
from tagserver.services.access import (
    ROLE_SCOPES,
    TOUCH_EVERY,
    Caller,
    operator,
    owns_gtin,
    require_owner,
    require_scope,
)
from tagserver.services.errors import AccessError, Refusal, ServiceError
from tests.tagserver.services.cast import (
    ADMIN,
    BOX_GTIN,
    DISTILLERY,
    GTIN,
    HOSPITAL,
    NOW,
    RIVAL_GTIN,
    Office,
    gtin_of,
    new_producer,
)

YEAR = timedelta(days=365)


def make_token(office: Office, org: OrgId = DISTILLERY, *, lifetime: timedelta | None = YEAR) -> str:
    return office.services.access.create_token(
        org, name="a program", scopes=[Scope.VERIFY], lifetime=lifetime
    )[1]


def assert_invalid(office: Office, text: str) -> None:
    with pytest.raises(AccessError) as caught:
        office.services.access.authenticate(text)
    assert caught.value.code is Refusal.TOKEN_INVALID
    assert str(caught.value) == "the token is unknown, expired or revoked"


def refusal(office: Office, organisation: Organisation) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        office.services.access.add_organisation(organisation)
    return caught.value


def test_a_token_lets_its_organisation_in_with_its_scopes(any_office: Office) -> None:
    token, text = any_office.services.access.create_token(
        DISTILLERY, name="a program", scopes=[Scope.LABELS, Scope.BATCHES, Scope.LABELS], lifetime=YEAR
    )
    caller = any_office.services.access.authenticate(text)
    assert (caller.org_id, caller.token_id) == (DISTILLERY, token.id)
    assert caller.scopes == {Scope.BATCHES, Scope.LABELS}
    assert token.scopes == (Scope.BATCHES, Scope.LABELS)


def test_a_token_is_kept_as_the_hash_of_its_secret(office: Office) -> None:
    token, text = office.services.access.create_token(DISTILLERY, name="x", scopes=[], lifetime=None)
    prefix, token_id, secret = text.split("_")
    assert (prefix, token_id, len(secret)) == ("ot", token.id, 64)
    assert office.services.access.tokens(DISTILLERY)[0].secret_hash == sha256(secret.encode()).digest()


def test_two_tokens_have_nothing_in_common(office: Office) -> None:
    one, other = (make_token(office).split("_")[1:] for _ in range(2))
    assert not set(one) & set(other)


@pytest.mark.parametrize("role", Role)
def test_a_token_never_gets_more_than_its_organisations_role(office: Office, role: Role) -> None:
    org_id = OrgId(f"some-{role}")
    office.services.access.add_organisation(
        Organisation(id=org_id, name="Somebody", role=role, created_at=NOW)
    )
    allowed = ROLE_SCOPES[role]
    _, text = office.services.access.create_token(org_id, name="all", scopes=allowed, lifetime=None)
    assert office.services.access.authenticate(text).scopes == allowed
    for beyond in frozenset(Scope) - allowed:
        with pytest.raises(ServiceError) as caught:
            office.services.access.create_token(org_id, name="more", scopes=[beyond], lifetime=None)
        assert caught.value.code is Refusal.SCOPE_MISSING


def test_a_token_loses_what_its_organisations_role_has_lost(office: Office) -> None:
    _, text = office.services.access.create_token(
        DISTILLERY, name="all", scopes=ROLE_SCOPES[Role.PRODUCER], lifetime=None
    )
    demoted = replace(office.services.access.organisation(DISTILLERY), role=Role.HOSPITAL)
    with office.store.write() as transaction:
        transaction.organisations.update(demoted)
    assert office.services.access.authenticate(text).scopes == ROLE_SCOPES[Role.HOSPITAL]


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "a\nb", "a\0b"])
def test_a_tokens_name_is_one_line(office: Office, name: str) -> None:
    with pytest.raises(ServiceError) as caught:
        office.services.access.create_token(DISTILLERY, name=name, scopes=[], lifetime=None)
    assert (caught.value.code, caught.value.field) == (Refusal.INPUT_INVALID, "name")


def test_a_token_ends_at_its_last_moment(any_office: Office) -> None:
    text = make_token(any_office, lifetime=timedelta(hours=1))
    any_office.clock.now = NOW + timedelta(hours=1) - timedelta(microseconds=1)
    assert any_office.services.access.authenticate(text).org_id == DISTILLERY
    any_office.clock.now = NOW + timedelta(hours=1)
    assert_invalid(any_office, text)


def test_a_token_without_a_lifetime_is_for_ever_and_one_of_no_length_for_never(office: Office) -> None:
    for_ever, never = make_token(office, lifetime=None), make_token(office, lifetime=timedelta(0))
    assert_invalid(office, never)
    office.clock.advance(100 * YEAR)
    assert office.services.access.authenticate(for_ever).org_id == DISTILLERY


def test_a_revoked_token_ends_at_once(any_office: Office) -> None:
    text, other = make_token(any_office), make_token(any_office)
    any_office.services.access.revoke_token(text.split("_")[1])
    assert_invalid(any_office, text)
    assert any_office.services.access.authenticate(other).org_id == DISTILLERY
    with pytest.raises(NotStoredError):
        any_office.services.access.revoke_token("0123456789abcdef")


def test_a_wrong_secret_is_told_no_more_than_an_unknown_token(office: Office) -> None:
    text = make_token(office)
    prefix, token_id, secret = text.split("_")
    other = make_token(office).split("_")[2]
    assert_invalid(office, f"{prefix}_{token_id}_{other}")
    assert_invalid(office, f"{prefix}_{'0' * 16}_{secret}")
    assert_invalid(office, f"{prefix}_{token_id}_{secret[:-1]}")
    assert_invalid(office, text.upper())
    assert_invalid(office, f" {text}")
    assert_invalid(office, f"{text}\n")


def malformed() -> st.SearchStrategy[str]:
    part = st.one_of(st.text(max_size=70), st.text("0123456789abcdef_", max_size=70))
    return st.one_of(st.text(max_size=100), st.tuples(part, part).map(lambda two: f"ot_{two[0]}_{two[1]}"))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=malformed())
def test_any_other_text_is_no_token_and_no_other_error(office: Office, text: str) -> None:
    assert_invalid(office, text)


@pytest.mark.parametrize("text", ["", "_", "__", "ot_\0_\0", "ot_\ud800_", "ot_" + "a" * 100_000, "Ot_١_٢"])
def test_strange_texts_reach_no_database(any_office: Office, text: str) -> None:
    assert_invalid(any_office, text)


def test_a_tokens_last_use_is_noted_every_ten_minutes_at_most(any_office: Office) -> None:
    text = make_token(any_office)
    access = any_office.services.access

    def last_used() -> object:
        access.authenticate(text)
        return access.tokens(DISTILLERY)[0].last_used_at

    assert last_used() == NOW
    any_office.clock.advance(TOUCH_EVERY)
    assert last_used() == NOW
    any_office.clock.advance(timedelta(seconds=1))
    assert last_used() == any_office.clock.now
    any_office.clock.advance(-YEAR / 2)
    assert last_used() == NOW + TOUCH_EVERY + timedelta(seconds=1)


def test_unknown_organisations_have_no_tokens(office: Office) -> None:
    with pytest.raises(ServiceError) as caught:
        make_token(office, OrgId("nobody"))
    assert caught.value.code is Refusal.NOT_FOUND
    assert office.services.access.tokens("nobody") == ()


def test_an_organisation_is_there_once_and_in_the_trail(office: Office) -> None:
    office.services.access.add_organisation(new_producer())
    assert new_producer() in office.services.access.organisations()
    with pytest.raises(AlreadyExistsError):
        office.services.access.add_organisation(new_producer())
    entries = office.services.access.trail(action="org.create", limit=1)
    assert [(entry.subject, entry.org_id, entry.detail) for entry in entries] == [
        ("newcomer", None, {"role": "producer"})
    ]


@pytest.mark.parametrize(
    ("prefixes", "gtins"),
    [
        (("9506000",), ()),  # the distillery's
        (("950600",), ()),  # covers the distillery's
        (("95060001",), ()),  # lies in the distillery's
        ((), (GTIN,)),
        ((), (gtin_of("1950600013435"),)),  # a case of the distillery's
        (("9521234", "95212345"), ()),  # one in the other
        (("9521234", "9521234"), ()),
        (("9521234",), (gtin_of("0952123454321"),)),
        ((), (gtin_of("0952123454321"), gtin_of("0952123454321"))),
    ],
)
def test_no_gtin_has_two_owners_nor_is_listed_twice(
    any_office: Office, prefixes: tuple[str, ...], gtins: tuple[Gtin, ...]
) -> None:
    found = refusal(any_office, new_producer(prefixes=prefixes, gtins=gtins))
    assert (found.code, found.field) == (Refusal.INPUT_INVALID, "prefixes")
    assert any_office.services.trust.now_in_force().issuers  # and verifying goes on


def test_a_prefix_over_another_producers_single_gtin_is_refused(office: Office) -> None:
    single = gtin_of("0952123454321")
    office.services.access.add_organisation(new_producer(prefixes=(), gtins=(single,)))
    found = refusal(office, new_producer(id=OrgId("late"), prefixes=("9521234",)))
    assert found.field == "prefixes"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", ""),
        ("id", "UPPER"),
        ("id", "-dash"),
        ("id", "with space"),
        ("id", "../up"),
        ("id", "x" * 41),
        ("id", "名"),
        ("name", ""),
        ("name", "x" * 201),
        ("name", "two\nlines"),
        ("prefixes", ("",)),
        ("prefixes", ("123",)),
        ("prefixes", ("1234567890123",)),
        ("prefixes", ("12a4567",)),
        ("prefixes", ("١٢٣٤٥",)),
        ("hosts", ("id.example.com",)),
        ("hosts", ("HTTPS://ID.EXAMPLE.COM",)),
        ("hosts", ("",)),
    ],
)
def test_an_organisation_that_no_trust_bundle_could_hold_is_refused(
    office: Office, field: str, value: object
) -> None:
    found = refusal(office, new_producer(**{field: value}))
    assert (found.code, found.field) == (Refusal.INPUT_INVALID, field)


@pytest.mark.parametrize("role", sorted(frozenset(Role) - {Role.PRODUCER}))
def test_only_a_producer_owns_gtins(office: Office, role: Role) -> None:
    assert refusal(office, new_producer(role=role)).field == "role"
    assert refusal(office, new_producer(role=role, prefixes=())).field == "role"


def test_a_producer_owns_what_is_listed_and_what_its_prefixes_cover(office: Office) -> None:
    distillery = office.services.access.organisation(DISTILLERY)
    assert owns_gtin(distillery, GTIN)
    assert owns_gtin(distillery, gtin_of("3950600013435"))
    assert not owns_gtin(distillery, RIVAL_GTIN)
    single = replace(distillery, prefixes=(), gtins=(GTIN,))
    assert owns_gtin(single, GTIN)
    assert not owns_gtin(single, BOX_GTIN)


def test_a_gtin_8_lies_in_no_prefix(office: Office) -> None:
    organisation = replace(office.services.access.organisation(DISTILLERY), prefixes=("00000",))
    assert not owns_gtin(organisation, gtin_of("0000009638507"))


@pytest.mark.parametrize(
    "gtin", [GTIN, BOX_GTIN, RIVAL_GTIN, gtin_of("3950600013435"), gtin_of("0000009638507")]
)
def test_owning_means_the_same_here_and_in_the_trust_bundle(office: Office, gtin: Gtin) -> None:
    distillery = office.services.access.organisation(DISTILLERY)
    owner = office.services.trust.now_in_force().issuer(gtin)
    assert owns_gtin(distillery, gtin) == (owner is not None and owner.name == distillery.name)


def test_the_operator_acts_for_an_organisation_within_its_role(office: Office) -> None:
    caller = operator(office.services.access.organisation(HOSPITAL))
    assert (caller.token_id, caller.scopes) == (None, ROLE_SCOPES[Role.HOSPITAL])


def test_scopes_and_owners_are_checked(office: Office) -> None:
    caller = Caller(
        organisation=office.services.access.organisation(ADMIN),
        token_id=None,
        scopes=frozenset({Scope.VERIFY}),
    )
    require_scope(caller, Scope.VERIFY)
    require_owner(caller, ADMIN, "it")
    with pytest.raises(AccessError, match="this needs the scope 'audit'"):
        require_scope(caller, Scope.AUDIT)
    with pytest.raises(AccessError, match="it belongs to another organisation"):
        require_owner(caller, HOSPITAL, "it")


def test_the_trail_is_read_by_organisation_and_by_action(office: Office) -> None:
    office.issue()
    access = office.services.access
    assert [entry.action for entry in access.trail(org_id=DISTILLERY, limit=1)] == ["batch.request"]
    assert {entry.org_id for entry in access.trail(org_id=DISTILLERY)} == {DISTILLERY}
    assert {entry.action for entry in access.trail(action="key.create")} == {"key.create"}
