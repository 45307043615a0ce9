"""The offline verdict: what a signature alone can say, and that it never says more."""

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner import Symbol, verify
from tagcore.evidence import Cause
from tagcore.gs1 import parse_expiry
from tagcore.identity import Identity
from tagcore.keys import KeyStatus
from tagcore.reasons import Code, Level
from tagcore.tag import Profile, Tag, format_url, signing_bytes
from tests.scanner.cast import HOST, IDENTITY, NOW, PRODUCER, bundle, expired_url, forged_url, tag_url

SOMEWHERE = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))


@pytest.mark.parametrize("profile", Profile)
def test_a_right_signature_is_no_more_than_a_signature(profile: Profile) -> None:
    verdict = verify(tag_url(profile=profile), bundle(), NOW)
    assert (verdict.level, verdict.headline.code) == (Level.UNCHECKED, Code.SIGNATURE_ONLY)


def test_takes_a_symbol_as_well_as_its_text() -> None:
    symbol = Symbol(text=tag_url(), payload=b"", corners=SOMEWHERE, stage="zxing")
    assert verify(symbol, bundle(), NOW) == verify(tag_url(), bundle(), NOW)


def test_takes_the_lower_case_that_browsers_make() -> None:
    url = tag_url()
    lowered = url.replace(f"HTTPS://{HOST}", f"https://{HOST.lower()}")
    assert verify(lowered, bundle(), NOW).headline.code is Code.SIGNATURE_ONLY


def test_a_forged_signature_stops() -> None:
    verdict = verify(forged_url(), bundle(), NOW)
    assert (verdict.level, verdict.headline.code) == (Level.STOP, Code.SIGNATURE_INVALID)


CHANGED = [
    replace(IDENTITY, lot="LOT2"),
    replace(IDENTITY, serial="4T7QMZ9C1R5KE"),
    replace(IDENTITY, expiry=parse_expiry("280131")),
    replace(IDENTITY, expiry=None),
]


@pytest.mark.parametrize("identity", CHANGED, ids=["lot", "serial", "expiry", "no expiry"])
def test_one_changed_field_under_the_same_signature_stops(identity: Identity) -> None:
    tag = Tag(identity=identity, signature=PRODUCER.sign(signing_bytes(IDENTITY)))
    verdict = verify(format_url(tag, HOST, Profile.DIGITAL_LINK), bundle(), NOW)
    assert (verdict.level, verdict.headline.code) == (Level.STOP, Code.SIGNATURE_INVALID)


def test_a_slot_without_a_key_stops() -> None:
    verdict = verify(tag_url(identity=replace(IDENTITY, slot=2)), bundle(), NOW)
    assert (verdict.level, verdict.headline.code) == (Level.STOP, Code.KEY_UNKNOWN)


def test_a_revoked_key_stops() -> None:
    verdict = verify(tag_url(), bundle(status=KeyStatus.REVOKED), NOW)
    assert (verdict.level, verdict.headline.code) == (Level.STOP, Code.KEY_REVOKED)


def test_an_expired_unit_stops_even_offline() -> None:
    verdict = verify(expired_url(), bundle(), NOW)
    assert (verdict.level, verdict.headline.code) == (Level.STOP, Code.EXPIRED)


@pytest.mark.parametrize(
    "text", ["", "hello", "HTTPS://EVIL.EXAMPLE/01/09506000134352", "http://id.example.com/", "\x00\x1b[2J"]
)
def test_other_texts_are_foreign(text: str) -> None:
    verdict = verify(text, bundle(), NOW)
    assert (verdict.level, verdict.headline.code) == (Level.NOT_OURS, Code.FOREIGN_CODE)


def test_a_right_signature_under_another_host_is_foreign() -> None:
    assert verify(tag_url(host="ID.EVIL.EXAMPLE"), bundle(), NOW).headline.code is Code.FOREIGN_CODE


def test_our_host_with_another_path_is_malformed() -> None:
    assert verify(f"HTTPS://{HOST}/sale", bundle(), NOW).headline.code is Code.MALFORMED


def test_a_stale_bundle_cannot_check_but_still_finds_forgeries() -> None:
    late = NOW + timedelta(days=31)
    verdict = verify(tag_url(), bundle(), late)
    assert verdict.headline.code is Code.CANNOT_CHECK
    assert verdict.headline.detail["cause"] == Cause.STALE_TRUST
    assert verify(forged_url(), bundle(), late).level is Level.STOP


def test_an_outage_is_said() -> None:
    verdict = verify(tag_url(), bundle(), NOW, missing=Cause.OUTAGE)
    assert verdict.headline.code is Code.CANNOT_CHECK
    assert verdict.headline.detail["cause"] == Cause.OUTAGE


def test_without_trust_a_tag_cannot_be_checked_and_nothing_is_called_malformed() -> None:
    assert verify(tag_url(), None, NOW).headline.code is Code.CANNOT_CHECK
    assert verify(f"HTTPS://{HOST}/sale", None, NOW).headline.code is Code.FOREIGN_CODE


@given(st.text() | st.text(alphabet="HTPS:/.0123456789?=&ID").map(lambda tail: f"HTTPS://{HOST}/{tail}"))
def test_no_text_raises_or_matches(text: str) -> None:
    for trust in (bundle(), None):
        assert verify(text, trust, NOW).level in {Level.NOT_OURS, Level.UNCHECKED}


def test_importing_the_offline_part_loads_no_network() -> None:
    program = (
        "import sys; before = set(sys.modules); import scanner.verify\n"
        "sys.exit(sorted({'socket', 'ssl', 'httpx'} & set(sys.modules) - before) or 0)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
