import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagcore.errors import (
    ForeignCodeError,
    Gs1SyntaxError,
    GtinError,
    InputError,
    TagSyntaxError,
    UnsupportedFormatError,
)
from tagcore.gs1 import Gtin
from tagcore.identity import Identity
from tagcore.tag import (
    MAX_URL_LENGTH,
    Profile,
    Tag,
    canonical_case,
    format_path,
    format_url,
    is_host,
    leaf_bytes,
    parse_path,
    parse_url,
    signing_bytes,
    split_host,
)
from tests.tagcore.strategies import hosts, identities, tags

TAG = Tag(
    identity=Identity.checked(gtin="09506000134352", lot="LOT1", serial="4T7QMZ9C1R5KD", expiry=None, slot=3),
    signature=bytes(range(64)),
)
HOST = "ID.EXAMPLE.COM"
LINK = format_url(TAG, HOST, Profile.DIGITAL_LINK)
COMPACT = format_url(TAG, HOST, Profile.COMPACT)


@given(tags, hosts, st.sampled_from(Profile))
def test_every_tag_round_trips_in_both_profiles(tag: Tag, host: str, profile: Profile) -> None:
    url = format_url(tag, host, profile)
    assert parse_url(url) == (host, profile, tag)
    assert parse_path(format_path(tag, profile)) == (profile, tag)
    assert len(url) <= MAX_URL_LENGTH


def parses_canonically_or_refuses(text: str) -> None:
    try:
        host, profile, tag = parse_url(text)
    except InputError:
        return
    assert format_url(tag, host, profile) == text


@given(st.text())
def test_any_text_parses_canonically_or_raises_an_input_error(text: str) -> None:
    parses_canonically_or_refuses(text)
    parses_canonically_or_refuses("HTTPS://A/" + text)


@given(st.binary())
def test_any_bytes_parse_canonically_or_raise_an_input_error(data: bytes) -> None:
    parses_canonically_or_refuses(data.decode("latin-1"))
    parses_canonically_or_refuses(data.decode("utf-8", "surrogateescape"))


MUTATIONS = [
    lambda text, at, char: text[:at] + char + text[at:],
    lambda text, at, char: text[:at] + char + text[at + 1 :],
    lambda text, at, _: text[:at] + text[at + 1 :],
    lambda text, at, _: text[:at] + text[at:].swapcase(),
    lambda text, at, _: text[:at] + f"%{ord(text[at]) % 256:02X}" + text[at + 1 :],
    lambda text, at, _: text[:at] + f"%{ord(text[at]) % 256:02x}" + text[at + 1 :],
    lambda text, at, _: text + text[at:],
    lambda text, at, _: text[:at],
    lambda text, at, _: text.replace(text[at], text[at] * 2),
    lambda text, *_: text + "/",
    lambda text, *_: text + "\n",
    lambda text, *_: text.replace("s=", "s=0"),
    lambda text, *_: text + "&" + text.partition("?")[2],
    lambda text, at, _: text[:at] + chr(0x660 + ord(text[at]) % 10) + text[at + 1 :],
]


@given(tags, st.sampled_from(Profile), st.data())
def test_a_mutated_url_parses_canonically_or_raises_an_input_error(
    tag: Tag, profile: Profile, data: st.DataObject
) -> None:
    text = format_url(tag, HOST, profile)
    for _ in range(data.draw(st.integers(1, 3))):
        mutate = data.draw(st.sampled_from(MUTATIONS))
        at = data.draw(st.integers(0, max(0, len(text) - 1)))
        text = mutate(text or "x", at, data.draw(st.characters()))
        parses_canonically_or_refuses(text)


@given(identities, identities)
def test_no_two_identities_share_their_signed_bytes(one: Identity, other: Identity) -> None:
    assert (signing_bytes(one) == signing_bytes(other)) == (one == other)


def test_the_signed_bytes_keep_lot_and_serial_apart() -> None:
    moved = replace(TAG.identity, lot="LOT14", serial="T7QMZ9C1R5KD")
    assert signing_bytes(moved) != signing_bytes(TAG.identity)


def test_the_leaf_holds_the_signature_too() -> None:
    assert leaf_bytes(TAG) == signing_bytes(TAG.identity) + TAG.signature


def test_a_signature_has_64_bytes() -> None:
    with pytest.raises(ValueError, match="63 bytes, want 64"):
        Tag(identity=TAG.identity, signature=bytes(63))


# ---- hosts and case


@pytest.mark.parametrize(
    "host", ["A", "ID.EXAMPLE.COM", "127.0.0.1:8000", "XN--FIQS8S", "A" * 63 + ".B", ".".join(["A" * 62] * 4)]
)
def test_knows_a_host(host: str) -> None:
    assert is_host(host)
    assert split_host(f"HTTPS://{host}/x") == (host, "/x")


TOO_LONG = ".".join(["A" * 62] * 4) + ".BC"


@pytest.mark.parametrize(
    "host",
    [
        *("", "id.example.com", "-A", "A-", "A..B", ".A", "A.", "A_B", "A:", "A:0", "A:123456", "A:80:80"),
        *("A@B", "A" * 64, TOO_LONG, "A\n", "É"),
    ],
)
def test_knows_what_is_no_host(host: str) -> None:
    assert not is_host(host)
    with pytest.raises(ForeignCodeError):
        parse_url(f"HTTPS://{host}{format_path(TAG, Profile.COMPACT)}")


def test_prints_no_url_under_what_is_no_host() -> None:
    with pytest.raises(ValueError, match="want a host name"):
        format_url(TAG, "id.example.com/x", Profile.COMPACT)


def test_prints_the_host_in_upper_case() -> None:
    assert format_url(TAG, "id.example.com", Profile.COMPACT) == COMPACT


@given(tags, hosts, st.sampled_from(Profile))
def test_mends_the_case_that_browsers_hand_on(tag: Tag, host: str, profile: Profile) -> None:
    url = format_url(tag, host, profile)
    assert canonical_case(url.replace("HTTPS", "https").replace(host, host.lower(), 1)) == url
    assert canonical_case(url) == url


@pytest.mark.parametrize(
    "start",
    ["HtTpS://ID.EXAMPLE.COM", "https://ID.EXAMPLE.COM", "HTTPS://id.example.com", "https://Id.example.com"],
)
def test_mends_no_mixed_case(start: str) -> None:
    text = LINK.replace("HTTPS://ID.EXAMPLE.COM", start)
    assert canonical_case(text) == text
    with pytest.raises(ForeignCodeError):
        parse_url(text)


def test_looks_at_no_text_that_is_longer_than_any_tag() -> None:
    text = "https://id.example.com/" + "1" * MAX_URL_LENGTH
    assert canonical_case(text) == text
    with pytest.raises(ForeignCodeError):
        split_host(text.upper())


# ---- GS1's rules, one attack each


def bent(old: str, new: str) -> str:
    assert old in LINK
    return LINK.replace(old, new)


def test_rejects_a_gtin_that_is_not_14_digits() -> None:
    with pytest.raises(TagSyntaxError):
        parse_url(bent("/01/0", "/01/"))


def test_rejects_a_wrong_check_digit() -> None:
    with pytest.raises(GtinError):
        parse_url(bent("09506000134352", "09506000134353"))


def test_rejects_an_unknown_application_identifier() -> None:
    with pytest.raises(TagSyntaxError):
        parse_url(bent("/10/LOT1", "/98/LOT1"))


def test_rejects_a_duplicate_application_identifier() -> None:
    with pytest.raises(TagSyntaxError):
        parse_url(bent("/10/LOT1", "/10/LOT1/10/LOT1"))


def test_rejects_lot_after_serial() -> None:
    with pytest.raises(TagSyntaxError):
        parse_url(bent("/10/LOT1/21/4T7QMZ9C1R5KD", "/21/4T7QMZ9C1R5KD/10/LOT1"))


def test_rejects_the_serial_as_a_query_attribute() -> None:
    with pytest.raises(TagSyntaxError):
        parse_url(bent("/21/4T7QMZ9C1R5KD?", "?21=4T7QMZ9C1R5KD&"))


def test_rejects_an_unknown_all_numeric_query_key() -> None:
    with pytest.raises(TagSyntaxError):
        parse_url(bent("?s=", "?99=1&s="))


def test_rejects_an_unknown_query_key() -> None:
    with pytest.raises(TagSyntaxError):
        parse_url(LINK + "&utm=1")


def test_rejects_a_duplicate_query_key() -> None:
    with pytest.raises(TagSyntaxError):
        parse_url(LINK + "&s=1")


def test_rejects_a_trailing_slash() -> None:
    with pytest.raises(TagSyntaxError):
        parse_url(bent("?s=", "/?s="))


def test_rejects_a_nul() -> None:
    with pytest.raises(Gs1SyntaxError):
        parse_url(bent("LOT1", "LOT%00"))


def test_rejects_empty_values() -> None:
    for text in (bent("LOT1", ""), bent("4T7QMZ9C1R5KD", ""), re.sub("s=.*", "s=", LINK)):
        with pytest.raises(TagSyntaxError):
            parse_url(text)


def test_rejects_characters_outside_set_82() -> None:
    for character in ("%20", "%40", "%C3%A9"):
        with pytest.raises(Gs1SyntaxError):
            parse_url(bent("LOT1", "LOT" + character))


def test_rejects_percent_encoding_of_what_needs_none() -> None:
    with pytest.raises(TagSyntaxError):
        parse_url(bent("LOT1", "LOT%31"))


def test_rejects_what_has_to_be_percent_encoded_and_is_not() -> None:
    with pytest.raises(TagSyntaxError):
        parse_url(bent("LOT1", "LOT+1"))


def test_a_plus_sign_is_itself_in_a_path_and_is_printed_encoded() -> None:
    tag = replace(TAG, identity=replace(TAG.identity, lot="A+B"))
    url = format_url(tag, HOST, Profile.DIGITAL_LINK)
    assert "/10/A%2BB/" in url
    assert parse_url(url)[2].identity.lot == "A+B"


# ---- formats


@pytest.mark.parametrize("profile", Profile)
@pytest.mark.parametrize("tag_format", [2, 3])
def test_asks_for_an_update_when_the_format_is_later(profile: Profile, tag_format: int) -> None:
    start, number = re.findall(r"(.*[=/])(\d+)$", format_url(TAG, HOST, profile))[0]
    with pytest.raises(UnsupportedFormatError, match=f"format {tag_format} is later"):
        parse_url(f"{start}{int(number) + (tag_format - 1) * 2**520}")


@pytest.mark.parametrize("profile", Profile)
def test_rejects_a_format_that_never_was(profile: Profile) -> None:
    start, number = re.findall(r"(.*[=/])(\d+)$", format_url(TAG, HOST, profile))[0]
    with pytest.raises(TagSyntaxError):
        parse_url(f"{start}{int(number) - 2**520}")


def test_the_longest_tag_is_no_longer_than_the_limit() -> None:
    identity = Identity.checked(gtin="09506000134352", lot="+" * 20, serial="+" * 20, expiry=None, slot=255)
    host = ".".join(["A" * 62] * 4) + "A:65535"
    url = format_url(
        Tag(identity=identity, signature=b"\xff" * 64), host[:251] + host[-6:], Profile.DIGITAL_LINK
    )
    assert len(url) + len("17=271231&") <= MAX_URL_LENGTH
    assert Gtin("09506000134352") in url
