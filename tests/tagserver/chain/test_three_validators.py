"""Anchoring on a VeChainThor network of three validators: real finality, and a real reorganisation after a partition.

`thor solo` can show neither. It takes some two minutes, nearly all of them waiting for blocks.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from tagserver.keystore.chain_key import OpenedChainKey
from tagserver.ports import KeyId, Store
from tagserver.ports.anchors import AnchorState, Block
from tests.ports import wait_for
from tests.tagserver.chain.cast import Office, vechain
from tests.validators import EPOCH_BLOCKS, RICH_KEY, Validators, running_validators

MOST_SECONDS = 240
"""Finality takes chance: each of three epochs has to hold a block of every validator."""

PAYER = OpenedChainKey(KeyId("rich"), RICH_KEY)


def run_as_root() -> None:
    """Namespaces are root's: somebody who may become root without a password runs this file so."""
    sudo = ["sudo", "--non-interactive"]
    if shutil.which("sudo") is None or subprocess.run([*sudo, "true"], check=False).returncode:
        return
    command = ["env", f"REQUIRE_ALL={os.environ.get('REQUIRE_ALL', '')}", sys.executable, "-m", "pytest"]
    done = subprocess.run([*sudo, *command, "-q", "-p", "no:cacheprovider", __file__], check=False)
    assert done.returncode == 0
    pytest.skip("it passed as root, in a process of its own")


def await_state(office: Office, size: int, state: AnchorState) -> None:
    """Take turns until the anchor is in `state`."""

    def reached() -> bool:
        office.run()
        time.sleep(0.2)
        return office.anchor(size).state is state

    wait_for(reached, f"{state} of {size}", seconds=MOST_SECONDS)


def block_of(office: Office, size: int) -> Block:
    seen = office.anchor(size).observation
    assert seen is not None
    assert seen.block is not None
    return seen.block


def check_reorganisation(office: Office, network: Validators) -> None:
    """The block with the anchor loses against the better branch, and the anchor comes into that one.

    An epoch in which all three made a block outweighs any score. So the network is parted where one begins: else the
    side of one validator could have the blocks of the two others from before, and win.
    """
    wait_for(
        lambda: number_of(network, "ours", "number") % EPOCH_BLOCKS == EPOCH_BLOCKS - 1, "an epoch's end"
    )
    network.part(("north", "east", "theirs"), ("south", "ours"))
    office.log.grow(2)
    await_state(office, 2, AnchorState.INCLUDED)
    lost = block_of(office, 2)
    assert network.block("ours", lost.id)["signer"] == network.block("south", "best")["signer"]
    assert not has_block(network, "theirs", lost)
    wait_for(lambda: score(network, "theirs") > score(network, "ours"), "a better branch")

    # Our node hears of the other branch, and of nobody who makes blocks: what it said before is taken back.
    network.part(("north", "east"), ("south",), ("ours", "theirs"))
    network.restart("ours")
    await_state(office, 2, AnchorState.SUBMITTED)
    assert not network.block("ours", lost.id)["isTrunk"]

    # It hears of both at once, and may be for a moment on the lesser.
    network.part(tuple(network.nodes))

    def is_in_the_better_branch() -> bool:
        office.run()
        time.sleep(0.2)
        is_included = office.anchor(2).state is AnchorState.INCLUDED
        return is_included and block_of(office, 2).id != lost.id

    wait_for(is_in_the_better_branch, "the anchor in the better branch", seconds=MOST_SECONDS)
    assert len(office.anchor(2).attempts) == 1  # the same bytes all the way


def check_finality(office: Office, network: Validators) -> None:
    """An anchor is final when all nodes have the same block and call it so."""
    for size in (1, 2):
        assert not office.anchoring.confirm(office.anchor(size)).is_final
    for size in (1, 2):
        await_state(office, size, AnchorState.FINALIZED)
        assert office.anchoring.confirm(office.anchor(size)).is_final
        block = block_of(office, size)
        for name in network.nodes:
            wait_for(partial(is_final, network, name, block), f"finality at {name}")


def is_final(network: Validators, name: str, block: Block) -> bool:
    found = network.block(name, block.number)
    return (found["id"], found["isFinalized"]) == (block.id, True)


def has_block(network: Validators, name: str, block: Block) -> bool:
    if number_of(network, name, "number") < block.number:
        return False
    return network.block(name, block.number)["id"] == block.id


def score(network: Validators, name: str) -> int:
    """Of two branches the one of the higher score wins: the sum of how many validators were at work."""
    return number_of(network, name, "totalScore")


def number_of(network: Validators, name: str, member: str) -> int:
    found = network.block(name, "best")[member]
    assert isinstance(found, int)
    return found


@pytest.mark.slow
def test_finality_and_a_reorganisation_after_a_partition(store: Store, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        run_as_root()
    with running_validators(tmp_path) as network:
        node = network.nodes["ours"]
        office = Office(store=store, backends=(vechain(node, key=PAYER),))
        office.log.grow(1)
        await_state(office, 1, AnchorState.INCLUDED)
        check_reorganisation(office, network)
        check_finality(office, network)
