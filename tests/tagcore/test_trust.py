import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagcore.errors import TrustError
from tagcore.gs1 import parse_gtin
from tagcore.keys import KeyStatus
from tagcore.trust import MAX_BUNDLE_BYTES, Issuer, TrustBundle, format_trust, parse_trust
from tests.vectors.attacks import mistrusted
from tests.vectors.cast import BOTTLE, BUNDLE, CLINIC, DISTILLERY, EIGHT, ROOT, key_of

SIGNED = format_trust(BUNDLE, ROOT)
OTHER_ROOT = key_of("clinic", 0)


def bundle_of(*issuers: Issuer) -> TrustBundle:
    return replace(BUNDLE, issuers=issuers)


def test_a_bundle_reads_back_as_it_was_signed() -> None:
    assert parse_trust(SIGNED, ROOT.public_key) == BUNDLE
    assert format_trust(parse_trust(SIGNED), ROOT) == SIGNED


def test_white_space_and_the_order_of_members_do_not_count() -> None:
    document = json.loads(SIGNED)
    spread = json.dumps(dict(reversed(document.items())), indent=3, ensure_ascii=True).encode()
    assert parse_trust(spread, ROOT.public_key) == BUNDLE


def test_a_time_of_another_zone_is_written_in_utc() -> None:
    east = BUNDLE.issued.astimezone(timezone(timedelta(hours=8)))
    assert format_trust(replace(BUNDLE, issued=east), ROOT) == SIGNED


@pytest.mark.parametrize(("attack", "text"), list(mistrusted()), ids=lambda value: value[:60])
def test_refuses_a_bundle(attack: str, text: str) -> None:
    with pytest.raises(TrustError):
        parse_trust(text.encode(), ROOT.public_key)


def test_refuses_a_bundle_that_another_root_signed() -> None:
    own = format_trust(replace(BUNDLE, root_key=OTHER_ROOT.public_key), OTHER_ROOT)
    with pytest.raises(TrustError, match="the pinned one"):
        parse_trust(own, ROOT.public_key)
    assert parse_trust(own).root_key == OTHER_ROOT.public_key  # right only for a file that is itself the pin


def test_signs_only_with_the_root_that_the_bundle_names() -> None:
    with pytest.raises(ValueError, match="not the root"):
        format_trust(BUNDLE, OTHER_ROOT)


def test_refuses_a_bundle_larger_than_the_limit_unread() -> None:
    with pytest.raises(TrustError, match="at most"):
        parse_trust(b" " * (MAX_BUNDLE_BYTES + 1))


@pytest.mark.parametrize(
    "data",
    [
        b"\xff",
        SIGNED.decode().encode("utf-16"),
        b"\xef\xbb\xbf" + SIGNED,
        b"[" * 100_000,
        SIGNED.replace(b'"version":3', b'"version":NaN'),
        SIGNED.replace(b'"version":3', b'"version":3e0'),
        SIGNED.replace(b'"version":3', b'"version":' + b"9" * 5000),
        SIGNED.replace(b'"version":3', b'"version":"3"'),
        SIGNED.replace(b"Example Distillery", rb"\ud800"),
        SIGNED.replace(b'"name":"Example Distillery"', b'"name":7'),
        SIGNED.replace(b'"slot":7', b'"slot":true'),
        SIGNED + b"{}",
    ],
    ids=range(12),
)
def test_hostile_bytes_raise_only_our_error(data: bytes) -> None:
    with pytest.raises(TrustError):
        parse_trust(data)


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_raise_only_our_error(data: bytes) -> None:
    with pytest.raises(TrustError):
        parse_trust(data)


@given(st.data())
def test_a_bundle_with_any_value_exchanged_raises_only_our_error(data: st.DataObject) -> None:
    document: Any = json.loads(SIGNED)
    part = document
    while isinstance(part, dict | list) and part:
        step = data.draw(st.sampled_from(sorted(part) if isinstance(part, dict) else range(len(part))))
        if data.draw(st.booleans()) or not isinstance(part[step], dict | list) or not part[step]:
            former, part[step] = part[step], data.draw(JUNK)
            if part[step] == former and type(part[step]) is type(former):
                return
            break
        part = part[step]
    with pytest.raises(TrustError):
        parse_trust(json.dumps(document).encode(), ROOT.public_key)


JUNK = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=3)
    | st.lists(st.integers(), max_size=1)
    | st.dictionaries(st.text(max_size=2), st.integers(), max_size=1)
)


def test_is_stale_from_its_last_moment_on() -> None:
    assert not BUNDLE.is_stale(BUNDLE.expires - timedelta(seconds=1))
    assert BUNDLE.is_stale(BUNDLE.expires)


def test_finds_the_owner_by_prefix_or_by_gtin_and_nobody_else() -> None:
    assert BUNDLE.issuer(parse_gtin(BOTTLE)) is DISTILLERY
    assert BUNDLE.issuer(parse_gtin("19506000134359")) is DISTILLERY  # a case of them: another first digit
    assert BUNDLE.issuer(parse_gtin("04012345678901")) is CLINIC
    assert BUNDLE.issuer(parse_gtin("04012345678918")) is None


def test_a_gtin_8_is_owned_by_itself_only() -> None:
    zeros = replace(DISTILLERY, prefixes=("0000",))
    assert bundle_of(zeros).issuer(parse_gtin(EIGHT)) is None
    assert bundle_of(zeros, CLINIC).issuer(parse_gtin(EIGHT)) is CLINIC


@pytest.mark.parametrize(
    ("prefixes", "gtins"),
    [
        (("9506000", "9506000"), ()),
        (("9506000", "95060001"), ()),
        (("9506000",), (BOTTLE,)),
        ((), (BOTTLE, BOTTLE)),
    ],
)
def test_refuses_a_cover_taken_twice_even_by_one_issuer(
    prefixes: tuple[str, ...], gtins: tuple[str, ...]
) -> None:
    twice = Issuer(name="X", prefixes=prefixes, gtins=tuple(parse_gtin(gtin) for gtin in gtins))
    with pytest.raises(TrustError, match=r"two owners|listed too"):
        bundle_of(twice)


def test_neighbouring_prefixes_do_not_overlap() -> None:
    near = replace(CLINIC, prefixes=("9506001", "950600"[:5] + "1"))
    assert bundle_of(DISTILLERY, near).issuer(parse_gtin(BOTTLE)) is DISTILLERY


def test_finds_a_key_by_its_slot() -> None:
    assert DISTILLERY.key(7) == DISTILLERY.keys[1]
    assert DISTILLERY.key(8) is None


def test_knows_all_hosts() -> None:
    assert BUNDLE.hosts == {"ID.EXAMPLE.COM", "XN--FIQS8S.EXAMPLE", "T.EXAMPLE.ORG:8443", "127.0.0.1:8000"}


@pytest.mark.parametrize(
    ("status", "revoked_at"),
    [(KeyStatus.REVOKED, None), (KeyStatus.ACTIVE, datetime(2026, 1, 1, tzinfo=UTC))],
)
def test_a_date_of_revocation_belongs_to_a_revoked_key(
    status: KeyStatus, revoked_at: datetime | None
) -> None:
    key = replace(DISTILLERY.keys[0], status=status, revoked_at=revoked_at)
    with pytest.raises(TrustError, match="revoked at"):
        bundle_of(replace(DISTILLERY, keys=(key,)))
