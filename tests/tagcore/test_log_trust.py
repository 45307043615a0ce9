import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tagcore.errors import DocumentError, TrustError
from tagcore.log_trust import AnchorPolicy, LogTrust, PinnedChain, log_trust_from_json, log_trust_to_json
from tagcore.receipts import Backend
from tagcore.trust import format_trust, parse_trust
from tests.vectors.cast import BUNDLE, ROOT
from tests.vectors.mislogged import ATTACKS, signed
from tests.vectors.proving import ETHER, LOG_TRUST, ORIGIN, THOR, TRUST, WITNESS_KEYS, log_key

CERTIFICATE = b"certificate"
FULL = replace(
    LOG_TRUST,
    anchors=AnchorPolicy(threshold=3, chains=(THOR, ETHER), authorities=(CERTIFICATE,), journal=bytes(32)),
)


@pytest.mark.parametrize("log", [LOG_TRUST, FULL, LogTrust(origin=ORIGIN, keys=(log_key(),))])
def test_a_log_reads_back(log: LogTrust) -> None:
    assert log_trust_from_json(log_trust_to_json(log)) == log


def test_a_bundle_with_logs_is_of_the_second_specification_and_one_without_of_the_first() -> None:
    for bundle, spec in ((TRUST, 2), (BUNDLE, 1)):
        data = format_trust(bundle, ROOT)
        assert json.loads(data)["signed"]["spec"] == spec
        assert parse_trust(data, ROOT.public_key) == bundle


def test_finds_the_log_by_its_origin() -> None:
    assert TRUST.log(ORIGIN) is LOG_TRUST
    assert TRUST.log("other") is None


def test_refuses_a_log_listed_twice() -> None:
    with pytest.raises(TrustError, match="listed twice"):
        replace(BUNDLE, logs=(LOG_TRUST, LOG_TRUST))


@pytest.mark.parametrize(
    ("attack", "keys"),
    [
        ("no key", ()),
        ("one twice", (log_key(), log_key())),
        ("another name", (log_key(origin="other"),)),
        ("a witness's key", (replace(WITNESS_KEYS[0], name=ORIGIN),)),
    ],
)
def test_refuses_a_log(attack: str, keys: Any) -> None:  # noqa: ANN401 (parametrised)
    with pytest.raises(ValueError, match="log"):
        LogTrust(origin=ORIGIN, keys=keys)


@pytest.mark.parametrize(
    ("attack", "make"),
    [
        ("0 of 1", lambda: AnchorPolicy(chains=(THOR,))),
        ("2 of 1", lambda: AnchorPolicy(threshold=2, chains=(THOR,))),
        ("1 of none", lambda: AnchorPolicy(threshold=1)),
        ("a journal counts", lambda: AnchorPolicy(threshold=1, journal=bytes(32))),
        (
            "a network twice",
            lambda: AnchorPolicy(threshold=1, chains=(THOR, replace(THOR, genesis=bytes(32)))),
        ),
        ("an authority twice", lambda: AnchorPolicy(threshold=1, authorities=(CERTIFICATE, CERTIFICATE))),
    ],
)
def test_refuses_an_anchor_policy(attack: str, make: Callable[[], AnchorPolicy]) -> None:
    with pytest.raises(ValueError, match=r"anchors|twice"):
        make()


@pytest.mark.parametrize("attack", ATTACKS)
def test_refuses_a_bundle_although_its_root_signed_it(attack: str) -> None:
    with pytest.raises(TrustError):
        parse_trust(signed(ATTACKS[attack]), ROOT.public_key)


def test_the_change_alone_is_what_is_refused() -> None:
    assert parse_trust(signed(lambda _: None), ROOT.public_key) == TRUST


def test_refuses_a_log_that_is_no_object() -> None:
    with pytest.raises(DocumentError):
        log_trust_from_json([])


def test_a_chain_is_pinned_by_backend_name_and_genesis() -> None:
    assert (
        replace(THOR, backend=Backend.EVM)
        != THOR
        == PinnedChain(backend=Backend.VECHAIN, network="test", genesis=THOR.genesis)
    )
