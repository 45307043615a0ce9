"""A VeChainThor network of the tests' own: three validators and two plain nodes, each in a network namespace.

All hang on bridges of one more namespace; which nodes share a bridge says who can talk to whom, so that the network can
be parted and joined. Addresses exist inside the namespaces only. Root alone may make namespaces.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import coincurve

from tagserver.chain.secp256k1 import address_of
from tests.chains import Node, ask, has_genesis, require_thor, stopped_at_the_end
from tests.parts import require_part
from tests.ports import wait_for
from tests.proxy import proxied

VALIDATORS = ("north", "east", "south")
PLAIN = ("ours", "theirs")
"""Nodes that validate nothing: the one that we ask, and somebody else's."""

NAMES = (*VALIDATORS, *PLAIN)

BLOCK_SECONDS = 2
"""The shortest that this version takes."""

EPOCH_BLOCKS = 6
"""A few, so that finality comes soon; fewer would often lack a block of one of the three, and all have to vote."""

FORKS = ("VIP191", "ETH_CONST", "BLOCKLIST", "ETH_IST", "VIP214", "FINALITY", "GALACTICA")
NEVER = 2**32 - 1
RICH_KEY = sha256(b"the account that pays for anchors in tests").digest()
CLONE_NEWNET = 0x4000_0000
"""setns(2): a network namespace."""

API_PORT = 8669
PEER_PORT = 11_235


@dataclass(kw_only=True)
class Validators:
    """The running network; its nodes by name."""

    folder: Path
    hub: str
    stack: ExitStack
    nodes: dict[str, Node] = field(default_factory=dict)

    def part(self, *groups: tuple[str, ...]) -> None:
        """Let only those of one group hear each other."""
        for number, group in enumerate(groups):
            for name in group:
                _ip("-n", self.hub, "link", "set", name, "master", f"bridge{number}")

    def restart(self, name: str) -> None:
        """A node that begins anew asks its peers at once what it missed; one that runs takes half a minute."""
        node = self.nodes[name]
        node.process.terminate()
        node.process.wait(30)
        node.process = self.start(name)

    def start(self, name: str) -> subprocess.Popen[bytes]:
        """Thor in its namespace."""
        own = self.folder / name
        command = ["ip", "netns", "exec", _named(name), str(require_thor())]
        command += ["--network", str(self.folder / "genesis.json")]
        command += ["--config-dir", str(own), "--data-dir", str(own), "--cache", "128"]
        command += ["--api-addr", f"127.0.0.1:{API_PORT}", "--api-enable-txpool"]
        command += ["--bootnode", _PEERS, "--p2p-port", str(PEER_PORT), "--nat", "none"]
        with (own / "log").open("ab") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd=own)
        self.stack.enter_context(stopped_at_the_end(process))
        return process

    def block(self, name: str, revision: int | str) -> dict[str, object]:
        """A block as this node has it."""
        found = ask(f"{self.nodes[name].url}/blocks/{revision}")
        assert isinstance(found, dict), found
        return found


def require_namespaces() -> None:
    """Root and iproute2. Without them the running test skips, or fails under REQUIRE_ALL=1."""
    require_part(shutil.which("ip") is not None, "iproute2", "apt-get install iproute2")
    probe = subprocess.run(["ip", "netns", "add", f"probe{os.getpid()}"], capture_output=True, check=False)
    if probe.returncode == 0:
        _ip("netns", "delete", f"probe{os.getpid()}")
    why = probe.stderr.decode("utf-8", "replace").strip()
    require_part(
        probe.returncode == 0, f"network namespaces ({why})", "run as root, where namespaces are allowed"
    )


@contextmanager
def running_validators(folder: Path) -> Iterator[Validators]:
    """All five nodes, connected. Every namespace is gone at the end, whatever happens."""
    require_namespaces()
    (folder / "genesis.json").write_text(json.dumps(_genesis()))
    with ExitStack() as stack:
        network = Validators(folder=folder, hub=_named("hub"), stack=stack)
        _namespace(stack, network.hub)
        for number in range(len(VALIDATORS)):
            _ip("-n", network.hub, "link", "add", f"bridge{number}", "type", "bridge")
            _ip("-n", network.hub, "link", "set", f"bridge{number}", "up")
        for name in NAMES:
            _attach(stack, network.hub, name)
        network.part(NAMES)
        for name in NAMES:
            network.nodes[name] = _node(network, name)
        yield network


def _node(network: Validators, name: str) -> Node:
    """A node that answers. The way in is a proxy on this side, whose requests enter the namespace."""
    own = network.folder / name
    own.mkdir()
    (own / "master.key").write_text(_key(name, "master").hex())
    (own / "p2p.key").write_text(_key(name, "peer").hex())
    way_in = network.stack.enter_context(proxied(API_PORT))
    way_in.enter = lambda: _enter(_named(name))
    process = network.start(name)
    wait_for(lambda: has_genesis(way_in.port), f"thor {name}")
    first = ask(f"{way_in.url}/blocks/0")
    assert isinstance(first, dict)
    return Node(port=way_in.port, genesis=first["id"], process=process)


def _attach(stack: ExitStack, hub: str, name: str) -> None:
    """A namespace with one cable to the hub."""
    namespace = _named(name)
    _namespace(stack, namespace)
    _ip("-n", hub, "link", "add", name, "type", "veth", "peer", "name", "cable", "netns", namespace)
    _ip("-n", hub, "link", "set", name, "up")
    _ip("-n", namespace, "address", "add", f"{_address(name)}/24", "dev", "cable")
    _ip("-n", namespace, "link", "set", "cable", "up")


def _namespace(stack: ExitStack, name: str) -> None:
    _ip("netns", "add", name)
    stack.callback(_ip, "netns", "delete", name)
    _ip("-n", name, "link", "set", "lo", "up")


def _named(name: str) -> str:
    return f"tag{os.getpid()}{name}"


def _address(name: str) -> str:
    return f"10.77.0.{NAMES.index(name) + 1}"


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, timeout=30)


def _enter(namespace: str) -> None:
    """Only the calling thread: sockets that it opens from now on are in that namespace."""
    with Path("/run/netns", namespace).open("rb") as file:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.setns(file.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"cannot enter {namespace}")


def _key(name: str, use: str) -> bytes:
    return sha256(f"{name} {use}".encode()).digest()


def _peer(name: str) -> str:
    return coincurve.PublicKey.from_secret(_key(name, "peer")).format(compressed=False)[1:].hex()


def _account(key: bytes) -> str:
    return f"0x{address_of(coincurve.PublicKey.from_secret(key).format(compressed=False)).hex()}"


def _genesis() -> dict[str, object]:
    """All forks but the last from the start: proof of authority, dynamic fees, finality by votes."""
    rich = _account(RICH_KEY)
    return {
        "launchTime": int(time.time()) - BLOCK_SECONDS,
        "gaslimit": 10_000_000,
        "extraData": "origintag tests",
        "accounts": [{"address": rich, "balance": 10**26, "energy": 10**26}],
        "authority": [
            {
                "masterAddress": _account(_key(name, "master")),
                "endorsorAddress": rich,
                "identity": f"0x{sha256(name.encode()).hexdigest()}",
            }
            for name in VALIDATORS
        ],
        "params": {"maxBlockProposers": len(VALIDATORS), "proposerEndorsement": 10**24},
        "executor": {"approvers": []},
        "forkConfig": {**dict.fromkeys(FORKS, 0), "HAYABUSA": NEVER},
        "config": {"blockInterval": BLOCK_SECONDS, "epochLength": EPOCH_BLOCKS},
    }


_PEERS = ",".join(f"enode://{_peer(name)}@{_address(name)}:{PEER_PORT}" for name in NAMES)
