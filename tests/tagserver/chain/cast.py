"""Who anchors in these tests: a settled log, a store, and one backend at a real node."""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from tagcore.checkpoint import Checkpoint
from tagcore.commitment import commitment_of, format_commitment
from tagserver.chain.evm import Evm
from tagserver.chain.evm import Network as EvmNetwork
from tagserver.chain.evm_node import EvmNode
from tagserver.chain.secp256k1 import address_of
from tagserver.chain.transport import Transport
from tagserver.chain.vechain import Network as ThorNetwork
from tagserver.chain.vechain import VeChain
from tagserver.chain.vechain_node import ThorNode
from tagserver.keystore.chain_key import OpenedChainKey
from tagserver.ports import KeyId, Store
from tagserver.ports.anchors import Anchor, AnchorBackend, BackendStatus
from tagserver.services.anchor_plan import Limits, Plan
from tagserver.services.anchor_receipts import Place
from tagserver.services.anchoring import Anchoring
from tests.chains import SOLO_KEY, Anvil, Node

ORIGIN = "id.example.com/log"
WORKER = "worker-1"
PLACES = {
    "vechain": Place(network="solo", genesis=f"0x{'1' * 64}", explorer="https://explorer.test/{transaction}"),
    "evm": Place(network="anvil", genesis=f"0x{'2' * 64}"),
}

_numbers = itertools.count(1)


class Clock:
    """The real clock, which a test may put forward."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def checkpoint(size: int, *, root: bytes | None = None) -> Checkpoint:
    return Checkpoint(origin=ORIGIN, size=size, root=root or sha256(b"root %d" % size).digest())


def commitment(size: int = 1) -> bytes:
    return format_commitment(commitment_of(checkpoint(size)))


def unique_commitment() -> bytes:
    return commitment(next(_numbers) + int.from_bytes(os.urandom(4), "big"))


def new_key(name: str = "chain-1") -> OpenedChainKey:
    return OpenedChainKey(KeyId(name), os.urandom(32))


def address(key: OpenedChainKey) -> str:
    return f"0x{address_of(key.public_key).hex()}"


def transport(url: str, backend: str, *, timeout_seconds: float = 5) -> Transport:
    return Transport(url, backend=backend, timeout_seconds=timeout_seconds)


def evm(
    node: Anvil,
    *urls: str,
    key: OpenedChainKey,
    clock: Clock | None = None,
    genesis: str | None = None,
    chain_id: int | None = None,
    max_lag: timedelta = timedelta(0),
    replace_after: timedelta = timedelta(minutes=5),
) -> Evm:
    """At these addresses, or at the node itself."""
    network = EvmNetwork(
        genesis=genesis or node.genesis,
        chain_id=chain_id or node.chain_id,
        max_lag=max_lag,
        replace_after=replace_after,
    )
    nodes = tuple(EvmNode(transport(url, "evm")) for url in urls or (node.url,))
    return Evm(nodes, network, key=lambda: key, clock=clock or Clock())


def vechain(
    node: Node,
    *urls: str,
    key: OpenedChainKey | None = None,
    clock: Clock | None = None,
    genesis: str | None = None,
    expiration_blocks: int = 32,
    max_lag: timedelta = timedelta(0),
) -> VeChain:
    """At these addresses, or at the node itself; with solo's prefunded key."""
    network = ThorNetwork(
        genesis=genesis or node.genesis, expiration_blocks=expiration_blocks, max_lag=max_lag
    )
    nodes = tuple(ThorNode(transport(url, "vechain")) for url in urls or (node.url,))
    signer = key or OpenedChainKey(KeyId("solo"), SOLO_KEY)
    return VeChain(nodes, network, key=lambda: signer, clock=clock or Clock(), random_bytes=os.urandom)


@dataclass(kw_only=True)
class Log:
    """The published log, as far as anchoring asks; the tests let it grow."""

    current: Checkpoint | None = None
    roots: dict[int, bytes] = field(default_factory=dict)

    def newest(self) -> Checkpoint | None:
        return self.current

    def root_at(self, size: int) -> bytes:
        return self.roots[size]

    def grow(self, size: int, *, root: bytes | None = None) -> None:
        self.current = checkpoint(size, root=root)
        self.roots[size] = self.current.root


@dataclass(kw_only=True)
class Office:
    """Anchoring over a store, at some backends."""

    store: Store
    backends: tuple[AnchorBackend, ...]
    clock: Clock = field(default_factory=Clock)
    log: Log = field(default_factory=Log)
    limits: dict[str, Limits] = field(default_factory=dict)
    interval: timedelta = timedelta(0)
    finality_alarm: timedelta = timedelta(hours=3)

    @property
    def anchoring(self) -> Anchoring:
        """A new one each time, as after a restart: nothing is kept but what is stored."""
        plan = Plan(
            interval=self.interval, finality_alarm=self.finality_alarm, required=1, limits=self.limits
        )
        return Anchoring(
            store=self.store,
            checkpoints=self.log,
            backends=lambda: self.backends,
            plan=plan,
            places=PLACES,
            root_at=self.log.root_at,
            clock=self.clock,
        )

    def run(self, owner: str = WORKER) -> None:
        self.anchoring.run(owner=owner, now_due=True)

    def anchor(self, size: int, backend: str | None = None) -> Anchor:
        return self.anchoring.find(backend or self.backends[0].name, size)

    @property
    def status(self) -> BackendStatus:
        (status,) = self.anchoring.statuses()
        return status
