"""Real nodes of the tests' own: VeChainThor alone (`thor solo`) and Ethereum-style (`anvil`)."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.parts import require_part
from tests.ports import answers, free_port, wait_for

PROJECT = Path(__file__).parents[1]
THOR = PROJECT / "build" / "go" / "thor"

SOLO_KEY = bytes.fromhex("99f0500549792796c14fed62011a51081dc5b5e68fe8bd8a13b86be829c4fd36")
"""The first of thor solo's prefunded accounts, published with its source."""


def require_thor() -> Path:
    """Thor's node. Without it the running test skips, or fails under REQUIRE_ALL=1."""
    require_part(THOR.is_file(), "VeChainThor's node", "make thor")
    return THOR


def require_anvil() -> Path:
    """Anvil, which npm brings for this machine."""
    found = sorted((PROJECT / "node_modules" / "@foundry-rs").glob("anvil-*/bin/anvil"))
    require_part(bool(found), "anvil", "make setup")
    return found[0]


def ask(url: str, body: object = None) -> object:
    """JSON from a node; a POST when there is a body."""
    data = None if body is None else json.dumps(body).encode()
    request = Request(url, data=data, headers={"Content-Type": "application/json"})
    with urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())


@dataclass(kw_only=True)
class Node:
    """A node's process, its port and what identifies its chain."""

    port: int
    genesis: str
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """Where to ask."""
        return f"http://127.0.0.1:{self.port}"


@dataclass(kw_only=True)
class Anvil(Node):
    """Anvil, with what its tests may tell it to do."""

    chain_id: int = 31_337

    def call(self, method: str, *params: object) -> object:
        """One JSON-RPC call. Raises AssertionError when it is refused."""
        answer = ask(self.url, {"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        assert isinstance(answer, dict)
        assert "error" not in answer, answer
        return answer["result"]

    def give(self, address: str, wei: int = 10**20) -> None:
        """Set a balance."""
        self.call("anvil_setBalance", address, hex(wei))


@contextmanager
def stopped_at_the_end(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """End the process with the block."""
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def running_anvil(*options: str, port: int | None = None) -> Iterator[Anvil]:
    """Anvil on an own chain; each transaction is mined at once unless `options` say otherwise."""
    port = port or free_port()
    program = require_anvil()
    # Two slots an epoch: what is four blocks deep is final.
    command = [str(program), "--port", str(port), "--silent", "--slots-in-an-epoch", "2", *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with stopped_at_the_end(process):
        wait_for(lambda: answers(port), "anvil")
        node = Anvil(port=port, genesis="", process=process)
        first = node.call("eth_getBlockByNumber", "0x0", False)
        assert isinstance(first, dict)
        node.genesis = first["hash"]
        yield node


@contextmanager
def running_solo(folder: Path, *options: str, port: int | None = None) -> Iterator[Node]:
    """Thor alone: every transaction makes a block, and keeps it in `folder`."""
    port = port or free_port()
    command = [
        str(require_thor()),
        "solo",
        "--on-demand",
        "--persist",
        "--data-dir",
        str(folder),
        "--api-addr",
        f"127.0.0.1:{port}",
        "--cache",
        "128",
        "--api-enable-txpool",
        *options,
    ]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    with stopped_at_the_end(process):
        wait_for(lambda: has_genesis(port), "thor")
        first = ask(f"http://127.0.0.1:{port}/blocks/0")
        assert isinstance(first, dict)
        yield Node(port=port, genesis=first["id"], process=process)


def has_genesis(port: int) -> bool:
    """Whether a VeChainThor node answers there."""
    try:
        ask(f"http://127.0.0.1:{port}/blocks/0")
    except OSError:
        time.sleep(0.1)
        return False
    return True


@pytest.fixture(scope="session")
def anvil() -> Iterator[Anvil]:
    """Anvil for the whole run; each worker process has its own. Tests use keys of their own on it."""
    with running_anvil() as node:
        yield node


@pytest.fixture(scope="session")
def solo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """Thor solo for the whole run; each worker process has its own."""
    with running_solo(tmp_path_factory.mktemp("solo")) as node:
        yield node
