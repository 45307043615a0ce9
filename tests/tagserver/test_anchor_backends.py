"""Anchoring as settings ask for it: keys that pay, places, what verifiers are told, and what is refused."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate

from tagcore.receipts import Backend
from tagserver.anchor_backends import ChainKeys, address_of, backends_of, places_of, plan_of, policy_of
from tagserver.config import ConfigCode, ConfigError, Secret, Settings, load_settings
from tagserver.keystore import KeyDirectory, ScryptCost
from tagserver.ports import KeyPurpose, KeystoreCode, KeystoreError
from tests.tagserver.test_config import GIVEN, write
from tests.tsa import Authority

NOW = datetime(2026, 7, 1, tzinfo=UTC)
GENESIS = f"0x{'0a' * 32}"
THOR = {
    "VECHAIN_NODES": "http://127.0.0.1:1 http://127.0.0.1:2",
    "VECHAIN_NETWORK": "test",
    "VECHAIN_GENESIS": GENESIS,
}
ETHER = {
    "EVM_NODES": "http://127.0.0.1:3",
    "EVM_NETWORK": "own",
    "EVM_GENESIS": GENESIS,
    "EVM_CHAIN_ID": "1337",
}
AUTHORITY = {"RFC3161_URL": "http://127.0.0.1:4"}

Given = Callable[..., Settings]


def clock() -> datetime:
    return NOW


@pytest.fixture
def given(tmp_path: Path) -> Given:
    write(tmp_path, GIVEN)

    def load(*groups: dict[str, str], **more: str) -> Settings:
        values = {name: value for group in (*groups, more) for name, value in group.items()}
        return load_settings(tmp_path, {f"ORIGINTAG_{name}": value for name, value in values.items()})

    return load


@pytest.fixture
def keystore(tmp_path: Path) -> KeyDirectory:
    cheap = ScryptCost(n=2**10, r=1, p=1)
    return KeyDirectory.create(
        tmp_path / "keys", Secret("passphrase", "only for tests"), random=secrets.token_bytes, cost=cheap
    )


@pytest.fixture
def keys(keystore: KeyDirectory) -> ChainKeys:
    return ChainKeys(keystore=keystore, clock=clock)


def names(settings: Settings, keys: ChainKeys, tmp_path: Path) -> list[str]:
    return [backend.name for backend in backends_of(settings, tmp_path / "journal", keys, clock)()]


def refused(settings: Settings, keys: ChainKeys, tmp_path: Path) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        names(settings, keys, tmp_path)
    return caught.value


def test_the_newest_key_of_each_kind_pays_and_the_others_stay(keys: ChainKeys) -> None:
    with pytest.raises(KeystoreError) as caught:
        keys.newest("evm")
    assert caught.value.code is KeystoreCode.KEY_MISSING
    made = [keys.create("evm"), keys.create("vechain"), *(keys.create("evm") for _ in range(10))]
    assert keys.newest("evm").public_key == made[-1].public_key
    assert keys.newest("evm").id == "evm-11"
    assert keys.newest("vechain").public_key == made[1].public_key
    assert dict(keys.all()) == {key.id: key.public_key for key in made}
    assert len({address_of(key.public_key) for key in made}) == 12


def test_the_journal_s_key_is_made_once_when_it_is_needed(keys: ChainKeys, keystore: KeyDirectory) -> None:
    assert keys.journal_public_key() is None
    first = keys.journal()
    assert keys.journal().public_key == first.public_key == keys.journal_public_key()
    assert keys.all() == (), "it pays for nothing"
    newer = keystore.create_signing_key(first.id.__class__("journal-2"), KeyPurpose.JOURNAL, at=NOW)
    assert keys.journal().public_key == newer.public_key == keys.journal_public_key()


def test_without_settings_there_is_the_journal_alone(given: Given, keys: ChainKeys, tmp_path: Path) -> None:
    assert names(given(), keys, tmp_path) == ["journal"]
    policy = policy_of(given(), keys)
    assert (policy.threshold, policy.chains, policy.authorities) == (0, (), ())


def test_each_place_that_is_configured_is_opened_the_journal_last(
    given: Given, keys: ChainKeys, tmp_path: Path, authority: Authority
) -> None:
    stamps = {**AUTHORITY, "RFC3161_CERTIFICATES": str(authority.root)}
    settings = given(THOR, ETHER, stamps, ANCHOR_REQUIRED="3")
    assert names(settings, keys, tmp_path) == ["vechain", "evm", "rfc3161", "journal"]
    policy = policy_of(settings, keys)
    pinned = [(chain.backend, chain.network, chain.genesis) for chain in policy.chains]
    genesis = bytes.fromhex(GENESIS[2:])
    assert pinned == [(Backend.VECHAIN, "test", genesis), (Backend.EVM, "own", genesis)]
    root = load_pem_x509_certificate(authority.root.read_bytes())
    assert (policy.threshold, policy.authorities) == (3, (root.public_bytes(Encoding.DER),))


@pytest.mark.parametrize(
    ("group", "missing"),
    [
        (ETHER, "EVM_GENESIS"),
        (ETHER, "EVM_CHAIN_ID"),
        (ETHER, "EVM_NETWORK"),
        (AUTHORITY, "RFC3161_CERTIFICATES"),
    ],
)
def test_no_chain_is_guessed(
    group: dict[str, str], missing: str, given: Given, keys: ChainKeys, tmp_path: Path
) -> None:
    settings = given({name: value for name, value in group.items() if name != missing})
    error = refused(settings, keys, tmp_path)
    assert (error.code, error.setting) == (ConfigCode.MISSING, missing.lower())


def test_certificates_that_are_none_are_refused(given: Given, keys: ChainKeys, tmp_path: Path) -> None:
    for contents in (None, b"no certificate"):
        path = tmp_path / "root.pem"
        if contents is not None:
            path.write_bytes(contents)
        error = refused(given(AUTHORITY, RFC3161_CERTIFICATES=str(path)), keys, tmp_path)
        assert (error.code, error.setting) == (ConfigCode.INVALID, "rfc3161_certificates")


def test_more_places_cannot_be_required_than_there_are(given: Given, keys: ChainKeys) -> None:
    with pytest.raises(ConfigError, match="1 places outside are configured") as caught:
        policy_of(given(THOR, ANCHOR_REQUIRED="2"), keys)
    assert caught.value.setting == "anchor_required"


def test_the_plan_counts_in_the_smallest_units(given: Given) -> None:
    plan = plan_of(given(VECHAIN_DAILY_CEILING="12.5", EVM_BALANCE_ALARM="0.1", ANCHOR_INTERVAL_SECONDS="60"))
    assert plan.interval == timedelta(minutes=1)
    assert plan.limits["vechain"].spend_ceiling == 125 * 10**17
    assert plan.limits["evm"].balance_alarm == 10**17
    assert places_of(given(THOR))["vechain"].genesis == GENESIS
