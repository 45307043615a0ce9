"""What anchoring costs on a real VeChainThor node of this machine: how soon, how many bytes, how much gas a tag."""

import os
import statistics
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from bench.figure import Figure
from tagcore.checkpoint import Checkpoint
from tagserver.chain.transport import Transport
from tagserver.chain.vechain import Network, VeChain
from tagserver.chain.vechain_node import ThorNode
from tagserver.keystore.chain_key import OpenedChainKey
from tagserver.ports import KeyId
from tagserver.ports.anchors import Anchor, AnchorState
from tagserver.services.anchor_plan import Plan
from tagserver.services.anchoring import Anchoring
from tagserver.store import SqlStore, open_engine, upgrade

THOR = Path(__file__).parents[1] / "build" / "go" / "thor"
PORT = 28_669
TIMES = 9
HASH_BYTES = 32

KEY = OpenedChainKey(
    KeyId("solo"), bytes.fromhex("99f0500549792796c14fed62011a51081dc5b5e68fe8bd8a13b86be829c4fd36")
)
"""The first of thor solo's prefunded accounts, published with its source."""


class Log:
    """A published log that grows when it is told to."""

    def __init__(self) -> None:
        self.current: Checkpoint | None = None

    def newest(self) -> Checkpoint | None:
        """What is to be anchored."""
        return self.current

    def grow(self) -> int:
        """The next size; a root that nobody has seen."""
        size = 1 if self.current is None else self.current.size + 1
        root = sha256(os.urandom(32)).digest()
        self.current = Checkpoint(origin="id.example.com/log", size=size, root=root)
        return size


def figures() -> Iterator[Figure]:
    """Seconds until the node has it; bytes and gas a tag for three sizes of batch; gas of a transaction a tag."""
    if not THOR.is_file():
        raise SystemExit("bench chain needs VeChainThor's node: make thor")
    with TemporaryDirectory() as folder, _thor(Path(folder)) as node:
        store = _store(Path(folder))
        log, backend = Log(), _backend(node)
        anchors = [_anchored(store, log, backend) for _ in range(TIMES)]
        gas = _gas(node, anchors[-1][1])
        single = backend.sign(os.urandom(HASH_BYTES), replacing=(), after=None)
        backend.submit(single)
        single_gas = _gas_of(node, single.id)
    seconds = statistics.median(seconds for seconds, _ in anchors)
    size = len(anchors[-1][1].attempts[0].signed.raw)
    yield Figure(
        figure="checkpoint_to_submitted_seconds",
        value=seconds,
        unit="s",
        against="thor solo on this machine, SQLite; signed bytes stored first",
    )
    yield Figure(
        figure="chain_bytes_per_tag_1", value=size / 1, unit="B", against="a batch of 1 tag in one checkpoint"
    )
    yield Figure(
        figure="chain_gas_per_tag_1", value=gas / 1, unit="gas", against="a batch of 1 tag in one checkpoint"
    )
    yield Figure(
        figure="chain_bytes_per_tag_1000",
        value=size / 1_000,
        unit="B",
        against="a batch of 1,000 tags in one checkpoint",
    )
    yield Figure(
        figure="chain_gas_per_tag_1000",
        value=gas / 1_000,
        unit="gas",
        against="a batch of 1,000 tags in one checkpoint",
    )
    yield Figure(
        figure="chain_bytes_per_tag_1000000",
        value=size / 1_000_000,
        unit="B",
        against="a batch of 1,000,000 tags in one checkpoint",
    )
    yield Figure(
        figure="chain_gas_per_tag_1000000",
        value=gas / 1_000_000,
        unit="gas",
        against="a batch of 1,000,000 tags in one checkpoint",
    )
    yield Figure(
        figure="chain_gas_transaction_a_tag",
        value=single_gas,
        unit="gas",
        against="one transaction with a tag's hash (32 bytes), measured on the same node",
    )


def _anchored(store: SqlStore, log: Log, backend: VeChain) -> tuple[float, Anchor]:
    """Seconds from the moment at which a checkpoint is there until the node has taken its transaction."""
    plan = Plan(interval=timedelta(0), finality_alarm=timedelta(days=1), required=1)
    anchoring = Anchoring(
        store=store,
        checkpoints=log,
        backends=lambda: (backend,),
        plan=plan,
        places={},
        root_at=lambda _: bytes(32),
        clock=_now,
    )
    size = log.grow()
    started = time.perf_counter()
    anchoring.run(owner="bench", now_due=True)
    seconds = time.perf_counter() - started
    anchor = anchoring.find("vechain", size)
    if anchor.state is not AnchorState.SUBMITTED:
        raise RuntimeError(f"the anchor is {anchor.state}: {anchoring.statuses()}")
    anchoring.run(owner="bench", now_due=True)
    return seconds, anchor


def _backend(node: str) -> VeChain:
    genesis = httpx.get(f"{node}/blocks/0").json()["id"]
    network = Network(genesis=genesis, expiration_blocks=720, max_lag=timedelta(0))
    nodes = (ThorNode(Transport(node, backend="vechain")),)
    return VeChain(nodes, network, key=lambda: KEY, clock=_now, random_bytes=os.urandom)


def _store(folder: Path) -> SqlStore:
    engine = open_engine(f"sqlite:///{folder / 'origintag.db'}")
    upgrade(engine)
    return SqlStore(engine)


def _gas(node: str, anchor: Anchor) -> int:
    return _gas_of(node, anchor.attempts[0].signed.id)


def _gas_of(node: str, tx_id: str) -> int:
    receipt = httpx.get(f"{node}/transactions/{tx_id}/receipt").json()
    return int(receipt["gasUsed"])


def _now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def _thor(folder: Path) -> Iterator[str]:
    """A node of its own, until the block ends."""
    address = f"127.0.0.1:{PORT}"
    command = [str(THOR), "solo", "--on-demand", "--persist", "--data-dir", str(folder / "thor")]
    (folder / "thor").mkdir()
    options = ["--api-addr", address, "--cache", "128", "--api-enable-txpool"]
    process = subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield _ready(f"http://{address}", process)
    finally:
        process.terminate()
        process.wait(20)


def _ready(node: str, process: subprocess.Popen[bytes]) -> str:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            httpx.get(f"{node}/blocks/0")
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return node
    raise RuntimeError("thor does not answer")
