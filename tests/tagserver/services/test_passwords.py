import unicodedata

import pytest

from tagserver.services.errors import AccessError, Refusal, ServiceError
from tagserver.services.passwords import (
    COMMON,
    DEFAULT_COST,
    LONGEST,
    SHORTEST,
    Argon2Cost,
    Passwords,
    check_password,
)
from tests.tagserver.services.cast import CHEAP_ARGON2, Randomness

GOOD = "the river is wide in May"
NAMES = ("ada.li@example.com", "Ada Li", "distillery")


def passwords(cost: Argon2Cost = CHEAP_ARGON2) -> Passwords:
    return Passwords(random_bytes=Randomness(b"passwords"), cost=cost)


def assert_wrong(stored: str | None, password: str) -> None:
    with pytest.raises(AccessError) as caught:
        passwords().verify(stored, password)
    assert caught.value.code is Refusal.LOGIN_REFUSED
    assert str(caught.value) == "the name or the password is wrong"


def assert_weak(password: str, code: Refusal) -> None:
    with pytest.raises(ServiceError) as caught:
        check_password(password, NAMES)
    assert (caught.value.code, caught.value.field) == (code, "password")


def test_the_default_cost_is_the_one_that_rfc_9106_recommends() -> None:
    assert Argon2Cost(passes=3, memory_kib=65_536, lanes=4) == DEFAULT_COST
    stored = passwords(DEFAULT_COST).hash(GOOD)
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    passwords().verify(stored, GOOD)  # a hash names its own cost


def test_a_password_fits_its_hash_and_no_other_does() -> None:
    one = passwords()
    stored = one.hash(GOOD)
    one.verify(stored, GOOD)
    for wrong in (GOOD + " ", GOOD.upper(), "", GOOD * 100):
        assert_wrong(stored, wrong)


def test_the_same_password_has_another_hash_each_time() -> None:
    one = passwords()
    assert one.hash(GOOD) != one.hash(GOOD)


def test_composed_and_decomposed_letters_are_one_password() -> None:
    composed = "das Übergewicht"
    decomposed = unicodedata.normalize("NFD", composed)
    assert composed != decomposed
    passwords().verify(passwords().hash(composed), decomposed)
    passwords().verify(passwords().hash(decomposed), composed)


def test_without_an_account_every_password_is_wrong_and_takes_as_much_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    worked: list[str] = []
    one = passwords()
    real = one._hasher.verify

    def verify(stored: str, given: bytes) -> bool:
        worked.append(stored.rsplit("$", 2)[0])
        return real(stored, given)

    monkeypatch.setattr(type(one._hasher), "verify", lambda _self, stored, given: verify(stored, given))
    for stored in (None, one.hash(GOOD)):
        with pytest.raises(AccessError):
            one.verify(stored, "wrong")
    assert worked[0] == worked[1] == "$argon2id$v=19$m=8,t=1,p=1"


@pytest.mark.parametrize("stored", ["", "$argon2id$", "plain", "$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA"])
def test_a_damaged_hash_lets_nobody_in(stored: str) -> None:
    assert_wrong(stored, GOOD)


def test_half_a_surrogate_pair_is_a_wrong_password_and_no_crash() -> None:
    assert_wrong(passwords().hash(GOOD), GOOD + "\ud800")


def test_a_hash_of_another_cost_is_outdated() -> None:
    stored = passwords().hash(GOOD)
    assert not passwords().is_outdated(stored)
    assert passwords(Argon2Cost(passes=2, memory_kib=8, lanes=1)).is_outdated(stored)


@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        "xk2#vN81q!Lp",
        "水落石出之後的長江大橋與月",
        " leading and trailing ",
        "the distillery by the wide river",
        "z" * 5 + "abcdefg",
        "correct horse battery staple gun",
        "".join(chr(0x4E00 + n) for n in range(LONGEST)),
    ],
)
def test_takes_any_password_that_is_long_enough_and_its_own(password: str) -> None:
    check_password(password, NAMES)


@pytest.mark.parametrize("password", ["", "x2" * 5 + "y", "水落石出長江大橋與月夜", "ab" * 100 + "c"])
def test_refuses_a_password_that_is_too_short_or_too_long(password: str) -> None:
    assert not SHORTEST <= len(password) <= LONGEST
    assert_weak(password, Refusal.PASSWORD_LENGTH)


def test_the_length_is_that_of_composed_letters() -> None:
    assert_weak(unicodedata.normalize("NFD", "Ü" * 11), Refusal.PASSWORD_LENGTH)


@pytest.mark.parametrize(
    "password", ["Password12345", "123456789012", "aaaaaaaaaaaa", "abcabcabcabcab", "12341234123412341"]
)
def test_refuses_the_first_that_anybody_would_try(password: str) -> None:
    assert_weak(password, Refusal.PASSWORD_COMMON)


@pytest.mark.parametrize(
    "password", ["ada.li@example.com", "Ada.Li@Example.com1!", "distillery2026", "ADA LI ADA LI"]
)
def test_refuses_the_accounts_own_name_with_little_beside_it(password: str) -> None:
    assert_weak(password, Refusal.PASSWORD_OWN_NAME)


def test_every_common_password_would_pass_the_other_rules() -> None:
    assert all(len(one) >= SHORTEST and one == one.casefold() for one in COMMON)
