from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagcore.evidence import NotOurs, Ours, Signature
from tagcore.reading import check_signature, read, read_path
from tagcore.reasons import Code
from tagcore.tag import Profile, format_path
from tests.vectors.cast import BUNDLE, CASES, CLINIC, DISTILLERY, NOW

CASE = CASES[0]
URL = CASE.url(Profile.COMPACT)


@given(st.text())
def test_any_text_is_read_as_something(text: str) -> None:
    assert isinstance(read(text, BUNDLE), NotOurs)
    assert isinstance(read("HTTPS://ID.EXAMPLE.COM/" + text, None), NotOurs)


@pytest.mark.parametrize("profile", Profile)
def test_reads_a_tag_under_its_issuers_host(profile: Profile) -> None:
    assert read(CASE.url(profile), BUNDLE) == Ours(tag=CASE.tag, profile=profile)


def test_a_tag_under_a_host_that_its_issuer_does_not_list_is_foreign() -> None:
    text = URL.replace("ID.EXAMPLE.COM", "T.EXAMPLE.ORG:8443")
    assert read(text, BUNDLE) == NotOurs(code=Code.FOREIGN_CODE, text=text, why="")


def test_a_tag_of_nobodys_gtin_is_read_for_its_signature_to_condemn() -> None:
    nobody = replace(CASE, gtin="09999999999994")
    reading = read(nobody.url(Profile.COMPACT), BUNDLE)
    assert isinstance(reading, Ours)
    assert check_signature(reading.tag, BUNDLE, NOW).outcome is Signature.KEY_UNKNOWN


def test_without_a_bundle_every_host_counts() -> None:
    assert isinstance(read(URL.replace("EXAMPLE.COM", "EXAMPLE.NET"), None), Ours)


def test_keeps_what_was_read_as_it_was_read() -> None:
    text = " https://id.example.com/9 "
    reading = read(text, BUNDLE)
    assert isinstance(reading, NotOurs)
    assert (reading.code, reading.text) == (Code.MALFORMED, text)


def test_only_ascii_white_space_is_taken_off() -> None:
    assert isinstance(read(f"\r\n\t {URL}\r\n\t ", BUNDLE), Ours)
    assert isinstance(read(URL + "\u00a0", BUNDLE), NotOurs)


def test_reads_a_path_that_came_to_its_host() -> None:
    path = format_path(CASE.tag, Profile.DIGITAL_LINK)
    assert read_path(path) == Ours(tag=CASE.tag, profile=Profile.DIGITAL_LINK)
    assert read_path("/x") == NotOurs(code=Code.MALFORMED, text="/x", why="neither profile's form")


def test_a_later_format_is_not_condemned() -> None:
    number = int(URL.rpartition("/")[2]) + 2**520
    reading = read_path(f"/{number}")
    assert isinstance(reading, NotOurs)
    assert reading.code is Code.CANNOT_CHECK


@pytest.mark.parametrize(
    ("slot", "now", "outcome"),
    [
        (0, NOW, Signature.VALID),
        (0, datetime(2025, 12, 31, tzinfo=UTC), Signature.KEY_UNKNOWN),  # before the key's window
        (0, datetime(2040, 1, 1, tzinfo=UTC), Signature.VALID),  # labels outlive keys
        (7, NOW, Signature.VALID),  # retired
        (9, NOW, Signature.KEY_REVOKED),
        (11, NOW, Signature.KEY_UNKNOWN),
        (12, NOW, Signature.KEY_UNKNOWN),
    ],
)
def test_checks_the_signature_with_the_slots_key(slot: int, now: datetime, outcome: Signature) -> None:
    finding = check_signature(replace(CASE, slot=slot).tag, BUNDLE, now)
    assert finding.outcome is outcome
    assert finding.issuer == ("" if outcome is Signature.KEY_UNKNOWN else DISTILLERY.name)


def test_another_producers_key_never_vouches() -> None:
    stolen = replace(CASE, gtin=CLINIC.gtins[0])  # signed by the distillery, for a product of the clinic
    assert check_signature(stolen.tag, BUNDLE, NOW).outcome is Signature.INVALID
