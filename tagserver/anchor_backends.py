"""Anchoring as the settings ask for it: the backends that are configured, and the plan that they follow.

A chain's packages are an extra; without it the journal alone is there.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate, ObjectIdentifier, load_pem_x509_certificates

from tagcore.log_trust import AnchorPolicy, PinnedChain
from tagcore.receipts import Backend, ChainBackend
from tagserver.chain.journal import Journal
from tagserver.config import ConfigCode, ConfigError, Settings
from tagserver.ports import (
    AnchorCode,
    AnchorError,
    ChainKey,
    Clock,
    KeyId,
    KeyPurpose,
    Keystore,
    KeystoreCode,
    KeystoreError,
    SigningKey,
)
from tagserver.ports.anchors import AnchorBackend
from tagserver.services.anchor_plan import Limits, Plan
from tagserver.services.anchor_receipts import Place

WEI = 10**18


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainKeys:
    """The keys that pay for anchors: `<backend>-<number>`, of which the newest signs; and the journal's own."""

    keystore: Keystore
    clock: Clock

    def create(self, backend: str) -> ChainKey:
        """The next one. From now on it signs; what the former ones signed stays good. Raises: KeystoreError."""
        number = self._newest(backend, KeyPurpose.CHAIN) + 1
        return self.keystore.create_chain_key(KeyId(f"{backend}-{number}"), at=self.clock())

    def newest(self, backend: str) -> ChainKey:
        """Raises: KeystoreError KEY_MISSING before the first."""
        number = self._newest(backend, KeyPurpose.CHAIN)
        return self.keystore.chain_key(KeyId(f"{backend}-{max(1, number)}"))

    def all(self) -> tuple[tuple[KeyId, bytes], ...]:
        """Ids and public keys (65 bytes), in order of id; needs no passphrase."""
        return tuple(
            (key.id, key.public_key or b"")
            for key in self.keystore.keys()  # noqa: SIM118 - a keystore is no dict
            if key.purpose is KeyPurpose.CHAIN
        )

    def journal(self) -> SigningKey:
        """Made when it is first needed: there is nothing to decide about it."""
        number = self._newest("journal", KeyPurpose.JOURNAL)
        if number == 0:
            try:
                return self.keystore.create_signing_key(
                    KeyId("journal-1"), KeyPurpose.JOURNAL, at=self.clock()
                )
            except KeystoreError as error:
                if error.code is not KeystoreCode.KEY_EXISTS:
                    raise  # else another process was faster
        return self.keystore.signing_key(KeyId(f"journal-{max(1, number)}"), KeyPurpose.JOURNAL)

    def journal_public_key(self) -> bytes | None:
        """32 bytes; None before the first line. Needs no passphrase."""
        number = self._newest("journal", KeyPurpose.JOURNAL)
        return next(
            (
                key.public_key
                for key in self.keystore.keys()  # noqa: SIM118 - a keystore is no dict
                if key.id == f"journal-{number}"
            ),
            None,
        )

    def _newest(self, prefix: str, purpose: KeyPurpose) -> int:
        name = re.compile(rf"{re.escape(prefix)}-([1-9][0-9]*)", re.ASCII)
        found = (
            name.fullmatch(key.id)
            for key in self.keystore.keys()  # noqa: SIM118 - a keystore is no dict
            if key.purpose is purpose
        )
        return max((int(match[1]) for match in found if match), default=0)


def address_of(public_key: bytes) -> str:
    """0x and 40 hex digits: where money for this key (65 bytes) is sent."""
    from tagserver.chain import secp256k1

    return f"0x{secp256k1.address_of(public_key).hex()}"


def plan_of(settings: Settings) -> Plan:
    """When to anchor and within which means."""
    return Plan(
        interval=timedelta(seconds=settings.anchor_interval_seconds),
        finality_alarm=timedelta(seconds=settings.anchor_finality_alarm_seconds),
        required=settings.anchor_required,
        limits={
            "vechain": Limits(
                spend_ceiling=_wei(settings.vechain_daily_ceiling),
                balance_alarm=_wei(settings.vechain_balance_alarm),
            ),
            "evm": Limits(
                spend_ceiling=_wei(settings.evm_daily_ceiling),
                balance_alarm=_wei(settings.evm_balance_alarm),
            ),
        },
    )


def places_of(settings: Settings) -> dict[str, Place]:
    """What receipts and pages call each chain."""
    return {
        "vechain": Place(
            network=settings.vechain_network,
            genesis=settings.vechain_genesis,
            explorer=settings.vechain_explorer,
        ),
        "evm": Place(
            network=settings.evm_network, genesis=settings.evm_genesis, explorer=settings.evm_explorer
        ),
    }


def policy_of(settings: Settings, keys: ChainKeys) -> AnchorPolicy:
    """What verifiers are told to believe. Raises: ConfigError when more is required than is configured."""
    chains = []
    if settings.vechain_nodes.reveal():
        chains.append(_pinned(Backend.VECHAIN, settings.vechain_network, settings.vechain_genesis))
    if settings.evm_nodes.reveal():
        chains.append(_pinned(Backend.EVM, settings.evm_network, settings.evm_genesis))
    roots = _roots(settings) if settings.rfc3161_url.reveal() else ()
    number = len(chains) + len(roots)
    if number and number < settings.anchor_required:
        problem = f"is {settings.anchor_required}, and {number} places outside are configured"
        raise ConfigError(ConfigCode.INVALID, "anchor_required", problem)
    return AnchorPolicy(
        threshold=settings.anchor_required if number else 0,
        chains=tuple(chains),
        authorities=tuple(root.public_bytes(Encoding.DER) for root in roots),
        journal=keys.journal_public_key(),
    )


def _pinned(backend: ChainBackend, network: str, genesis: str) -> PinnedChain:
    _require(f"{backend}_genesis", genesis)
    return PinnedChain(backend=backend, network=network, genesis=bytes.fromhex(genesis[2:]))


def backends_of(
    settings: Settings, journal: Path, keys: ChainKeys, clock: Clock
) -> Callable[[], tuple[AnchorBackend, ...]]:
    """Opens the backends, the journal last. Calling it raises: ConfigError, AnchorError NOT_CONFIGURED."""

    def open_all() -> tuple[AnchorBackend, ...]:
        found: list[AnchorBackend] = []
        if settings.vechain_nodes.reveal():
            found.append(_opened("vechain", lambda: _vechain(settings, keys, clock)))
        if settings.evm_nodes.reveal():
            found.append(_opened("evm", lambda: _evm(settings, keys, clock)))
        if settings.rfc3161_url.reveal():
            found.append(_opened("rfc3161", lambda: _time_stamping(settings)))
        return (*found, Journal(journal, key=keys.journal, clock=clock))

    return open_all


def _opened(name: str, build: Callable[[], AnchorBackend]) -> AnchorBackend:
    try:
        return build()
    except ImportError as error:
        problem = f"needs the extra chain: pip install 'origintag[chain]' ({error.name} is missing)"
        raise AnchorError(AnchorCode.NOT_CONFIGURED, name, problem) from None


def _vechain(settings: Settings, keys: ChainKeys, clock: Clock) -> AnchorBackend:
    from tagserver.chain.transport import Transport
    from tagserver.chain.vechain import Network, VeChain
    from tagserver.chain.vechain_node import ThorNode

    _require("vechain_genesis", settings.vechain_genesis)
    urls = settings.vechain_nodes.reveal().split()
    network = Network(
        genesis=settings.vechain_genesis,
        expiration_blocks=settings.vechain_expiration_blocks,
        max_lag=timedelta(seconds=settings.anchor_max_lag_seconds),
    )
    return VeChain(
        tuple(ThorNode(Transport(url, backend="vechain")) for url in urls),
        network,
        key=lambda: keys.newest("vechain"),
        clock=clock,
        random_bytes=secrets.token_bytes,
    )


def _evm(settings: Settings, keys: ChainKeys, clock: Clock) -> AnchorBackend:
    from tagserver.chain.evm import Evm, Network
    from tagserver.chain.evm_node import EvmNode
    from tagserver.chain.transport import Transport

    for name in ("evm_genesis", "evm_chain_id", "evm_network"):
        _require(name, getattr(settings, name))
    urls = settings.evm_nodes.reveal().split()
    network = Network(
        genesis=settings.evm_genesis,
        chain_id=settings.evm_chain_id,
        max_lag=timedelta(seconds=settings.anchor_max_lag_seconds),
        replace_after=timedelta(seconds=settings.evm_replace_after_seconds),
    )
    nodes = tuple(EvmNode(Transport(url, backend="evm")) for url in urls)
    return Evm(nodes, network, key=lambda: keys.newest("evm"), clock=clock)


def _time_stamping(settings: Settings) -> AnchorBackend:
    from tagserver.chain.rfc3161 import TimeStamping
    from tagserver.chain.transport import Transport

    policy = ObjectIdentifier(settings.rfc3161_policy) if settings.rfc3161_policy else None
    transport = Transport(settings.rfc3161_url.reveal(), backend="rfc3161")
    return TimeStamping(transport, roots=_roots(settings), policy=policy)


def _roots(settings: Settings) -> tuple[Certificate, ...]:
    path = settings.rfc3161_certificates
    if path is None:
        raise ConfigError(ConfigCode.MISSING, "rfc3161_certificates", "has to be given with rfc3161_url")
    try:
        return tuple(load_pem_x509_certificates(path.read_bytes()))
    except (OSError, ValueError) as error:
        problem = f"{path} is not a file of PEM certificates: {error}"
        raise ConfigError(ConfigCode.INVALID, "rfc3161_certificates", problem) from None


def _require(name: str, value: object) -> None:
    if not value:
        raise ConfigError(ConfigCode.MISSING, name, "has to be given for these nodes")


def _wei(amount: float) -> int:
    return int(Decimal(str(amount)) * WEI)
